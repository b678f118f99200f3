/** The text at the top of the reference. */

export const ABOUT = `The JSON API of this server: everything that can be managed, and who may manage it.
OAuth, OpenID Connect and SAML endpoints describe themselves in \`/oidc/.well-known/openid-configuration\` and in SAML metadata.

### Authentication

Every operation takes a bearer token. A client gets its own with \`client_credentials\`:

\`\`\`
curl -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials $PUBLIC_URL/oidc/token
curl -H "Authorization: Bearer $ACCESS_TOKEN" $PUBLIC_URL/v1/applications
\`\`\`

A client of a management application reaches the whole tenant, any other client its own application, a user's token that user.
A client that has roles may do what their permissions say; each operation names the permissions of which one is enough.

### Errors

\`{ "message", "error_code" }\`. At 400 \`message\` is a list with one entry for one problem, and unknown members are refused by name.
401: no valid token. 403: another kind of token, or a missing permission. 404: not there, or out of the token's reach.
409: a value is taken (\`ts_error_code\`) or the object is in use. A request that is answered with an error has changed nothing.

### Changes

PUT changes the members that are in the body and leaves the others; a member that is an object or a list is replaced as a whole.
Reading one object gives its version as \`ETag\`. Sent back as \`If-Match\` with PUT or DELETE, it makes sure that nothing is
overwritten unseen: 412 if the object has changed meanwhile.

### Lists

The order of a list is stable. Long lists come in pages, see \`page_offset\` and \`page_limit\` at the operations that have them.
`;
