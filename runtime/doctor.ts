import { existsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Config } from './config.ts';
import { freeBytes, LEAST_FREE_BYTES } from './disk.ts';
import { readEndpoint } from './endpoint.ts';
import { checkDatabase, checkTemporal, withoutPassword } from './external.ts';
import { isElsewhere, lockHolder } from './lock.ts';
import { isPortFree } from './ports.ts';
import { postgresPrograms } from './postgres-place.ts';
import { errorMessage, RuntimeProblem } from './problem.ts';
import { run } from './processes.ts';
import { installedTemporal, TEMPORAL_CLI_VERSION } from './temporal-find.ts';
import { TEST_SERVER_VERSION, testServerLauncher } from './test-server.ts';

export interface Check {
  name: string;
  /** `missing`: Quorate does not run without it; `warn`: it runs, but something does not work or may fail. */
  status: 'ok' | 'warn' | 'missing';
  detail: string;
  fix?: string;
}

/** Looks over this machine and the settings: what is there, what is missing and how to get it. Starts nothing. */
export async function diagnose(config: Config): Promise<Check[]> {
  const checks = await Promise.all([
    checkNode(process.versions.node),
    checkPlatform(),
    checkDisk(config),
    checkMemory(),
    checkStack(config),
    ...portChecks(config),
    databaseCheck(config),
    temporalCheck(config),
    checkTestServer(config),
    checkChromium(),
  ]);
  return checks;
}

/** Whether this Node is new enough (20.19). */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return { name: 'Node.js', status: 'ok', detail: version };
  return { name: 'Node.js', status: 'missing', detail: version, fix: 'Install Node.js 20.19 or newer.' };
}

function checkPlatform(): Check {
  const detail = `${process.platform} on ${process.arch}`;
  const name = 'Platform';
  if (process.platform === 'linux') {
    const report: unknown = process.report.getReport();
    if (!JSON.stringify(report).includes('glibcVersionRuntime')) {
      const fix = "Temporal's native part needs glibc: use Debian, Ubuntu or another system with glibc, not Alpine.";
      return { name, status: 'missing', detail: `${detail}, without glibc`, fix };
    }
  }
  if (process.platform === 'linux' || process.platform === 'darwin') return { name, status: 'ok', detail };
  return { name, status: 'warn', detail, fix: 'Tested on Linux and macOS only; on Windows use WSL.' };
}

function checkDisk(config: Config): Check {
  const free = freeBytes(config.home);
  const detail = `${(free / 1e9).toFixed(1)} GB free at ${config.home}`;
  const name = 'Disk';
  if (free >= 2e9) return { name, status: 'ok', detail };
  const fix = 'Free some space, or set QUORATE_HOME to a folder on another disk.';
  return { name, status: free < LEAST_FREE_BYTES ? 'missing' : 'warn', detail, fix };
}

function checkMemory(): Check {
  // In a container its limit counts (0 or absurdly large: none).
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const detail = `${(total / 1e9).toFixed(1)} GB, ${(freemem() / 1e9).toFixed(1)} GB free`;
  if (total >= 3e9) return { name: 'Memory', status: 'ok', detail };
  return {
    name: 'Memory',
    status: 'warn',
    detail,
    fix: '3 GB or more are advised for the whole stack on one machine.',
  };
}

function checkStack(config: Config): Check {
  const name = 'Running stack';
  const endpoint = readEndpoint(config.home);
  if (endpoint) return { name, status: 'ok', detail: `${endpoint.url} (process ${endpoint.pid})` };
  const holder = lockHolder(join(config.home, 'quorate.lock'));
  if (holder) {
    const where = isElsewhere(holder) ? `on ${holder.host}, which cannot be seen from here` : 'starting or stopping';
    return { name, status: 'ok', detail: `${where} (process ${holder.pid})` };
  }
  return { name, status: 'ok', detail: `none in ${config.home}` };
}

