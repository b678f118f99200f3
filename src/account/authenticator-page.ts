/** The authenticator app: add it by a QR code, confirm it by its first code, remove it, and its recovery codes. */
import type { Application } from '../applications/application.ts';
import { HOUSE_APP_ID } from '../base/house.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import type { FactorOwner, TotpService } from '../factors/totp-service.ts';
import { hasTotpSettings } from '../factors/totp-settings.ts';
import { type Html, html } from '../http/html.ts';
import { qrCode } from '../http/qr-code.ts';
import { fill } from '../texts/language.ts';
import { field, form, moment, problems } from './form-parts.ts';
import { type AccountPage, type Faults, faulty, type Outcome, type View, type Visit } from './visit.ts';

interface Parts {
  readonly totp: TotpService;
  readonly applications: { find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> };
  /** Word of the change to the user's address. */
  readonly tell: (visit: Visit, what: 'authenticatorAdded' | 'authenticatorRemoved') => Promise<void>;
}

const PATH = '/account/authenticator';

export function authenticatorPage(parts: Parts): AccountPage {
  const steps = new AuthenticatorSteps(parts);
  return {
    path: PATH,
    recent: 'to_change',
    // Without an app there is no code to ask for: whoever has a passkey alone proves that one.
    hasOwnProof: async ({ tenantId, userId }) => (await parts.totp.list({ tenantId, userId })).length > 0,
    show: (visit, faults) => steps.show(visit, faults),
    submit: (visit, fields) => steps.submit(visit, fields),
  };
}

type Fields = ReadonlyMap<string, string>;

