import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import {
  NativeConnection,
  type NativeConnectionOptions,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Dependencies } from '../activities/dependencies.ts';
import { createActivities, createLearningActivities, createVendorActivities } from '../activities/index.ts';
import type { VendorDependencies } from '../activities/vendors.ts';
import { connect, PATIENT_MS } from '../db/client.ts';
import { createJudgeCache } from '../db/queries/judge-cache.ts';
import { createRelayBell } from '../db/relay-bell.ts';
import { TASK_QUEUES } from '../workflows/messages.ts';
import { runDispatcher } from './dispatcher.ts';
import { runKeeper } from './keeper.ts';
import { whileLeading } from './leader.ts';
import type { Log } from './log.ts';
import { runRelay } from './relay.ts';
import { runSweeper } from './sweeper.ts';
import { temporalIdentity } from './temporal-identity.ts';
import { together } from './together.ts';
import { createVendorWorkers } from './vendor-workers.ts';

export interface WorkerOptions {
  readonly databaseUrl: string;
  readonly temporal: {
    readonly connectionOptions: ConnectionOptions & NativeConnectionOptions;
    readonly namespace: string;
  };
  /** `main`: workflows, their activities, relay and sweeper. `learning`: selecting and fitting. */
  readonly role: 'main' | 'learning';
  readonly log: Log;
  /** The workflows as one file, made at build time. */
  readonly workflowBundle: WorkflowBundleOption;
  /** Outside workforces that there are credentials for, and where they reach us. */
  readonly vendors: (judgeCache: ReturnType<typeof createJudgeCache>) => Promise<VendorDependencies['vendors']>;
  readonly publicUrl?: string;
  /** Hosts at which requesters' own models may be asked. */
  readonly modelHosts?: readonly string[];
  readonly modelKeys?: Readonly<Record<string, string>>;
  /** What embeddings cost there, in micro-dollars for a million tokens. */
  readonly modelPrices?: Readonly<Record<string, bigint>>;
  /** Folder of models on this machine, for embeddings. */
  readonly modelsDir?: string | undefined;
}

/**
 * Of the SDK's core, what is wrong. A busy machine delays workflow tasks, for each of which the core would warn though
 * the server hands it out again; the SDK's metrics count those.
 */
const CORE_LOGS = 'temporalio_sdk_core=warn,temporalio_client=warn,temporalio_sdk_core::worker=error';

/**
 * Runs one worker process until `signal` aborts; what is under way may finish, then connections are closed. Rejects when
 * any part of it fails, the others ended: the caller ends the process.
 */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { log, role } = options;
  Runtime.install({
    logger: temporalLogger(log),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: CORE_LOGS } },
  });
  const db = connect(options.databaseUrl, {
    max: role === 'main' ? 24 : 4,
    name: `quorate-${role}`,
    indexesOnly: role === 'main',
    ...(role === 'main' ? {} : { silentMs: PATIENT_MS }),
  });
  const connection = await NativeConnection.connect(options.temporal.connectionOptions);
  try {
    const { modelHosts = [], modelKeys = {}, modelPrices = {}, modelsDir } = options;
    const { ring: wake } = createRelayBell(db);
    const models = { modelHosts, modelKeys, modelPrices, modelsDir };
    const dependencies: Dependencies = { db, nowMs: () => Date.now(), wake, ...models };
    if (role === 'learning') await runLearning(options, connection, dependencies, signal);
    else await runMain(options, connection, dependencies, signal);
  } finally {
    // A worker that was made and never ran holds on to it; that must not hide what was wrong.
    await connection.close().catch((error) => log.debug({ err: error }, 'The connection to Temporal stays open.'));
    await db.end({ timeout: 5 });
  }
}

async function runLearning(
  options: WorkerOptions,
  connection: NativeConnection,
  dependencies: Dependencies,
  signal: AbortSignal,
): Promise<void> {
  const worker = await Worker.create({
    connection,
    namespace: options.temporal.namespace,
    taskQueue: TASK_QUEUES.learning,
    activities: createLearningActivities(dependencies),
    // Each is heavy on one core.
    maxConcurrentActivityTaskExecutions: 2,
    shutdownGraceTime: '20 seconds',
  });
  await runUntil(worker, signal);
}

async function runMain(
  options: WorkerOptions,
  connection: NativeConnection,
  dependencies: Dependencies,
  signal: AbortSignal,
): Promise<void> {
  const { db } = dependencies;
  const { log } = options;
  const { namespace, connectionOptions } = options.temporal;
  // Before there is a worker: a connection that one refers to cannot be closed, and would hide what is wrong here.
  const vendors = await options.vendors(createJudgeCache(db));
  const patientDb = connect(options.databaseUrl, { max: 2, name: 'quorate-payouts', silentMs: PATIENT_MS });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUES.main,
    workflowBundle: options.workflowBundle,
    activities: createActivities(dependencies, patientDb),
    maxConcurrentWorkflowTaskExecutions: 40,
    maxConcurrentLocalActivityExecutions: 48,
    maxCachedWorkflows: 600,
    shutdownGraceTime: '10 seconds',
  });
  const { publicUrl } = options;
  const atVendors = await createVendorWorkers(
    { connection, namespace, shutdownGraceTime: '10 seconds' },
    createVendorActivities({ ...dependencies, vendors, ...(publicUrl === undefined ? {} : { publicUrl }) }),
    vendors.keys(),
  );
  const client = new Client({ connection: await Connection.connect(connectionOptions), namespace });
  const temporal = await temporalIdentity(client.connection, namespace);
  const relay = { db, workflow: client.workflow, log };
  const { wake } = dependencies;
  const lead = (term: AbortSignal) =>
    together(
      [
        (until) => runRelay(relay, until),
        (until) => runSweeper({ db, log }, until),
        (until) => runDispatcher({ db, log, wake }, until),
        (until) => runKeeper({ db, log, workflow: client.workflow }, until),
      ],
      term,
    );
  try {
    await together(
      [
        (until) => runUntil(worker, until),
        ...atVendors.map((each) => (until: AbortSignal) => runUntil(each, until)),
        (until) => whileLeading({ databaseUrl: options.databaseUrl, log, temporal }, lead, until),
      ],
      signal,
    );
  } finally {
    await Promise.all([client.connection.close(), patientDb.end({ timeout: 5 })]);
  }
}

async function runUntil(worker: Worker, signal: AbortSignal): Promise<void> {
  const stop = () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  signal.addEventListener('abort', stop);
  const running = worker.run();
  if (signal.aborted) stop();
  await running.finally(() => signal.removeEventListener('abort', stop));
}

/** What the SDK says, in our log: its core's lines come by `log`, its own by any of them. */
function temporalLogger(log: Log) {
  const write = (level: string, message: string, meta?: object) => log[levelOf(level, message)](meta ?? {}, message);
  const at = (level: string) => (message: string, meta?: object) => write(level, message, meta);
  return {
    log: write,
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
  };
}

function levelOf(level: string, message: string) {
  // Some workers run activities alone, on purpose; the SDK warns about that.
  if (message.startsWith('No workflows registered')) return 'debug';
  // The SDK reports each worker's start and stop at length; ours are told by the command line.
  const known = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  return known[level as keyof typeof known] ?? 'info';
}
