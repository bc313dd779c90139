import { accessSync, chmodSync, constants, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, errorMessage, RuntimeProblem } from './problem.ts';

/** Less free space than this refuses to start: PostgreSQL and Temporal both stop hard on a full disk. */
export const LEAST_FREE_BYTES = 500_000_000;

/** Bytes that this user may still write where `path` lies (the nearest folder that exists counts). */
export function freeBytes(path: string): number {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const info = statfsSync(folder);
      return info.bavail * info.bsize;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || folder === dirname(folder)) throw error;
    }
  }
}

/** Throws `no_space` when fewer than `least` bytes are free where `path` lies. */
export function requireSpace(path: string, variable: string, least = LEAST_FREE_BYTES): void {
  const free = freeBytes(path);
  if (free >= least) return;
  throw new RuntimeProblem(
    'no_space',
    `Only ${Math.round(free / 1e6)} MB are free on the disk of ${path}; ${Math.round(least / 1e6)} MB are needed.`,
    `Free some space, or set ${variable} to a folder on another disk.`,
  );
}

/**
 * Makes the folder if it is missing and checks that it can be written; throws `no_permission`. One that root makes
 * lets others pass, because the database server runs as another user then.
 */
export function requireWritableFolder(path: string, variable: string): void {
  try {
    const made = makeFolders(path);
    if (!statSync(path).isDirectory()) throw noFolder(path, variable);
    if (made && process.getuid?.() === 0) chmodSync(path, 0o755);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof RuntimeProblem) throw error;
    if (errorCode(error) === 'ENOSPC') requireSpace(path, variable);
    throw new RuntimeProblem(
      'no_permission',
      `The folder ${path} cannot be written (${errorMessage(error)}).`,
      `Give this user the right to write it, or set ${variable} to another folder.`,
      error,
    );
  }
}

function noFolder(path: string, variable: string): RuntimeProblem {
  return new RuntimeProblem('no_permission', `${path} is no folder.`, `Set ${variable} to a folder.`);
}

/** What `mkdir -p` does; Node's own never ends where the kernel lets nobody make folders (/proc). Whether any was made. */
function makeFolders(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })) return false;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return true;
}
