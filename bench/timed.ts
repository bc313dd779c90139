import { spawnSync } from 'node:child_process';

export interface Timing {
  readonly wallS: number;
  readonly cpuS: number;
  readonly peakMb: number;
  /** The last line of its standard output. */
  readonly output: string;
}

/** What `timeout` of coreutils ends with. */
const TIMED_OUT = 124;

/** Runs a command under GNU time, numeric libraries on one thread. Throws where it fails. */
export function timed(command: string, args: readonly string[]): Timing;
/** Likewise; undefined where it takes longer than `limitS`. */
export function timed(command: string, args: readonly string[], options: { limitS: number }): Timing | undefined;
export function timed(command: string, args: readonly string[], options?: { limitS: number }): Timing | undefined {
  const limit = options ? ['timeout', String(options.limitS)] : [];
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const line = ['-f', '%e %U %S %M', ...limit, command, ...args];
  const ran = spawnSync('/usr/bin/time', line, { encoding: 'utf8', env });
  if (options && ran.status === TIMED_OUT) return undefined;
  if (ran.status !== 0) throw new Error(`${command} failed: ${ran.error?.message ?? ran.stderr}`);
  const used = (ran.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const [wallS = Number.NaN, userS = Number.NaN, systemS = Number.NaN, peakKb = Number.NaN] = used;
  const output = ran.stdout.trim().split('\n').at(-1) ?? '';
  return { wallS, cpuS: Number((userS + systemS).toFixed(2)), peakMb: Math.round(peakKb / 1024), output };
}

/** The run of median length. */
export function middle(runs: readonly Timing[]): Timing {
  const run = [...runs].sort((a, b) => a.wallS - b.wallS)[Math.floor(runs.length / 2)];
  if (!run) throw new Error('There was no round.');
  return run;
}
