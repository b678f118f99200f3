/** The layers, package owners and absence of circles of design/architecture.md, held against every import of src/. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { architectureFaults, type Sources } from './support/architecture.ts';

const SRC = join(import.meta.dirname, '..', 'src');

function readSources(): Sources {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(ts|tsx)$/.test(file),
  );
  return new Map(files.map((file) => [file.split(sep).join('/'), readFileSync(join(SRC, file), 'utf8')]));
}

const faultsOf = (sources: Record<string, string>): string[] =>
  architectureFaults(new Map(Object.entries(sources)));

describe('the house', () => {
  it('stands: every import of src/ keeps to the layers and owners, without circles', () => {
    const sources = readSources();
    expect(sources.size).toBeGreaterThan(10);
    expect(architectureFaults(sources)).toEqual([]);
  });
});

describe('the architecture check', () => {
  const broken: [string, string, string][] = [
    [
      'portal/x.ts',
      "import { y } from '../admin/y.ts';",
      'portal/x.ts imports admin/y.ts: faces do not import each other',
    ],
    [
      'login/x.ts',
      "import { p } from '../oidc/policies/pkce.ts';",
      'login/x.ts imports oidc/policies/pkce.ts: faces reach the engine through oidc/sessions/ and oidc/access-token.ts only',
    ],
    [
      'oidc/x.ts',
      "import type { Y } from '../login/y.ts';",
      'oidc/x.ts imports login/y.ts: the engine knows no face',
    ],
    [
      'users/x.ts',
      "export { y } from '../clients/client.ts';",
      'users/x.ts imports clients/client.ts: clients comes after users in the order of nouns',
    ],
    [
      'users/x.ts',
      "import '../oidc/account.ts';",
      'users/x.ts imports oidc/account.ts: nouns import ground and nouns only',
    ],
    [
      'http/x.ts',
      "import { User } from '../users/user.ts';",
      'http/x.ts imports users/user.ts: ground imports ground only',
    ],
    [
      'base/x.ts',
      "import { y } from '../http/y.ts';",
      'base/x.ts imports http/y.ts: base imports nothing but base',
    ],
    [
      'admin/x.ts',
      "import { createApp } from '../app.ts';",
      'admin/x.ts imports app.ts: the roof is never imported',
    ],
    [
      'things/x.ts',
      "import { y } from '../base/y.ts';",
      'things/x.ts imports base/y.ts: the folder things/ is in no layer',
    ],
    [
      'users/x.ts',
      "import type Koa from 'koa';",
      'users/x.ts imports koa: package koa belongs to faces, http/, oidc/ and app.ts',
    ],
    [
      'admin/x.ts',
      "import { sql } from 'kysely';",
      'admin/x.ts imports kysely: package kysely belongs to storage/, *-store.ts and oidc/adapter/',
    ],
    [
      'login/x.ts',
      "import * as oidc from 'oidc-provider/lib/errors.js';",
      'login/x.ts imports oidc-provider: package oidc-provider belongs to oidc/',
    ],
    [
      'users/x.ts',
      "const pg = await import('pg');",
      'users/x.ts imports pg: package pg belongs to storage/database.ts',
    ],
    [
      'admin/x.ts',
      "import {\n  a,\n  b,\n} from 'zod';",
      'admin/x.ts imports zod: package zod belongs to http/validate.ts, *-schema.ts and config/',
    ],
    [
      'config/x.ts',
      'export const port = process.env.PORT;',
      'config/x.ts reads process.env: only main.ts and cli/main.ts do',
    ],
    [
      'config/x.ts',
      "import { env } from 'node:process';",
      'config/x.ts reads process.env: only main.ts and cli/main.ts do',
    ],
  ];
  it.each(broken)('refuses in %s: %s', (file, text, sentence) => {
    expect(faultsOf({ [file]: text })).toEqual([sentence]);
  });

  it('names every file of a circle', () => {
    const circle = faultsOf({
      'users/a.ts': "import { b } from './b.ts';",
      'users/b.ts': "import { c } from './c.ts';",
      'users/c.ts': "import type { A } from './a.ts';",
    });
    expect(circle).toEqual(['users/a.ts -> users/b.ts -> users/c.ts -> users/a.ts: imports run in a circle']);
  });

  it('lets through what the plan allows, and imports that are only quoted in comments', () => {
    const allowed = faultsOf({
      'main.ts': "import { createApp } from './app.ts';\nconst env = process.env;",
      'app.ts': "import { routes } from './admin/routes.ts';\nimport Router from '@koa/router';",
      'admin/routes.ts':
        "import type Koa from 'koa';\nimport { a } from '../oidc/access-token.ts';\nimport { s } from '../oidc/sessions/interaction.ts';",
      'admin/client-schema.ts': "import { z } from 'zod';\nimport { Client } from '../clients/client.ts';",
      'clients/client-store.ts': "import { sql } from 'kysely';\nimport { User } from '../users/user.ts';",
      'oidc/keys.ts': "import { SignJWT } from 'jose';\nimport Provider from 'oidc-provider';",
      'users/x.ts':
        "/** import { y } from '../admin/y.ts'; */\n// import 'koa'; process.env\nexport const x = 1;",
    });
    expect(allowed).toEqual([]);
  });
});
