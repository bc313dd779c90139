import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Running, up } from '../../cli/up.ts';
import { loadConfig } from '../../runtime/config.ts';
import { type Endpoint, readEndpoint } from '../../runtime/endpoint.ts';
import { lockHolder } from '../../runtime/lock.ts';
import { processIdentity } from '../../runtime/processes.ts';
import { freePort } from './ports.ts';
import { until } from './rig.ts';

type Env = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL('../..', import.meta.url));
export const command = join(root, 'bin', 'quorate');
const START_MS = 120_000;

/** Brings `dist/` up to date: it is what child processes run, whatever the sources say. */
export function requireBuild(): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--quiet'], { stdio: ['ignore', 'ignore', 2] });
}

/** A place for one stack: a data folder of its own and free ports. */
export interface Place {
  readonly folder: string;
  readonly home: string;
  /** Complete environment of a process that shall find this place, and no other stack of this machine. */
  readonly env: Env;
  remove(): void;
}

export async function makePlace(extra: Env = {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-e2e-'));
  // PostgreSQL runs as another user where the tests run as root, and must be able to pass through.
  chmodSync(folder, 0o755);
  const home = join(folder, 'home');
  const [port, pg, temporal, ui] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const inherited = Object.entries(process.env).filter(([name]) => !/^(QUORATE_(?!CACHE$)|TEMPORAL_)/.test(name));
  const env = {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    TEMPORAL_CONFIG_FILE: '/dev/null',
    QUORATE_HOME: home,
    QUORATE_PORT: String(port),
    QUORATE_PG_PORT: String(pg),
    QUORATE_TEMPORAL_PORT: String(temporal),
    QUORATE_TEMPORAL_UI_PORT: String(ui),
    ...extra,
  };
  return { folder, home, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A stack held up by this very process, with what it said. */
export interface HeldStack extends Running {
  readonly lines: readonly string[];
}

export async function holdUp(place: Place): Promise<HeldStack> {
  const lines: string[] = [];
  const running = await up(loadConfig(place.env), (line) => void lines.push(line));
  return { ...running, lines };
}

/** The end of what a stack said, for the report of a failed test. */
export function lastWords(lines: readonly string[]): string {
  return lines
    .slice(-60)
    .map((line) => line.slice(0, 400))
    .join('\n');
}

/** `quorate up` as a process of its own. */
export interface UpProcess extends Endpoint {
  readonly apiKey: string;
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Everything it has started, by name. */
  pids(): Record<string, number>;
  /** Sends the signal and waits for its end; the exit code, or null after a signal that killed it. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export async function runUp(place: Place, heard: (line: string) => void = () => undefined): Promise<UpProcess> {
  const lines: string[] = [];
  const child = spawn(process.execPath, [command, 'up'], { env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      heard(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  try {
    const note = await until(
      'the stack is up',
      () => {
        if (over) throw new Error(`quorate up ended with ${child.exitCode}.`);
        const found = readEndpoint(place.home);
        return found?.pid === child.pid && found;
      },
      START_MS,
    );
    return { ...note, apiKey: note.apiKey ?? '', process: child, lines, pids: () => childrenOf(child.pid ?? 0), end };
  } catch (error) {
    await end('SIGTERM');
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${lastWords(lines)}`);
  }
}

/** Process ids of the embedded servers of a data folder, as their locks note them. */
export function serverPids(home: string): { postgres: number | undefined; temporal: number | undefined } {
  return {
    postgres: lockHolder(join(home, 'postgres', 'lock'))?.child?.pid,
    temporal: lockHolder(join(home, 'temporal', 'temporal.db.lock'))?.child?.pid,
  };
}

/** Waits until none of these processes runs. */
export async function untilGone(pids: Readonly<Record<string, number>>, timeoutMs = 60_000): Promise<void> {
  const alive = () => Object.entries(pids).filter(([, pid]) => processIdentity(pid) !== undefined);
  await until(`${Object.keys(pids).join(', ')} have ended`, () => alive().length === 0, timeoutMs).catch((error) => {
    throw new Error(`${String(error)} Still there: ${alive().map(([name]) => name)}.`);
  });
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One `bin/quorate` command, run to its end. */
export async function quorate(place: Place, args: readonly string[], input?: string | Uint8Array): Promise<Ran> {
  const child = spawn(process.execPath, [command, ...args], { env: place.env, cwd: place.folder });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}

/** Children and guards of a process, named by what they run. */
function childrenOf(parent: number): Record<string, number> {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const found: Record<string, number> = {};
  for (const line of listed.split('\n')) {
    const [, pid, ppid, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (Number(ppid) === parent) found[`${args.slice(-60)} (${pid})`] = Number(pid);
  }
  return found;
}
