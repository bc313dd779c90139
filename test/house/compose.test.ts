import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

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

test('everything of ours in docker-compose.yml reads the settings in .env, and its commands find the API', () => {
  const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  for (const name of ['migrate', 'api', 'worker', 'learning']) {
    expect(services[name].environment.QUORATE_URL, name).toBe('http://api:7400');
    expect(services[name].env_file, name).toEqual([{ path: '.env', required: false }]);
  }
});

test('what serves has the time to finish what is under way when it is stopped', () => {
  const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  for (const name of ['api', 'worker', 'learning']) expect(services[name].stop_grace_period, name).toBe('40s');
});
