import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { until } from '../support/rig.ts';
import { tempFolder } from './support.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const runFile = promisify(execFile);
const SLOW = 120_000;

/** A checkout without dependencies whose build counts its runs. */
function checkout(): string {
  const folder = tempFolder();
  for (const sub of ['bin', 'scripts', 'cli']) mkdirSync(join(folder, sub));
  cpSync(join(root, 'bin', 'quorate'), join(folder, 'bin', 'quorate'));
  cpSync(join(root, 'scripts', 'setup.mjs'), join(folder, 'scripts', 'setup.mjs'));
  const build = `const fs = require('node:fs'); fs.mkdirSync('dist/cli', { recursive: true }); fs.appendFileSync('builds', 'x');
    fs.writeFileSync('dist/cli/main.js', 'console.log(JSON.stringify(process.argv.slice(2)))');
    fs.mkdirSync('web/dist', { recursive: true }); fs.writeFileSync('web/dist/index.html', '');
    fs.mkdirSync('web/src', { recursive: true }); fs.writeFileSync('web/src/made.gen.d.ts', 'export {};');`;
  writeFileSync(join(folder, 'build.cjs'), build);
  const info = { name: 'quorate', version: '1.0.0', type: 'module', scripts: { build: 'node build.cjs' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(info));
  const packages = { '': { name: 'quorate', version: '1.0.0' } };
  const lock = { name: 'quorate', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  writeFileSync(join(folder, 'cli', 'main.ts'), '1');
  return folder;
}

/** The environment of a stand-in for npm: it installs the one dependency once there is a file `go`. */
function npmThatWaits(folder: string): NodeJS.ProcessEnv {
  const info = { name: 'quorate', version: '1.0.0', type: 'module', devDependencies: { typescript: '1.0.0' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(info));
  const bin = join(folder, 'stand-in');
  mkdirSync(bin);
  const script = `#!/bin/sh
    if [ "$1" = run ]; then exec node build.cjs; fi
    echo begin >> installs; touch installing
    while [ ! -e go ]; do sleep 0.05; done
    mkdir -p node_modules/typescript && echo '{}' > node_modules/typescript/package.json
    echo end >> installs\n`;
  writeFileSync(join(bin, 'npm'), script);
  chmodSync(join(bin, 'npm'), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

const quorate = (folder: string, ...args: string[]) =>
  runFile(process.execPath, [join(folder, 'bin', 'quorate'), ...args]);
const builds = (folder: string) => readFileSync(join(folder, 'builds'), 'utf8').length;

describe('bin/quorate in a checkout', () => {
  it(
    'installs and builds the first time, is silent afterwards, and builds again when a source has changed',
    async () => {
      const folder = checkout();
      const first = await quorate(folder, 'a', '--json');
      expect(first.stdout, 'standard output belongs to the command').toBe('["a","--json"]\n');
      expect(first.stderr).toMatch(/Installing the dependencies\.\.\.\nBuilding\.\.\./);
      expect(await quorate(folder)).toEqual({ stdout: '[]\n', stderr: '' });
      writeFileSync(join(folder, 'cli', 'main.ts'), '1');
      expect((await quorate(folder)).stderr, 'touched, but the same').toBe('');
      writeFileSync(join(folder, 'cli', 'main.ts'), '2');
      expect((await quorate(folder)).stderr).toBe('Building...\n');
      expect(builds(folder)).toBe(2);
    },
    SLOW,
  );

  it(
    'lets one of several at once do the work, also over the lock of a killed one',
    async () => {
      const folder = checkout();
      mkdirSync(join(folder, '.quorate'));
      writeFileSync(join(folder, '.quorate', 'setup.lock'), '999999999 x\n');
      const all = await Promise.all([1, 2, 3, 4].map((n) => quorate(folder, String(n))));
      expect(all.map(({ stdout }) => stdout)).toEqual([1, 2, 3, 4].map((n) => `["${n}"]\n`));
      expect(builds(folder)).toBe(1);
    },
    SLOW,
  );

  it.each(['', '1 an earlier process\n', `${process.pid} an earlier process\n`, `${process.pid}`])(
    'takes over a lock that says %j: what it names has ended, and others have its id now',
    async (left) => {
      const folder = checkout();
      mkdirSync(join(folder, '.quorate'));
      writeFileSync(join(folder, '.quorate', 'setup.lock'), left);
      expect(await quorate(folder)).toEqual({
        stdout: '[]\n',
        stderr: 'Installing the dependencies...\nBuilding...\n',
      });
    },
    SLOW,
  );

  it(
    'waits for an installation that a killed run began, and takes what it installed',
    async () => {
      const folder = checkout();
      const env = npmThatWaits(folder);
      const killed = spawn(process.execPath, [join(folder, 'bin', 'quorate')], { env, stdio: 'ignore' });
      await until('it installs', () => existsSync(join(folder, 'installing')), 30_000);
      // What it began holds the lock once it is noted there, a moment after it has begun.
      const holders = () =>
        readFileSync(join(folder, '.quorate', 'setup.lock'), 'utf8')
          .trimEnd()
          .split('\n');
      await until('its installation is in the lock', () => holders().length === 2, 30_000);
      killed.kill('SIGKILL');
      const second = runFile(process.execPath, [join(folder, 'bin', 'quorate'), 'x'], { env });
      let said = '';
      second.child.stderr?.on('data', (chunk: Buffer) => {
        said += String(chunk);
      });
      await until('it has looked at the lock', () => /Waiting|Installing/.test(said), 30_000);
      writeFileSync(join(folder, 'go'), '');
      expect(await second).toMatchObject({
        stdout: '["x"]\n',
        stderr: expect.stringMatching(/^Waiting for another.*setup\.lock/),
      });
      expect(readFileSync(join(folder, 'installs'), 'utf8'), 'never two at once').toMatch(/^(begin\nend\n)+$/);
    },
    SLOW,
  );

  it(
    'installs again what is missing, whatever its note says',
    async () => {
      const folder = checkout();
      const env = npmThatWaits(folder);
      writeFileSync(join(folder, 'go'), '');
      const run = () => runFile(process.execPath, [join(folder, 'bin', 'quorate')], { env });
      await run();
      expect((await run()).stderr).toBe('');
      rmSync(join(folder, 'node_modules', 'typescript'), { recursive: true });
      expect((await run()).stderr).toBe('Installing the dependencies...\n');
      expect((await run()).stderr).toBe('');
    },
    SLOW,
  );

  it(
    'ends with code 1 and a sentence when the build fails',
    async () => {
      const folder = checkout();
      writeFileSync(join(folder, 'build.cjs'), 'console.log("error TS1: nonsense"); process.exit(2)');
      await expect(quorate(folder)).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/error TS1: nonsense[\s\S]*The build failed/),
      });
    },
    SLOW,
  );

  it(
    'runs as an installed package, which has no scripts',
    async () => {
      const folder = checkout();
      await quorate(folder);
      rmSync(join(folder, 'scripts'), { recursive: true });
      rmSync(join(folder, 'cli'), { recursive: true });
      expect(await quorate(folder, 'x')).toEqual({ stdout: '["x"]\n', stderr: '' });
    },
    SLOW,
  );
});
