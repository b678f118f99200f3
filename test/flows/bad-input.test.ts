/** Every public route of the running server under bad input: no 5xx, no hang, no look inside, no change. */
import fc from 'fast-check';
import {
  BROKEN_BODIES,
  CONFUSED_VALUES,
  CONTENT_TYPES,
  faultsOf,
  HOSTILE_TEXTS,
  type Probe,
  replyFault,
  send,
  sendRaw,
} from '../support/bad-input.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { bodyFieldsOf } from '../support/openapi.ts';
import { filled, managementRows } from '../support/routes.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof managementRows)[number];

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const RESOURCE_FIELDS = [
  'name',
  'uri',
  'description',
  'access_token_ttl',
  'refresh_token_ttl',
  'max_refresh_rotate',
  'signing_alg',
];
/** contract/oidc.md section 1, and what the engine serves beside it. */
const ENGINE: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/oidc/.well-known/openid-configuration'],
  ['GET', '/oidc/jwks'],
  ['GET', '/oidc/auth'],
  ['GET', '/oidc/auth/nobody'],
  ['POST', '/oidc/request'],
  ['POST', '/oidc/token'],
  ['POST', '/oidc/token/introspection'],
  ['POST', '/oidc/token/revocation'],
  ['GET', '/oidc/me'],
  ['POST', '/oidc/me'],
  ['POST', '/oidc/device/auth'],
  ['GET', '/oidc/device'],
  ['POST', '/oidc/device'],
  ['GET', '/oidc/device/nobody'],
  ['POST', '/oidc/backchannel'],
  ['GET', '/oidc/session/end'],
  ['POST', '/oidc/session/end'],
  ['POST', '/oidc/session/end/confirm'],
  ['GET', '/oidc/session/end/success'],
];
const OTHERS: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/login/nobody'],
  ['POST', '/login/nobody'],
  ['GET', '/'],
  ['GET', '/nowhere'],
  ['POST', '/v1/nowhere'],
  ['POST', '/auth/backchannel/complete'],
  ['GET', '/oidc'],
  ['GET', '/oidc/nowhere'],
  ['GET', '/v1/applications/a/b/c/d'],
];
const PARAMETERS = [
  'client_id',
  'client_secret',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'prompt',
  'max_age',
  'code_challenge',
  'code_challenge_method',
  'code_verifier',
  'code',
  'resource',
  'claims',
  'acr_values',
  'createNewUser',
  'login_hint',
  'custom_message',
  'ui_locales',
  'org_id',
  'request',
  'request_uri',
  'id_token_hint',
  'grant_type',
  'refresh_token',
  'token',
  'token_type_hint',
  'client_assertion',
  'client_assertion_type',
  'user_code',
  'device_code',
  'post_logout_redirect_uri',
  'logout',
  'xsrf',
  'identifier',
  'password',
];
const CLAIMS = [
  '{',
  'null',
  '[]',
  '{"id_token":[]}',
  '{"userinfo":{"__proto__":null}}',
  '{"id_token":{"a":{"values":7}}}',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'];

const PATIENCE_MS = 240_000;
/** Thousands of requests each: more patience than other tests have. */
const walk = (title: string, work: () => Promise<void>): void => it(title, work, PATIENCE_MS);

/** A share of a long list, for the time it takes; the numbers of values and places have no common divisor with it. */
const everyNth = <T>(items: readonly T[], step: number, start = 0): T[] =>
  items.filter((_, at) => at % step === start % step);

const fail = (path: string, status: number): never => {
  throw new Error(`${path} answered ${status} to the administrator`);
};

describe.each(policyStorages)('bad input at every public route ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let victim: Scene;
  let bearers: Record<'admin' | 'client' | 'user' | 'garbage' | 'none', Record<string, string>>;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { LOG_LEVEL: 'error' } });
    [scene, victim] = [await setScene(app), await setScene(app)];
    const tokens = await scene.rp.signIn(app, scene.person);
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    bearers = {
      admin: bearer(await adminToken(app)),
      client: bearer(await clientToken(app, scene)),
      user: bearer(tokens.access_token),
      garbage: bearer('gar.ba.ge'),
      none: {},
    };
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const ids: Readonly<Record<string, () => string>> = {
    appId: () => scene.appId,
    clientId: () => scene.clientId,
    resourceId: () => scene.resource.resourceId,
    user_id: () => scene.person.userId,
  };
  const real = (row: Row): string => filled(row.path, (name) => ids[name]?.() ?? 'nobody');
  const upper = (row: Row): string => row.method.toUpperCase();
  const writes = managementRows.filter(({ method }) => method === 'post' || method === 'put');
  const everyPath = (): [string, string][] => [
    ...managementRows.map((row): [string, string] => [upper(row), real(row)]),
    ...ENGINE.map(([method, path]): [string, string] => [method, path]),
    ...OTHERS.map(([method, path]): [string, string] => [method, path]),
  ];
  const bothPrefixes = (probe: Probe): Probe[] => [probe, { ...probe, path: `/cis${probe.path}` }];
  const fieldsOf = (row: Row): string[] =>
    row.path.startsWith('/v1/resources')
      ? RESOURCE_FIELDS
      : [
          ...bodyFieldsOf(row.method, real(row).replace(/^\/v1\/clients/, `/v1/applications/x/clients`)),
          'client_id',
        ];

  /** All that the walk could have changed, without the dates of writes that were allowed. */
  const everything = async (): Promise<string> => {
    const admin = api(app, bearers.admin.authorization?.slice('Bearer '.length));
    const bodies = [];
    for (const path of [
      '/v1/applications',
      `/v1/applications/${scene.appId}`,
      `/v1/applications/${scene.appId}/clients`,
      `/v1/applications/${scene.appId}/clients/${scene.clientId}/secrets`,
      '/v1/clients',
      '/v1/resources',
      '/v1/users?page_limit=5000',
    ])
      bodies.push(
        await admin.get(path).then(({ status, body }) => (status === 200 ? body : fail(path, status))),
      );
    return JSON.stringify(bodies, (key, value) => (key === 'updated_at' ? undefined : value), 1);
  };
  const expectClean = async (probes: Probe[]): Promise<void> => {
    expect(probes.length).toBeGreaterThan(0);
    const before = await everything();
    expect((await faultsOf(app, probes)).slice(0, 20)).toEqual([]);
    expect(await everything()).toBe(before);
  };
  /** A row's own token; DELETE would do what it is there for. */
  const rightful = (row: Row) => bearers[row.tokens.includes('admin') ? 'admin' : (row.tokens[0] ?? 'none')];

  walk(
    'at every route: broken bodies under every content type, with no, a garbage and a wrong token',
    async () => {
      await expectClean(
        everyPath()
          .filter(([method]) => method !== 'GET')
          .flatMap(([method, path]) =>
            BROKEN_BODIES.flatMap((body, at) => {
              const type = CONTENT_TYPES[at % CONTENT_TYPES.length] ?? '';
              const kinds = path.startsWith('/v1')
                ? (['none', 'garbage', 'user'] as const)
                : (['none'] as const);
              return kinds.map((kind) => ({
                method,
                path: at % 2 === 0 ? path : `/cis${path}`,
                headers: { ...bearers[kind], 'content-type': type },
                body,
              }));
            }),
          ),
      );
    },
  );

  walk('at the management API with the right token: broken bodies', async () => {
    // DELETE without an id would do what it is there for.
    const rows = managementRows.filter(({ method, path }) => method !== 'delete' || path.includes(':'));
    await expectClean(
      rows.flatMap((row) =>
        BROKEN_BODIES.flatMap((body, at) =>
          (row.method === 'get'
            ? []
            : [JSON_TYPE, { 'content-type': CONTENT_TYPES[at % CONTENT_TYPES.length] ?? '' }]
          ).map((type) => ({
            method: upper(row),
            // Generating a secret reads no body and would do what it is there for.
            path:
              row.path.endsWith('/secrets') || row.method === 'delete'
                ? filled(row.path, () => 'nobody')
                : real(row),
            headers: { ...rightful(row), ...type },
            body,
          })),
        ),
      ),
    );
  });

  walk(
    'at the management API with the right token: every field with every type it does not have',
    async () => {
      const confused = (row: Row): Probe[] =>
        fieldsOf(row).flatMap((field) =>
          CONFUSED_VALUES.map((value) => {
            const [name = '', member] = field.split('.');
            const content = member === undefined ? value : `{${JSON.stringify(member)}:${value}}`;
            const body = `{${JSON.stringify(name)}:${content},"no_such_field":1}`;
            return { method: upper(row), path: real(row), headers: { ...rightful(row), ...JSON_TYPE }, body };
          }),
        );
      const all = writes.filter(({ path }) => !path.endsWith('/secrets')).flatMap(confused);
      await expectClean(everyNth(all, 3));
    },
  );

  walk(
    'changes nothing when it refuses, and fails at nothing that it takes: single fields of one object',
    async () => {
      const headers = { ...bearers.admin, ...JSON_TYPE };
      for (const path of [
        `/v1/applications/${victim.appId}`,
        `/v1/applications/${victim.appId}/clients/${victim.clientId}`,
        `/v1/users/${victim.person.userId}`,
        `/v1/resources/${victim.resource.resourceId}`,
      ]) {
        const isResource = path.startsWith('/v1/resources');
        const seen = isResource ? '/v1/resources' : path;
        const read = () =>
          send(app, { method: 'GET', path: seen, headers: bearers.admin }).then(({ text }) => text);
        let known = await read();
        for (const field of isResource ? RESOURCE_FIELDS : bodyFieldsOf('PUT', path))
          for (const value of everyNth(CONFUSED_VALUES, 2, field.length)) {
            const [name = '', member] = field.split('.');
            const body = `{${JSON.stringify(name)}:${member === undefined ? value : `{${JSON.stringify(member)}:${value}}`}}`;
            const reply = await send(app, { method: 'PUT', path, headers, body });
            expect([path, body.slice(0, 200), replyFault(path, reply)]).toEqual([
              path,
              body.slice(0, 200),
              undefined,
            ]);
            const after = await read();
            if (reply.status >= 400 && after !== known)
              throw new Error(`${path} ${body.slice(0, 200)} was refused and changed`);
            known = after;
          }
      }
    },
  );

  walk(
    'in the path: hostile ids, broken percent-encoding, very long ids, with every kind of token',
    async () => {
      const values = [
        ...HOSTILE_TEXTS.map((text) => encodeURIComponent(text.toWellFormed())),
        '%',
        '%zz',
        '%ed%a0%80',
        '%00',
        '%c0%af',
        '..%2f..',
        'x'.repeat(7000),
        '%25',
        ';',
        'a:b@c',
      ];
      const probes = managementRows
        .filter(({ path }) => path.includes(':'))
        .flatMap((row) =>
          values.flatMap((value) =>
            [rightful(row), bearers.none, bearers.user].map((headers) => ({
              method: upper(row),
              path: filled(row.path, () => value || '%20'),
              headers: { ...headers, ...(row.method === 'get' || row.method === 'delete' ? {} : JSON_TYPE) },
              ...(row.method === 'get' || row.method === 'delete' ? {} : { body: '{"no_such_field":1}' }),
            })),
          ),
        );
      const others = values.flatMap((value) =>
        ['/login/', '/oidc/auth/', '/oidc/', '/', '/healthz/'].map((path) => ({
          method: 'GET',
          path: path + value,
        })),
      );
      await expectClean([
        ...probes.filter(({ path }) => !path.endsWith('/secrets')),
        ...others.flatMap(bothPrefixes),
      ]);
    },
  );

  walk('in the query: hostile values, repeated and bracketed names', async () => {
    const names = [
      'search',
      'page_offset',
      'page_limit',
      'search_prefix',
      'sort_field',
      'sort_order',
      'identifier_name',
      'identifier_value',
      'resourceUri',
    ];
    const values = [
      ...HOSTILE_TEXTS.map((text) => encodeURIComponent(text.toWellFormed())),
      '%zz',
      '%ed%a0%80',
      '%',
      '99999999999999999999',
      '-1',
      '1e3',
    ];
    const queries = names.flatMap((name) => [
      ...values.map((value) => `${name}=${value}`),
      `${name}=a&${name}=b`,
      `${name}[]=a`,
      `${name}[$gt]=`,
      `${name}`,
      '&&&===',
    ]);
    const paths = [
      '/v1/users',
      '/v1/users/count',
      '/v1/users/identifier',
      '/v1/resources/uri',
      '/v1/applications',
      '/readyz',
    ];
    await expectClean(
      paths.flatMap((path) =>
        queries.flatMap((query) =>
          bothPrefixes({ method: 'GET', path: `${path}?${query}`, headers: bearers.admin }),
        ),
      ),
    );
  });

  walk(
    'at the engine: hostile, repeated and missing parameters of every kind, in query and form, with and without credentials',
    async () => {
      const good: Record<string, string> = {
        client_id: scene.clientId,
        redirect_uri: REDIRECT_URI,
        response_type: 'code',
        scope: 'openid',
      };
      const pair = Buffer.from(`${scene.clientId}:${scene.clientSecret}`).toString('base64');
      const basic = { authorization: `Basic ${pair}` };
      const raw = [
        '%zz',
        '%ed%a0%80',
        '%00',
        '%',
        ...HOSTILE_TEXTS.map((text) => encodeURIComponent(text.toWellFormed())),
        ...CLAIMS.map(encodeURIComponent),
        'null',
        '[object Object]',
      ];
      const contents = PARAMETERS.flatMap((name) => {
        const rest = Object.entries(good)
          .filter(([key]) => key !== name)
          .map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
        return [
          ...raw.map((value) => [...rest, `${name}=${value}`].join('&')),
          [...rest, `${name}=a`, `${name}=b`].join('&'),
          [...rest, `${name}[a]=b`].join('&'),
          [...rest, `${name}[]=b`, name].join('&'),
        ];
      });
      const grants = [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
        '__proto__',
        'password',
      ];
      const html = { accept: 'text/html' };
      await expectClean(
        ENGINE.flatMap(([method, path], route) =>
          everyNth(contents, 4, route).flatMap((content, at): Probe[] => {
            const prefixed = (at + route) % 2 === 0 ? path : `/cis${path}`;
            if (method === 'GET')
              return [
                { method, path: `${prefixed}?${content}`, headers: at % 3 === 0 ? html : bearers.user },
              ];
            const grant = `grant_type=${encodeURIComponent(grants[at % grants.length] ?? '')}`;
            return [
              {
                method,
                path: prefixed,
                headers: { ...FORM_TYPE, ...(at % 2 === 0 ? basic : {}) },
                body: content.includes('grant_type') ? content : `${content}&${grant}&token=a`,
              },
            ];
          }),
        ),
      );
    },
  );

  walk(
    'in the headers: broken credentials, content types, lengths, cookies, forwarded addresses',
    async () => {
      const b64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');
      const headers: Record<string, string>[] = [
        ...[
          'Basic',
          'Basic ',
          'Basic ####',
          `Basic ${b64('a')}`,
          `Basic ${b64('%zz:%zz')}`,
          `Basic ${b64('a\0:\0')}`,
          `Basic ${b64('\xff:\xfe')}`,
          `Basic ${b64(':')}`,
          `Basic ${b64(`${scene.clientId}:`)}`,
          'Bearer',
          'Bearer a b',
          'Bearer a.b.c',
          `Bearer ${'a'.repeat(9000)}`,
          `Bearer ${b64('{}')}.${b64('{}')}.`,
          'DPoP x',
          'Digest x',
          '\xff',
        ].map((authorization) => ({ authorization })),
        ...CONTENT_TYPES.map((type) => ({ 'content-type': type })),
        { cookie: 'tessera_session=x; tessera_session.sig=y; tessera_interaction=%00; tessera_form=%' },
        { cookie: `=; ;;; ${'a=b;'.repeat(500)}` },
        {
          'x-forwarded-for': "' or 1=1",
          'x-forwarded-proto': 'javascript',
          'x-forwarded-host': 'evil.example.com',
        },
        { accept: 'x'.repeat(3000) },
        { accept: ';;;,/' },
        { 'accept-language': '*;q=9,\xff' },
        { 'content-encoding': 'gzip' },
        { origin: 'null', 'sec-fetch-site': 'cross-site' },
        { dpop: 'a.b.c' },
        { 'if-none-match': '"', range: 'bytes=-1', 'accept-encoding': 'br;q=x' },
      ];
      await expectClean(
        everyPath().flatMap(([method, path]) =>
          headers.flatMap((extra) =>
            bothPrefixes({
              method,
              path,
              headers: extra,
              ...(method === 'GET' ? {} : { body: 'grant_type=client_credentials' }),
            }),
          ),
        ),
      );
    },
  );

  walk('with every wrong method', async () => {
    const known = new Set(everyPath().map(([method, path]) => `${method} ${path}`));
    const paths = new Set(everyPath().map(([, path]) => path));
    await expectClean(
      [...paths].flatMap((path) =>
        METHODS.filter((method) => !known.has(`${method} ${path}`)).flatMap((method) =>
          bothPrefixes({ method, path, headers: bearers.admin }),
        ),
      ),
    );
  });

  walk(
    'below HTTP: requests that no client library would send get an answer of the same form, and the server lives',
    async () => {
      const host = 'Host: localhost\r\nConnection: close\r\n';
      const token = `Authorization: ${bearers.admin.authorization}\r\n`;
      const requests: [string, string][] = [
        ['/v1/users', `GET /v1/users HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(40_000)}\r\n\r\n`],
        ['/', `GET / HTTP/1.1\r\n${'X-Many: y\r\n'.repeat(3000)}${host}\r\n`],
        ['/x', `GET /${'x'.repeat(30_000)} HTTP/1.1\r\n${host}\r\n`],
        ['/x', `NONSENSE\r\n\r\n`],
        ['/x', `FOO /v1/users HTTP/1.1\r\n${host}\r\n`],
        ['/x', `GET /v1/us\x01ers HTTP/1.1\r\n${host}\r\n`],
        ['/x', `GET /v1/users HTTP/9.9\r\n${host}\r\n`],
        ['/v1/users', `GET /v1/users HTTP/1.1\r\nConnection: close\r\n\r\n`],
        ['/x', `GET http://evil.example.com/v1/users HTTP/1.1\r\n${host}\r\n`],
        ['/x', `GET //evil.example.com/v1/users HTTP/1.1\r\n${host}\r\n`],
        ['/x', `GET /v1/%zz/%ff HTTP/1.1\r\n${host}${token}\r\n`],
        ['/x', `OPTIONS * HTTP/1.1\r\n${host}\r\n`],
        ['/x', `TRACE /v1/users HTTP/1.1\r\n${host}\r\n`],
        ['/x', `CONNECT evil.example.com:443 HTTP/1.1\r\n${host}\r\n`],
        [
          '/v1/users',
          `POST /v1/users HTTP/1.1\r\n${host}${token}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
        ],
        [
          '/v1/users',
          `POST /v1/users HTTP/1.1\r\n${host}${token}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n`,
        ],
        [
          '/v1/users',
          `POST /v1/users HTTP/1.1\r\n${host}${token}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`,
        ],
        [
          '/v1/users',
          `POST /v1/users HTTP/1.1\r\n${host}${token}Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{`,
        ],
        [
          '/v1/users',
          `POST /v1/users HTTP/1.1\r\n${host}${token}Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n`,
        ],
        ['/oidc/x', `GET /oidc/me HTTP/1.1\r\n${host}Authorization: Bearer \xff\xfe\r\n\r\n`],
      ];
      for (const [path, request] of requests) {
        const reply = await sendRaw(app, Buffer.from(request, 'latin1'));
        // Nobody is connected anywhere: the runtime closes without a word.
        if (request.startsWith('CONNECT')) {
          expect(reply.status).toBe(0);
          continue;
        }
        // What the runtime refuses before the server sees it has a status and nothing else.
        if ([400, 417].includes(reply.status) && reply.type === '') continue;
        expect([request.slice(0, 80), reply.status, replyFault(path, reply)]).toEqual([
          request.slice(0, 80),
          reply.status,
          undefined,
        ]);
      }
      expect((await send(app, { method: 'GET', path: '/healthz' })).status).toBe(200);
    },
  );

  walk('stops reading a form without a length at its limit', async () => {
    for (const path of [
      '/oidc/token',
      '/oidc/token/introspection',
      '/oidc/token/revocation',
      '/oidc/request',
      '/login/nobody',
      '/v1/users',
    ]) {
      const type = path.startsWith('/v1') ? 'application/json' : 'application/x-www-form-urlencoded';
      const chunk = `8000\r\n${'a'.repeat(0x8000)}\r\n`;
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: ${bearers.admin.authorization}\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      // Two megabytes and no end: whoever waits for it does not answer in time.
      const reply = await sendRaw(app, head, { chunk, times: 64 });
      expect([path, reply.status >= 400 && reply.status < 500, replyFault(path, reply)]).toEqual([
        path,
        true,
        undefined,
      ]);
    }
  });

  walk('whatever fast-check comes up with', async () => {
    const rows = fc.constantFrom(...writes);
    const json = fc.json({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(rows, fc.infiniteStream(json), fc.nat(), async (row, values, pick) => {
        const fields = fieldsOf(row).filter((field) => !field.includes('.'));
        const chosen = [0, 1, 2].map((step) => fields[(pick + step * 7) % fields.length] ?? 'name');
        const body = `{${chosen.map((name) => `${JSON.stringify(name)}:${values.next().value}`).join(',')}}`;
        const path = filled(
          row.path,
          (name) =>
            ({ appId: victim.appId, clientId: victim.clientId, user_id: victim.person.userId })[name] ??
            victim.resource.resourceId,
        );
        const reply = await send(app, {
          method: upper(row),
          path,
          headers: { ...rightful(row), ...JSON_TYPE },
          body,
        });
        expect([upper(row), path, body, replyFault(path, reply)]).toEqual([
          upper(row),
          path,
          body,
          undefined,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  walk('leaves a server that logged no fault of its own', async () => {
    expect((await send(app, { method: 'GET', path: '/readyz' })).status).toBe(200);
    const faults = app
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && JSON.parse(line).level >= 50);
    expect(faults).toEqual([]);
  });
});
