/** The door for reset tokens (tokens-and-sessions.md 1): a JWT that lets its bearer set one new password, and nothing else. */
import { createHmac } from 'node:crypto';
import { createLocalJWKSet, errors, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import type { AppId, ClientId, TenantId, UserId } from '../../base/ids.ts';
import { newId, type Secret, sameHash } from '../../base/secrets.ts';
import { type Factor, isFactor } from '../../factors/factor.ts';
import type { EphemeralStore } from '../../storage/ephemeral-store.ts';
import type { ProvedContact } from '../../users/proved-contact.ts';
import type { User } from '../../users/user.ts';
import type { UserStore } from '../../users/user-store.ts';
import { publicPart } from '../verified-token.ts';

/** Who has proved what, to whom. */
export interface ResetProof {
  readonly userId: UserId;
  /** Application and client that asked; the password itself belongs to the tenant. */
  readonly appId: AppId;
  readonly clientId: ClientId;
  readonly factors: readonly Factor[];
}
export interface ResetToken extends ResetProof {
  readonly jti: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** The hash that the token may replace; absent where the user has no password. */
  readonly passwordHash?: string;
  /** The user's contacts that the factors have proved. */
  readonly proved: readonly ProvedContact[];
}

export interface ResetTokens {
  issue(proof: ResetProof, minutes: number): Promise<string>;
  /**
   * Undefined for anything but a living token of ours: a token of another kind or tenant, or one from before the last
   * change of the password or of an address by which it was got. Reading uses nothing up.
   */
  read(token: string): Promise<ResetToken | undefined>;
  /** True for exactly one of any number of callers, on all nodes. */
  use(token: Pick<ResetToken, 'jti' | 'expiresAt'>): Promise<boolean>;
}

interface Parts {
  readonly issuer: string;
  readonly tenantId: TenantId;
  /** The tenant's own private keys, the signing ones first. Keys of applications vouch for no password. */
  keys(): Promise<readonly JWK[]>;
  readonly ephemeral: Pick<EphemeralStore, 'putIfAbsent'>;
  readonly users: Pick<UserStore, 'find' | 'findPasswordHash'>;
  /** Keys what the token says about the present password and addresses: its bearer must not be able to test guesses with it. */
  readonly secret: Secret;
}

/** RFC 8725 3.11: no token of one kind passes for another. */
const TYPE = 'reset+jwt';
/** Short enough for a link. */
const ALG = 'ES256';
const REQUIRED = ['jti', 'sub', 'iat', 'exp', 'tid', 'app_id', 'client_id', 'amr', 'pwd'];

/** The contacts to which links and codes of these factors go. */
function provedBy({ email, phoneNumber }: User, factors: readonly Factor[]): ProvedContact[] {
  const byMail = factors.includes('eml') || factors.includes('eotp');
  return [
    ...(byMail && email !== undefined ? [{ email }] : []),
    ...(factors.includes('sms') && phoneNumber !== undefined ? [{ phoneNumber }] : []),
  ];
}

export function resetTokens({ issuer, tenantId, keys, ephemeral, users, secret }: Parts): ResetTokens {
  const audience = `${new URL(issuer).origin}/v1/auth/password/reset`;
  const stateOf = async (userId: UserId, factors: readonly Factor[]) => {
    const user = await users.find(tenantId, userId);
    const passwordHash = await users.findPasswordHash(tenantId, userId);
    const proved = user ? provedBy(user, factors) : [];
    const fingerprint = createHmac('sha256', secret.reveal())
      .update(JSON.stringify([userId, passwordHash ?? '', proved]))
      .digest('base64url');
    return { passwordHash, proved, fingerprint };
  };
  const claimsOf = async (token: string): Promise<Record<string, unknown> | undefined> => {
    const set = createLocalJWKSet({ keys: (await keys()).map(publicPart) });
    try {
      const rules = { issuer, audience, typ: TYPE, algorithms: [ALG], requiredClaims: REQUIRED };
      return (await jwtVerify(token, set, rules)).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
  return {
    async issue({ userId, appId, clientId, factors }, minutes) {
      const key = (await keys()).find(({ alg }) => alg === ALG);
      if (!key) throw new Error(`the tenant has no ${ALG} key`);
      const { fingerprint: pwd } = await stateOf(userId, factors);
      const claims = { tid: tenantId, app_id: appId, client_id: clientId, amr: factors };
      return new SignJWT({ ...claims, pwd })
        .setProtectedHeader({ alg: ALG, typ: TYPE, ...(key.kid !== undefined && { kid: key.kid }) })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setJti(newId())
        .setIssuedAt()
        .setExpirationTime(`${minutes} minutes`)
        .sign(await importJWK(key, ALG));
    },
    async read(token) {
      const claims = await claimsOf(token);
      if (claims?.tid !== tenantId) return undefined;
      const userId = claims.sub as UserId;
      const factors = (claims.amr as string[]).filter(isFactor);
      const { passwordHash, proved, fingerprint } = await stateOf(userId, factors);
      if (!sameHash(String(claims.pwd), fingerprint)) return undefined;
      return {
        userId,
        appId: claims.app_id as AppId,
        clientId: claims.client_id as ClientId,
        factors,
        proved,
        jti: String(claims.jti),
        expiresAt: Number(claims.exp),
        ...(passwordHash !== undefined && { passwordHash }),
      };
    },
    use({ jti, expiresAt }) {
      const ttlSeconds = Math.max(1, expiresAt - Math.floor(Date.now() / 1000)) + 1;
      return ephemeral.putIfAbsent({ tenantId, kind: 'UsedResetToken', key: jti }, {}, { ttlSeconds });
    },
  };
}
