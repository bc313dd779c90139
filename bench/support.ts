import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Running, up } from '../cli/up.ts';
import { loadConfig } from '../runtime/config.ts';
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
  const { home, env } = await benchPlace();
  const stack = await up(loadConfig(env), (line) => process.stderr.write(`${line}\n`));
  try {
    return await measure(stack);
  } finally {
    await stack.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** One JSON request with a key; throws on anything that is not a success. */
export async function call(
  stack: { url: string },
  key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${stack.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
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
