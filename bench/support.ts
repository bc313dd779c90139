import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Running } from '../cli/up.ts';
import { freePort } from '../runtime/ports.ts';

/** A data folder of its own on free ports, as environment; the caller removes the folder. */
export async function benchPlace(): Promise<{ home: string; env: NodeJS.ProcessEnv }> {
  const home = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  // PostgreSQL runs as another user when we are root; its data must be reachable, or they would be kept elsewhere.
  chmodSync(home, 0o755);
  const [port, pg, temporal, ui] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    QUORATE_HOME: home,
    QUORATE_PORT: String(port),
    QUORATE_PG_PORT: String(pg),
    QUORATE_TEMPORAL_PORT: String(temporal),
    QUORATE_TEMPORAL_UI_PORT: String(ui),
  };
  return { home, env };
}

/** Runs `measure` on an embedded stack of its own, on free ports, in a folder that is removed afterwards. */
export async function withStack<T>(measure: (stack: Running) => Promise<T>): Promise<T> {
  // Only here: a process of clients that reads this file shall not begin by loading the whole of Quorate.
  const [{ up }, { loadConfig }] = await Promise.all([import('../cli/up.ts'), import('../runtime/config.ts')]);
  const { home, env } = await benchPlace();
  const stack = await up(loadConfig(env), (line) => process.stderr.write(`${line}\n`));
  try {
    return await measure(stack);
  } finally {
    await stack.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

// Plain sockets: a client that shares the machine with what it measures should cost little itself.
const agent = new Agent({ keepAlive: true });

/** One JSON request with a key; throws on anything that is not a success. */
export async function call(
  stack: { url: string },
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const data = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(data ? { 'content-type': 'application/json', 'content-length': data.length } : {}),
    };
    const request = httpRequest(`${stack.url}${path}`, { method, agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(data);
  });
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
  return { status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

/** Annotators with their keys. */
export async function makeAnnotators(stack: Running, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let n = 0; n < count; n++) {
    const { body } = await call(stack, stack.apiKey, 'POST', '/v1/annotators', {
      name: `Client ${n}`,
      simulated: true,
    });
    keys.push(String(body.apiKey));
  }
  return keys;
}

/** The value below which a share of the sorted values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The runs that a benchmark wrote down as they ended, one JSON a line; none without a file. */
export function keptRuns<Run>(file: string | undefined): Run[] {
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Run);
}

export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

/** Waits until `done` answers true, looking every `everyMs`; throws after `atMostMs`. */
export async function until(done: () => Promise<boolean>, atMostMs: number, everyMs = 50): Promise<void> {
  const deadline = performance.now() + atMostMs;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`Not done after ${atMostMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/**
 * CPU time in milliseconds that this process and all below it have used so far (Linux; NaN elsewhere). On a shared
 * machine it says more than the clock: what others do hardly changes it.
 */
export function cpuMsOfTree(): number {
  if (!existsSync('/proc')) return Number.NaN;
  const parentOf = new Map<number, number>();
  const ticksOf = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    } catch {
      continue;
    }
    // After the command, which may hold anything: state, parent, …, and as 12th to 15th own and reaped children's time.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    parentOf.set(Number(name), fields[1] ?? 0);
    ticksOf.set(
      Number(name),
      fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0),
    );
  }
  let ticks = 0;
  for (const [pid, used] of ticksOf) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== process.pid) at = parentOf.get(at);
    if (at !== undefined) ticks += used;
  }
  // A tick is a hundredth of a second wherever Linux runs Node.js.
  return ticks === 0 ? Number.NaN : 10 * ticks;
}
