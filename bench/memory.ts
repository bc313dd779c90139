/**
 * Resident memory of the whole embedded stack while the demo runs: every process below the demo's own, each page
 * counted once (PSS). Linux only. `node dist/bench/memory.js`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { paths } from '../cli/paths.ts';
import { benchPlace, machine } from './support.ts';

const LOOK_EVERY_MS = 1000;

const { home, env } = await benchPlace();
const demo = spawn(process.execPath, [paths.entry, 'demo', '--out', join(home, 'out')], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env,
});
let peakMb = 0;
let atPeak: Record<string, number> = {};
const timer = setInterval(() => {
  const now = memoryOf(demo.pid ?? 0);
  const sum = Object.values(now).reduce((total, mb) => total + mb, 0);
  if (sum > peakMb) {
    peakMb = sum;
    atPeak = now;
  }
}, LOOK_EVERY_MS);
const [code] = await once(demo, 'exit');
clearInterval(timer);
rmSync(home, { recursive: true, force: true });
if (code !== 0) throw new Error(`The demo ended with code ${String(code)}.`);
process.stdout.write(`${JSON.stringify({ machine: machine(), peakMb, atPeak }, null, 2)}\n`);

/** Proportional resident memory in MB of a process and all below it, by what they are. */
function memoryOf(root: number): Record<string, number> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const ppid = /^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1];
    if (ppid !== undefined) parents.set(Number(name), Number(ppid));
  }
  const below = (pid: number): boolean => pid === root || (parents.has(pid) && below(parents.get(pid) ?? 0));
  const mb: Record<string, number> = {};
  for (const pid of parents.keys()) {
    if (!below(pid)) continue;
    const kb = Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
    const [program = '', ...args] = read(`/proc/${pid}/cmdline`).split('\0');
    const name = args.includes('serve')
      ? (args.at(args.indexOf('serve') + 1) ?? 'serve')
      : basename(program).split(':')[0] || 'other';
    mb[name] = Math.round((mb[name] ?? 0) + kb / 1024);
  }
  return mb;
}

/** A process may end while it is looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