class AuthenticatorSteps {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async show(visit: Visit, faults?: Faults): Promise<View> {
    const begun = faults && begunEnrolment(faults);
    if (begun) return enrolment(visit, begun, faults);
    const { t } = visit;
    const { owner, isOffered } = await this.#place(visit);
    const apps = await this.#parts.totp.list(owner);
    const left = await this.#parts.totp.countRecoveryCodes(owner);
    return {
      title: t.pages.authenticator,
      body: html`<p>${t.authenticatorMeaning}</p>${problems(faults)}
${apps.length === 0 ? html`<p>${t.noAuthenticator}</p>` : html`<ul class="things">${apps.map((one) => this.#item(visit, one))}</ul>`}
${apps.length > 0 && this.#recovery(visit, left)}
${apps.length === 0 && (isOffered ? form(visit, PATH, { verb: 'start', button: t.addAuthenticator }) : html`<p>${t.authenticatorNotOffered}</p>`)}`,
    };
  }

  #item(visit: Visit, { totpId, createdAt }: { totpId: string; createdAt: Date }): Html {
    const { t, language } = visit;
    return html`<li><p><strong>${t.pages.authenticator}</strong> <span class="soft">${t.addedAt} ${moment(language, createdAt)}</span></p>
${form(visit, PATH, {
  verb: 'remove',
  button: t.remove,
  quiet: true,
  about: t.pages.authenticator,
  hidden: { totp_id: totpId },
  body: proofField(visit, `remove-${totpId}`),
})}</li>`;
  }

  #recovery(visit: Visit, left: number): Html {
    const { t } = visit;
    return html`<h2>${t.recoveryCodes}</h2><p>${fill(t.recoveryCodesLeft, { count: left })}</p>
${form(visit, PATH, { verb: 'regenerate', button: t.newRecoveryCodes, quiet: true, body: proofField(visit, 'regenerate') })}`;
  }

  async submit(visit: Visit, fields: Fields): Promise<Outcome> {
    const { owner } = await this.#place(visit);
    switch (fields.get('do')) {
      case 'start':
        return this.#start(visit, owner, fields);
      case 'confirm':
        return this.#confirm(visit, owner, fields);
      case 'remove':
        return this.#proved(owner, visit, fields, async () => {
          await this.#parts.totp.remove(owner, fields.get('totp_id') ?? '');
          await this.#parts.tell(visit, 'authenticatorRemoved');
          return { done: 'removed' };
        });
      case 'regenerate':
        return this.#proved(owner, visit, fields, async () => ({
          view: codesView(visit, await this.#parts.totp.regenerateRecoveryCodes(owner)),
        }));
      default:
        return faulty(visit.t.badText);
    }
  }

  async #start(visit: Visit, owner: FactorOwner, fields: Fields): Promise<Outcome> {
    const begin = async (): Promise<Outcome> => ({
      view: await enrolment(visit, await this.#parts.totp.start(owner)),
    });
    const apps = await this.#parts.totp.list(owner);
    return apps.length === 0 ? begin() : this.#proved(owner, visit, fields, begin);
  }

  async #confirm(visit: Visit, owner: FactorOwner, fields: Fields): Promise<Outcome> {
    const { recoveryCodes } = await this.#parts.totp.confirm(
      owner,
      fields.get('totp_id') ?? '',
      fields.get('code') ?? '',
    );
    await this.#parts.tell(visit, 'authenticatorAdded');
    return recoveryCodes ? { view: codesView(visit, recoveryCodes) } : { done: 'added' };
  }

  /** Who has the password alone must not be able to take the second factor away: it is shown once more. */
  async #proved(
    owner: FactorOwner,
    { t }: Visit,
    fields: Fields,
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const proof = (fields.get('proof') ?? '').trim();
    if (proof === '') return faulty(t.proofMissing);
    await (/^[\d\s]+$/.test(proof)
      ? this.#parts.totp.verify(owner, proof)
      : this.#parts.totp.verifyRecoveryCode(owner, proof));
    return work();
  }

  /** The settings of the oldest application that has some for the method count. */
  async #place({
    tenantId,
    userId,
    memberships,
  }: Visit): Promise<{ owner: FactorOwner; isOffered: boolean }> {
    for (const { appId } of memberships) {
      const application = await this.#parts.applications.find(tenantId, appId);
      if (application && hasTotpSettings(application))
        return { owner: { tenantId, userId, appId }, isOffered: true };
    }
    return { owner: { tenantId, userId, appId: HOUSE_APP_ID }, isOffered: false };
  }
}

const proofField = ({ t }: Visit, form: string): Html =>
  field(form, {
    name: 'proof',
    label: t.proof,
    autocomplete: 'one-time-code',
    required: true,
    max: 40,
    hint: t.proofHint,
  });

/** What came back with a wrong code. It is the person's own, and shown to nobody else; a QR code has its limits. */
function begunEnrolment({ fields }: Faults): { totpId: string; uri: string } | undefined {
  const [uri = '', totpId = ''] = [fields.get('uri'), fields.get('totp_id')];
  const isOurs = fields.get('do') === 'confirm' && /^otpauth:\/\/totp\/[!-~]{1,900}$/.test(uri);
  return isOurs ? { totpId, uri } : undefined;
}

async function enrolment(
  visit: Visit,
  { totpId, uri }: { totpId: string; uri: string },
  faults?: Faults,
): Promise<View> {
  const { t } = visit;
  const secret = URL.parse(uri)?.searchParams.get('secret') ?? '';
  return {
    title: t.addAuthenticator,
    body: html`<ol><li>${t.scan}</li><li>${t.typeFirstCode}</li></ol>${problems(faults)}
${await qrCode(uri, t.qrLabel)}
<p>${t.secretInstead} <code id="totp-secret">${secret}</code></p>
${form(visit, PATH, {
  verb: 'confirm',
  button: t.confirm,
  hidden: { totp_id: totpId, uri },
  body: field('confirm', {
    name: 'code',
    label: t.code,
    autocomplete: 'one-time-code',
    required: true,
    numeric: true,
    max: 12,
  }),
})}
<p class="no-print"><a href="${PATH}">${t.cancel}</a></p>`,
  };
}

/** Shown once, made to be printed. */
const codesView = ({ t }: Visit, codes: readonly string[]): View => ({
  title: t.recoveryCodes,
  body: html`<p>${t.recoveryCodesMeaning}</p>
<ul class="codes" id="recovery-codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>
<p class="no-print"><a href="${PATH}">${t.codesKept}</a></p>`,
});