function portChecks(config: Config): Promise<Check>[] {
  const ports: [string, number, string, string][] = [['Quorate', config.port, 'QUORATE_PORT', config.host]];
  if (config.database.url === undefined) {
    ports.push(['PostgreSQL', config.database.port, 'QUORATE_PG_PORT', '127.0.0.1']);
  }
  if (!config.temporal.external) {
    ports.push(['Temporal', config.temporal.port, 'QUORATE_TEMPORAL_PORT', '127.0.0.1']);
    ports.push(["Temporal's web pages", config.temporal.uiPort, 'QUORATE_TEMPORAL_UI_PORT', '127.0.0.1']);
  }
  const ours = lockHolder(join(config.home, 'quorate.lock')) !== undefined;
  return ports.map(async ([what, port, variable, host]): Promise<Check> => {
    const name = `Port ${port}`;
    if (await isPortFree(port, host)) return { name, status: 'ok', detail: `free for ${what}` };
    if (ours) return { name, status: 'ok', detail: `${what} of the running stack` };
    const fix = `Stop the program that uses it, or set ${variable} to another port.`;
    return { name, status: 'missing', detail: `wanted for ${what}, but in use`, fix };
  });
}

async function databaseCheck(config: Config): Promise<Check> {
  const { url } = config.database;
  if (url !== undefined)
    return probe('PostgreSQL', `server at ${withoutPassword(url)}`, () => checkDatabase(url, 5000));
  return probe('PostgreSQL', `embedded, ${tryVersion()}`, async () => {
    const { programs } = postgresPrograms();
    const ran = await run(join(programs, 'bin', 'postgres'), ['--version'], { timeoutMs: 20_000 });
    if (ran.code === 0) return;
    throw new RuntimeProblem('no_binaries', 'The embedded PostgreSQL does not run here.', ran.stderr.trim());
  });
}

function tryVersion(): string {
  try {
    return `version ${postgresPrograms().version.split('-')[0]}`;
  } catch {
    return 'not installed';
  }
}

async function temporalCheck(config: Config): Promise<Check> {
  const { external } = config.temporal;
  if (external) return probe('Temporal', `server at ${external.address}`, () => checkTemporal(external, 5000));
  const found = await installedTemporal(config.cacheDir);
  if (found) return { name: 'Temporal', status: 'ok', detail: found.source };
  const hasGo = (await run('go', ['version'], { timeoutMs: 20_000 })).code === 0;
  return {
    name: 'Temporal',
    status: 'warn',
    detail: `no temporal program yet; the first start downloads version ${TEMPORAL_CLI_VERSION}${hasGo ? ', or builds it with Go (2 to 5 minutes) where downloads are blocked' : ''}`,
    fix: `Without network: put the program on PATH or at ${join(config.cacheDir, 'bin', 'temporal')}, or set TEMPORAL_ADDRESS.`,
  };
}

async function probe(name: string, detail: string, check: () => Promise<void>): Promise<Check> {
  try {
    await check();
    return { name, status: 'ok', detail };
  } catch (error) {
    const fix = error instanceof RuntimeProblem ? error.fix : '';
    const message = errorMessage(error);
    const what = fix !== '' && message.endsWith(fix) ? message.slice(0, -fix.length).trim() : message;
    return { name, status: 'missing', detail: what, ...(fix !== '' && { fix }) };
  }
}

async function checkTestServer(config: Config): Promise<Check> {
  const name = 'Time-skipping server (for plans by workflows, and tests)';
  const { testServer } = config;
  if (testServer !== undefined && existsSync(testServer)) return { name, status: 'ok', detail: testServer };
  if (testServer === undefined && existsSync(testServerLauncher(config.cacheDir)))
    return { name, status: 'ok', detail: `version ${TEST_SERVER_VERSION}` };
  if (testServer !== undefined) {
    const fix = 'QUORATE_TEST_SERVER must be the path of a temporal-test-server program.';
    return { name, status: 'warn', detail: `there is no file ${testServer}`, fix };
  }
  const [java, maven] = await Promise.all(
    ['java', 'mvn'].map(async (tool) => (await run(tool, ['-version'], { timeoutMs: 60_000 })).code === 0),
  );
  if (java && maven) return { name, status: 'ok', detail: 'Java and Maven are here; fetched when first needed' };
  const fix = 'Install Java and Maven, set QUORATE_TEST_SERVER to its path, or let the SDK download its own.';
  return { name, status: 'warn', detail: 'not here yet', fix };
}

function checkChromium(): Check {
  const name = 'Chromium (for developers)';
  const found = findProgram(['chromium', 'chromium-browser', 'google-chrome']);
  if (found !== undefined) return { name, status: 'ok', detail: found };
  const fix = 'Install the chromium package of your system; only the browser tests need it.';
  return { name, status: 'warn', detail: 'not found on PATH', fix };
}

function findProgram(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}
