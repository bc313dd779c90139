// Makes a fresh checkout ready: dependencies, then the build, each only when something changed. Plain JavaScript on
// Node's own modules, because nothing is installed yet when it runs.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ROOMS = [
  'cli',
  'client',
  'api',
  'workers',
  'workflows',
  'activities',
  'vendors',
  'db',
  'runtime',
  'domain',
  'kernels',
  'bench',
  'web',
];
// What the build makes itself is none: it would make the next run build once more.
const SOURCE = /(?<!\.gen|\.gen\.d)\.(ts|tsx|css|html|svg|sql|json)$/;

/** Brings the checkout up to date. Throws an Error with one sentence when it cannot. */
export async function setup({ quiet = false, root = ROOT } = {}) {
  const say = (line) => process.stderr.write(`${line}\n`);
  requireNode(process.versions.node);
  if (installed(root) && built(root)) {
    if (!quiet) say('Everything is up to date.');
    return;
  }
  await withLock(root, say, async () => {
    // Looked at again: another process may have done the work while we waited.
    if (!installed(root)) await install(root, say);
    if (!built(root)) await build(root, say);
  });
}

export function requireNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Quorate needs Node.js 20.19 or newer; this is ${version}.`);
}

const hash = (text) => createHash('sha256').update(text).digest('hex');
/** The file's text, '' when there is none. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function installed(root) {
  const lockFile = read(join(root, 'package-lock.json'));
  const stamp = join(root, 'node_modules', '.quorate-stamp');
  if (!hasPackages(root)) return false;
  if (read(stamp) === hash(lockFile)) return true;
  // Installed by hand: npm's own note of what lies in node_modules tells whether that is what we want.
  if (!sameAsInstalled(lockFile, read(join(root, 'node_modules', '.package-lock.json')))) return false;
  writeIfPossible(stamp, hash(lockFile));
  return true;
}

/** Whatever the notes say: packages may have been deleted since, or never been written. */
function hasPackages(root) {
  const { dependencies, devDependencies } = JSON.parse(read(join(root, 'package.json')));
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
    existsSync(join(root, 'node_modules', name, 'package.json')),
  );
}

function sameAsInstalled(wantedText, foundText) {
  if (wantedText === '' || foundText === '') return false;
  const wanted = JSON.parse(wantedText).packages;
  const found = JSON.parse(foundText).packages;
  const same = (path) =>
    found[path].version === wanted[path]?.version && found[path].integrity === wanted[path]?.integrity;
  return (
    Object.keys(found).every(same) &&
    Object.keys(wanted).every(
      (path) => path === '' || path in found || wanted[path].optional || wanted[path].devOptional,
    )
  );
}

async function install(root, say) {
  say('Installing the dependencies...');
  // Whoever has NODE_ENV=production set needs the tools that build, too.
  await npm(
    root,
    ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'],
    'ignore',
    'The dependencies could not be installed',
  );
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'node_modules', '.quorate-stamp'), hash(read(join(root, 'package-lock.json'))));
}

function built(root) {
  if (!existsSync(join(root, 'dist', 'cli', 'main.js')) || !existsSync(join(root, 'web', 'dist', 'index.html'))) {
    return false;
  }
  const stamp = join(root, 'dist', '.quorate-stamp');
  const [sources, marks] = read(stamp).split('\n');
  const files = sourceFiles(root);
  const now = marksOf(root, files);
  // Every command in a checkout comes by here: what nobody touched is not read again.
  if (marks === now) return true;
  if (sources !== sourcesHash(root, files)) return false;
  writeIfPossible(stamp, `${sources}\n${now}`);
  return true;
}

async function build(root, say) {
  say('Building...');
  // The compiler's notes make it skip files it wrote before, even when they were deleted since.
  if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
  // Taken before: a file saved during the build makes the next run build again.
  const files = sourceFiles(root);
  const stamp = `${sourcesHash(root, files)}\n${marksOf(root, files)}`;
  // The compiler reports errors on standard output, which belongs to the command that comes after.
  await npm(root, ['run', '--silent', 'build'], 2, 'The build failed');
  writeFileSync(join(root, 'dist', '.quorate-stamp'), stamp);
}

function sourceFiles(root) {
  const files = [
    'scripts/build.mjs',
    'scripts/api-types.mjs',
    'vite.config.ts',
    'docs/openapi.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'tsconfig.client.json',
  ];
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (SOURCE.test(entry.name)) files.push(path);
    }
  };
  for (const room of ROOMS) if (existsSync(join(root, room))) walk(room);
  return files.sort();
}

/** What the files say. */
function sourcesHash(root, files) {
  return hash(files.map((file) => `${file}\0${hash(read(join(root, file)))}`).join('\n'));
}

/** Which files there are, how long, and when each was last touched in any way. */
function marksOf(root, files) {
  const marks = files.map((file) => {
    const { size, mtimeMs, ctimeMs } = statSync(join(root, file), { throwIfNoEntry: false }) ?? {};
    return `${file}\0${size}\0${mtimeMs}\0${ctimeMs}`;
  });
  return hash(marks.join('\n'));
}

async function npm(root, args, stdout, failure) {
  const windows = process.platform === 'win32';
  const child = spawn(windows ? 'npm.cmd' : 'npm', args, { cwd: root, stdio: ['ignore', stdout, 2], shell: windows });
  // It may live longer than we do, and nobody shall install or build beside it.
  if (child.pid !== undefined) appendFileSync(lockOf(root), noteOf(child.pid));
  const status = await once(child, 'exit').then(
    ([code]) => code,
    (error) => {
      if (error.code === 'ENOENT') throw new Error(`${failure}: npm, which comes with Node.js, is not on PATH.`);
      throw error;
    },
  );
  if (status !== 0) throw new Error(`${failure} (npm ${args[0]}, see above).`);
}

const lockOf = (root) => join(root, '.quorate', 'setup.lock');

/** One set-up at a time per checkout: the others wait. A lock is taken over when its process and what that began have ended. */
async function withLock(root, say, work) {
  const lock = lockOf(root);
  mkdirSync(dirname(lock), { recursive: true });
  for (let said = false; !enter(lock); ) {
    const holder = read(lock).split('\n').find(isRunning);
    if (holder === undefined) {
      removeFile(lock);
      continue;
    }
    if (!said)
      say(`Waiting for another set-up of this checkout (process ${holder.split(' ')[0]}, ${lock}) to finish...`);
    said = true;
    pause(200);
  }
  try {
    await work();
  } finally {
    removeFile(lock);
  }
}

/** The lock appears with its content in one step, so that nobody reads half of it. */
function enter(lock) {
  const whole = `${lock}.${process.pid}`;
  const mine = noteOf(process.pid);
  writeFileSync(whole, mine);
  try {
    linkSync(whole, lock);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    removeFile(whole);
  }
  // Another process may have meant to remove the stale lock before this one; after a moment ours is safe.
  pause(50);
  return read(lock) === mine;
}

/** A process in a lock file: a line with its id and what tells it from a later one with the same id. */
const noteOf = (pid) => `${pid} ${identityOf(pid)}\n`;

function isRunning(note) {
  const [pid, ...identity] = note.split(' ');
  return identity.length > 0 && identityOf(Number(pid)) === identity.join(' ');
}

/** When the process began, as `runtime/processes.ts` finds it; undefined when none with that id runs. */
function identityOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return /[ZX]/.test(fields[0])
        ? undefined
        : `${read('/proc/sys/kernel/random/boot_id').slice(0, 8)}-${fields[19]}`;
    }
    if (process.platform !== 'win32') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return error.code === 'EPERM' ? 'running' : undefined;
  }
}

const removeFile = (file) => rmSync(file, { force: true });

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function writeIfPossible(file, text) {
  try {
    writeFileSync(file, text);
  } catch {
    // a read-only installation: the slower comparison is made each time
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await setup({ quiet: process.argv.includes('--quiet') });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
