/** Our OpenAPI document: complete, valid, and in agreement with the published one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { DEVIATIONS } from '../contracts/openapi-deviations.ts';
import { documentedRows, ownDocument } from '../support/documented.ts';
import { type Document, differences } from '../support/openapi-agreement.ts';

const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'contracts', 'openapi.json'), 'utf8'),
) as Document;
const ours = ownDocument as unknown as Document;
/** Anybody may call these (authentication.md 5, 8, 9; oidc.md 5.1). */
const OPEN = [
  'POST /v1/auth-session/attach-device',
  'POST /v1/auth-session/detach-device',
  'POST /v1/auth-session/start-restricted',
  'POST /v1/auth-session/status',
  'POST /v1/auth/password/login',
  'POST /v1/auth/password/reset',
  'POST /v1/auth/sso/saml/complete',
  'GET /v1/verification/links/email/visit',
  'POST /v1/auth/webauthn/authenticate/start',
  'POST /v1/auth/webauthn/register/start',
  'GET /v1/auth/webauthn/cross-device/status',
  'POST /v1/auth/webauthn/cross-device/attach-device',
  'POST /v1/auth/webauthn/cross-device/authenticate/init',
  'POST /v1/auth/webauthn/cross-device/authenticate/start',
  'POST /v1/auth/webauthn/cross-device/register/start',
  'POST /v1/token',
];
const undescribed = documentedRows.filter((row) => row.operation === undefined);
const operations = Object.entries(ownDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
  ),
);

/** Rows whose nouns have no `operation` yet. Nothing is to be added here. */
const NOT_YET_DESCRIBED: readonly string[] = [];

describe('the OpenAPI document', () => {
  it('describes every row of the management API', () => {
    expect(undescribed.map(({ method, path }) => `${method.toUpperCase()} ${path}`)).toEqual(
      NOT_YET_DESCRIBED,
    );
    expect(operations.length).toBe(documentedRows.length - undescribed.length);
  });

  it('has an id of its own for every operation', () => {
    const ids = operations.map(([, operation]) => operation.operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it('names the body of every write that takes one and the parameters of every query', () => {
    for (const { method, path, operation } of documentedRows) {
      if (!operation) continue;
      const { query, answer } = operation as { query?: object; answer?: object };
      const written = ownDocument.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method] as {
        parameters: { in: string }[];
        responses: Record<string, { content?: object }>;
      };
      const status = Object.keys(written.responses).find((code) => /^[23]/.test(code));
      expect([path, written.parameters.some((parameter) => parameter.in === 'query')]).toEqual([
        path,
        !!query,
      ]);
      expect([path, written.responses[status ?? '']?.content !== undefined]).toEqual([path, !!answer]);
      expect([path, answer !== undefined || ['202', '204', '302'].includes(status ?? '')]).toEqual([
        path,
        true,
      ]);
    }
  });

  it('holds JSON Schemas 2020-12 that compile, all references included (OpenAPI 3.1.1, 4.8.24)', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    formats.default(ajv as never);
    ajv.addVocabulary(['components']);
    ajv.addSchema({ $id: 'ours', components: ownDocument.components as object });
    const names = Object.keys(ownDocument.components.schemas);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
      const validate = ajv.compile({ $ref: `ours#/components/schemas/${name}` });
      expect(typeof validate).toBe('function');
    }
    const at = (pointer: string) =>
      pointer
        .slice(2)
        .split('/')
        .reduce<unknown>(
          (value, part) => (value as Record<string, unknown> | undefined)?.[part],
          ownDocument,
        );
    const references = [...JSON.stringify(ownDocument).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, to = '']) => to,
    );
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((to) => !to.startsWith('#/components/') || at(to) === undefined)).toEqual([]);
  });

  it('says every security scheme, permission and error that a row has (D15, C1)', () => {
    for (const [name, operation] of operations) {
      const { security, responses } = operation as { security: object[]; responses: Record<string, object> };
      const schemes = security.flatMap((one) => Object.keys(one));
      const isOpen = OPEN.includes(name);
      expect([name, schemes.length > 0]).toEqual([name, !isOpen]);
      expect(Object.keys(ownDocument.components.securitySchemes)).toEqual(expect.arrayContaining(schemes));
      expect(Object.keys(responses)).toEqual(
        expect.arrayContaining(isOpen ? ['403', '429'] : ['401', '403', '429']),
      );
      expect([name, '404' in responses]).toEqual([name, name.includes('{')]);
      expect([name, '400' in responses]).toEqual([
        name,
        'requestBody' in operation || JSON.stringify(operation).includes('"in":"query"'),
      ]);
    }
  });
});

describe('the agreement with the published document', () => {
  it('holds for every operation, apart from the deviations that are written down with a reason', () => {
    const deliberate = DEVIATIONS.flatMap(({ operations: ids, differences: sentences }) =>
      ids.flatMap((id) => sentences.map((sentence) => `${id}: ${sentence}`)),
    );
    const found = [...new Set(differences({ published, ours }, undescribed))];
    expect({
      notWrittenDown: found.filter((sentence) => !deliberate.includes(sentence)),
      noLongerTrue: deliberate.filter((sentence) => !found.includes(sentence)),
    }).toEqual({ notWrittenDown: [], noLongerTrue: [] });
  });

  it('gives a reason for each, once', () => {
    for (const { reason } of DEVIATIONS) expect(reason).toMatch(/^.{30,}\.$/);
    const all = DEVIATIONS.flatMap(({ operations: ids, differences: sentences }) =>
      ids.flatMap((id) => sentences.map((sentence) => `${id}: ${sentence}`)),
    );
    expect(all.filter((one, at) => all.indexOf(one) !== at)).toEqual([]);
  });
});
