/** What a user approves by signing in: it comes back as a claim of the ID token (contract/authentication.md 1). */

type Claims = Readonly<Record<string, unknown>>;

/** The claims request with the data as `claims.id_token.approval_data`; what the caller put there itself gives way. */
export function withApprovalData(
  claims: Claims | undefined,
  approvalData: Claims | undefined,
): Claims | undefined {
  if (approvalData === undefined) return claims;
  return { ...claims, id_token: { ...(claims?.id_token as object), approval_data: approvalData } };
}
