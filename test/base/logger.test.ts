import { createLogger } from '../../src/base/logger.ts';

/** What a logger writes, line by line. */
function written(use: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  use(createLogger('trace', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

describe('the process logger', () => {
  it('keeps of a driver error its type, message, code and stack, and none of its parameters', () => {
    const error = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      detail: 'Key (email)=(hush@example.com) already exists.',
      params: ['hush-hush'],
      query: "insert into users values ('hush-hush')",
      command: { name: 'eval', args: ['hush-hush'] },
    });
    const outer = new Error('it did not work', { cause: error });
    const line = written((log) => log.error({ err: outer }, 'failed'));
    expect(line).not.toContain('hush');
    expect(JSON.parse(line).err).toMatchObject({
      type: 'Error',
      message: 'it did not work',
      cause: {
        reason: '23505',
        message: 'duplicate key value',
        stack: expect.stringContaining('logger.test'),
      },
    });
  });

  it('survives an error that is none, and one that causes itself', () => {
    const circle: Error = new Error('round');
    circle.cause = circle;
    const lines = written((log) => {
      log.error({ err: 'hush' }, 'text');
      log.error({ err: circle }, 'circle');
    });
    expect(lines.trim().split('\n')).toHaveLength(2);
    expect(lines).not.toContain('hush');
  });

  it('writes [secret] for fields that are named like a secret', () => {
    const line = written((log) =>
      log.info({ password: 'hush', body: { code_verifier: 'hush', id_token: 'hush' } }),
    );
    expect(line).not.toContain('hush');
    expect(line.match(/\[secret\]/g)).toHaveLength(3);
  });
});
