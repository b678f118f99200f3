/** Runs nginx as the proxy that ends TLS and hands the client's certificate over in a header. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nginxPath } from './engines.ts';
import type { ServerFiles } from './mutual-tls.ts';

/** For `describeWithNginx(...)`: skipped where there is no nginx (engines.ts says so). */
export const describeWithNginx = nginxPath ? describe : describe.skip;

interface Proxy {
  readonly port: number;
  readonly upstream: string;
  /** In which nginx passes `$ssl_client_escaped_cert`; what the caller sent under this name is replaced. */
  readonly header: string;
  readonly files: ServerFiles;
}

const configuration = ({ port, upstream, header, files }: Proxy, folder: string): string => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port} ssl;
    server_name localhost;
    ssl_certificate ${files.certFile};
    ssl_certificate_key ${files.keyFile};
    ssl_verify_client optional_no_ca;
    location / {
      proxy_pass ${upstream};
      proxy_set_header ${header} $ssl_client_escaped_cert;
      proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`;

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** @returns the way to end it. */
export async function startNginx(proxy: Proxy): Promise<() => Promise<void>> {
  const folder = join(proxy.files.folder, 'nginx');
  mkdirSync(folder);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(proxy, folder));
  const child = spawn(nginxPath ?? 'nginx', ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'close');
  for (const limit = Date.now() + 5000; !(await answers(proxy.port)); await pause(50))
    if (Date.now() > limit || child.exitCode !== null) throw new Error(`nginx does not answer: ${said}`);
  return async () => {
    child.kill('SIGTERM');
    await exited;
  };
}
