import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const client = spawnSync('docker', ['compose', 'version']).status === 0;

test.skipIf(!client)('docker-compose.yml is valid (skipped where there is no `docker compose`)', () => {
  const env = { ...process.env, POSTGRES_PASSWORD: 'not-used-here', QUORATE_API_KEY: 'not-used-here-either' };
  const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
