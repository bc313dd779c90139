import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowClient, type WorkflowClientInterceptor } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type Logger, type LogLevel, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { loadConfig } from '../../runtime/config.ts';
import { findTemporal, startTemporal } from '../../runtime/temporal.ts';
import { startTimeSkippingServer } from '../../runtime/test-server.ts';
import { freePort } from './ports.ts';

export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
}

/** A Temporal server of this test file's own. */
export interface TestServer {
  readonly connection: NativeConnection;
  readonly client: WorkflowClient;
  /** How clients of the code under test reach it; undefined on the time-skipping server. */
  readonly address: string | undefined;
  /** Every run that `client` has started. */
  readonly started: StartedRun[];
  /** Lets workflows' time pass; at once on the time-skipping server, which alone has this. */
  sleep(ms: number): Promise<void>;
  nowMs(): Promise<number>;
  stop(): Promise<void>;
}

/** A server that cannot be had on this machine, and why. */
export type Unavailable = { readonly unavailable: string };

const shownLevel: LogLevel = process.env.QUORATE_TEST_LOG ? 'INFO' : 'ERROR';

/** Starts the time-skipping server: one for a test file, whose tests run one after the other on its one clock. */
export async function startSkippingServer(): Promise<TestServer | Unavailable> {
  quietRuntime();
  const started: StartedRun[] = [];
  try {
    const server = await startTimeSkippingServer(loadConfig(), {
      log: () => undefined,
      interceptors: [recorder(started)],
    });
    return { ...server, address: undefined, started };
  } catch (error) {
    return { unavailable: `${String(error)} \`quorate doctor\` says more.` };
  }
}

/** Starts the real dev server on a new file. */
export async function startDevServer(): Promise<TestServer | Unavailable> {
  quietRuntime();
  const config = loadConfig({ ...process.env, TEMPORAL_ADDRESS: '' });
  const silent = () => undefined;
  let found: Awaited<ReturnType<typeof findTemporal>>;
  try {
    found = await findTemporal(config, silent);
  } catch (error) {
    return { unavailable: `The Temporal server cannot be had here (${String(error)}).` };
  }
  if (!('binary' in found)) return { unavailable: 'A profile file names a Temporal server; tests start their own.' };
  const folder = mkdtempSync(join(tmpdir(), 'quorate-temporal-'));
  const server = await startTemporal({
    binary: found.binary,
    dataFile: join(folder, 'temporal.sqlite'),
    port: await freePort(),
    log: silent,
  });
  const started: StartedRun[] = [];
  const address = server.address;
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const client = new Client({ connection: clientConnection, interceptors: { workflow: [recorder(started)] } });
  return {
    connection,
    client: client.workflow,
    address,
    started,
    sleep: () => Promise.reject(new Error('The dev server has real time; wait for a condition instead.')),
    nowMs: async () => Date.now(),
    stop: async () => {
      await clientConnection.close();
      await connection.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A short id that is the same for the same text. */
export function shortId(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const write = (level: LogLevel, message: string, meta?: unknown) => {
  if (level === 'ERROR' || shownLevel === 'INFO') console.error(level, message, meta ?? '');
};
const quietLogger: Logger = {
  log: write,
  trace: () => undefined,
  debug: () => undefined,
  info: (message, meta) => write('INFO', message, meta),
  warn: (message, meta) => write('WARN', message, meta),
  error: (message, meta) => write('ERROR', message, meta),
};

/**
 * Runs one activity as a worker would. That it failed is told by what it throws, which the test expects or not, and in the
 * log with QUORATE_TEST_LOG alone.
 */
export function runActivity<Input, Output>(
  activity: (input: Input) => Promise<Output>,
  input: Input,
  onHeartbeat: () => void = () => undefined,
): Promise<Output> {
  const environment = new MockActivityEnvironment(undefined, { logger: quietLogger });
  environment.on('heartbeat', onHeartbeat);
  return environment.run<[Input], Output, typeof activity>(activity, input);
}

let runtimeInstalled = false;

/** Installs the SDK's runtime so that it logs errors only; all of it with QUORATE_TEST_LOG. */
export function quietRuntime(): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: shownLevel, other: 'ERROR' }) } },
    logger: quietLogger,
  });
}

function recorder(started: StartedRun[]): WorkflowClientInterceptor {
  return {
    async startWithDetails(input, next) {
      const output = await next(input);
      started.push({ workflowId: input.options.workflowId, runId: output.runId });
      return output;
    },
    async signalWithStart(input, next) {
      const runId = await next(input);
      started.push({ workflowId: input.options.workflowId, runId });
      return runId;
    },
  };
}
