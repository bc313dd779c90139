import { vi } from 'vitest';
import { runCli } from '../../cli/program.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process against the server at `url`, and collects what it prints. */
export async function quorate(url: string | undefined, ...args: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  vi.stubEnv('QUORATE_URL', url ?? '');
  vi.stubEnv('QUORATE_API_KEY', url === undefined ? '' : 'a-key-of-at-least-16-characters');
  vi.stubEnv('QUORATE_HOME', '/nonexistent/quorate');
  try {
    const code = await runCli(args);
    return { code, out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    vi.unstubAllEnvs();
  }
}
