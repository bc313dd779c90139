import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireSpace, requireWritableFolder } from './disk.ts';
import { type Lock, tryLock } from './lock.ts';
import { errorMessage, type Log, RuntimeProblem } from './problem.ts';
import { processIdentity, run } from './processes.ts';

/**
 * The release taken, whichever way it comes: the newest one that `go install` accepts (later ones have replace
 * directives), so that a downloaded and a built server are the same.
 */
export const TEMPORAL_CLI_VERSION = '1.5.1';
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`;
const EXECUTABLE = platform() === 'win32' ? 'temporal.exe' : 'temporal';

export interface TemporalBinary {
  binary: string;
  /** Where it came from, in a few words. */
  source: string;
}

/** The `temporal` program already on this machine (on PATH, then in the cache folder); starts and fetches nothing. */
export async function installedTemporal(cacheDir: string): Promise<TemporalBinary | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const binary = join(folder, EXECUTABLE);
    if (folder !== '' && existsSync(binary) && (await works(binary))) return { binary, source: `${binary} (on PATH)` };
  }
  const binary = join(cacheDir, 'bin', EXECUTABLE);
  return existsSync(binary) && (await works(binary)) ? { binary, source: `${binary} (cache folder)` } : undefined;
}

/**
 * Finds the `temporal` program, fetching it once into the cache folder if the machine has none: by download, and where
 * downloads are blocked, by `go install` (some minutes). Throws `no_temporal` with the ways out when all fail.
 */
export async function obtainTemporal(cacheDir: string, log: Log): Promise<TemporalBinary> {
  const found = await installedTemporal(cacheDir);
  if (found) return found;
  const bin = join(cacheDir, 'bin');
  requireWritableFolder(bin, 'QUORATE_CACHE');
  const lock = await waitForLock(join(bin, 'fetch.lock'), log);
  try {
    // Another process may have fetched it while we waited.
    const meanwhile = await installedTemporal(cacheDir);
    if (meanwhile) return meanwhile;
    removeLeftovers(bin);
    const target = join(bin, EXECUTABLE);
    const failures: string[] = [];
    for (const way of [download, build]) {
      const half = join(bin, `.fetch-${process.pid}`);
      mkdirSync(half, { recursive: true });
      try {
        const source = await way(half, log);
        const made = join(half, EXECUTABLE);
        if (!(await works(made))) throw new Error('what came does not run on this machine');
        renameSync(made, target);
        return { binary: target, source: `${target} (${source})` };
      } catch (error) {
        if (error instanceof RuntimeProblem) throw error;
        failures.push(`${way.name}: ${errorMessage(error)}`);
      } finally {
        rmSync(half, { recursive: true, force: true });
      }
    }
    throw new RuntimeProblem(
      'no_temporal',
      `No Temporal server was found, and none could be fetched (${failures.join('; ')}).`,
      `Install the temporal program (https://docs.temporal.io/cli) or Go, put it at ${target}, or set TEMPORAL_ADDRESS.`,
    );
  } finally {
    lock.release();
  }
}

async function works(binary: string): Promise<boolean> {
  const ran = await run(binary, ['--version'], { timeoutMs: 20_000 });
  return ran.code === 0 && ran.stdout.includes('temporal version');
}

async function waitForLock(path: string, log: Log): Promise<Lock> {
  for (let said = false; ; said = true) {
    const attempt = await tryLock(path);
    if ('lock' in attempt) return attempt.lock;
    if (!said) log(`Waiting for process ${attempt.heldBy.pid}, which is fetching the Temporal server.`);
    await sleep(500);
  }
}

/** Folders of fetches whose process was killed. */
function removeLeftovers(bin: string): void {
  for (const name of readdirSync(bin)) {
    const pid = /^\.fetch-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && processIdentity(Number(pid)) === undefined)
      rmSync(join(bin, name), { recursive: true, force: true });
  }
}

/** The official archive. Blocked networks often answer nothing at all, so the first bytes must come within 10 s. */
async function download(folder: string, log: Log): Promise<string> {
  const cpu = arch() === 'x64' ? 'amd64' : arch();
  const system = platform() === 'win32' ? 'windows' : platform();
  const url = `https://temporal.download/cli/archive/v${TEMPORAL_CLI_VERSION}?platform=${system}&arch=${cpu}`;
  log(`Downloading the Temporal server ${TEMPORAL_CLI_VERSION} (once).`);
  const abort = new AbortController();
  let patience = setTimeout(() => abort.abort(), 10_000);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status} from ${new URL(url).host}`);
    const body = Readable.fromWeb(response.body);
    body.on('data', () => {
      clearTimeout(patience);
      patience = setTimeout(() => abort.abort(), 10_000);
    });
    const archive = join(folder, 'archive');
    await pipeline(body, createWriteStream(archive));
    const unpacked = await run('tar', ['-xf', archive, '-C', folder], { timeoutMs: 120_000 });
    if (unpacked.code !== 0) throw new Error(`tar: ${unpacked.stderr.trim()}`);
    return `downloaded, version ${TEMPORAL_CLI_VERSION}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : errorMessage(error);
    throw new Error(abort.signal.aborted ? 'no answer within 10 s' : cause);
  } finally {
    clearTimeout(patience);
  }
}

/** Builds it with Go. Says now and then that it still works, as the first build takes minutes. */
async function build(folder: string, log: Log): Promise<string> {
  if ((await run('go', ['version'], { timeoutMs: 20_000 })).code !== 0) throw new Error('Go is not installed');
  requireSpace(folder, 'QUORATE_CACHE', 2_000_000_000);
  log(`The download is blocked; building the Temporal server ${TEMPORAL_CLI_VERSION} with Go (once, 2 to 5 minutes).`);
  const started = Date.now();
  const child = spawn('go', ['install', '-v', '-ldflags=-s -w', GO_PACKAGE], {
    cwd: folder,
    env: { ...process.env, GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let packages = 0;
  const words: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) packages += 1;
    else words.push(line);
  });
  const say = () =>
    log(
      `Still building the Temporal server: ${Math.round((Date.now() - started) / 1000)} s, ${packages} packages done.`,
    );
  const ticker = setInterval(say, 20_000);
  const onExit = () => child.kill();
  process.once('exit', onExit);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(words.slice(-2).join(' ') || `go install ended with code ${code}`);
    return `built with Go, version ${TEMPORAL_CLI_VERSION}`;
  } finally {
    clearInterval(ticker);
    process.off('exit', onExit);
  }
}
