import { connect } from '../db/client.ts';
import { requireMigrated } from '../db/migrated.ts';
import { QuorateError } from '../domain/failures.ts';
import { parseUsd } from '../domain/money.ts';
import { type Config, loadConfig } from '../runtime/config.ts';
import { checkDatabase, checkTemporal } from '../runtime/external.ts';
import { RuntimeProblem } from '../runtime/problem.ts';
import { createWebhookReader } from '../vendors/registry.ts';
import { createLog, type Log } from '../workers/log.ts';
import type { WorkerOptions } from '../workers/main.ts';
import { EXIT, explain } from './output.ts';
import { builtWorkflows, paths } from './paths.ts';
import type { Service } from './services.ts';
import { vendorsOf } from './vendors.ts';

/**
 * Runs one process of the product until it is told to stop: what `up` supervises, and what a cluster runs. Each loads only
 * what it is made of, for the memory's sake.
 */
export async function serve(service: Service): Promise<void> {
  const config = loadConfig();
  endOnSurprise();
  const { databaseUrl, temporal, temporalAddress } = servers(config);
  const stop = stopSignal();
  // What is missing at the start is said in a sentence. The API works without Temporal.
  await checkDatabase(databaseUrl);
  if (service !== 'api') await checkTemporal(temporalAddress);
  await checkMigrated(databaseUrl);
  if (service === 'api') {
    const { host, port, logLevel, apiKey, publicUrl, authSecret, smtp, oidc, trustProxy } = config;
    const { uiUrl } = config.temporal;
    const { startApi } = await import('../api/main.ts');
    const api = await startApi({
      databaseUrl,
      temporal,
      host,
      port,
      logLevel,
      webRoot: paths.pages,
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(authSecret === undefined ? {} : { authSecret }),
      ...(smtp === undefined ? {} : { smtp }),
      ...(oidc === undefined ? {} : { oidc }),
      ...(trustProxy === undefined ? {} : { trustProxy }),
      ...(uiUrl === undefined ? {} : { temporalUi: `${uiUrl}/namespaces/${encodeURIComponent(temporal.namespace)}` }),
      readWebhook: createWebhookReader(await vendorsOf(process.env)),
      ...(apiKey === undefined ? {} : { ownerKey: apiKey }),
    });
    if (api.setupUrl !== undefined && process.env.QUORATE_SETUP_SAID === undefined) {
      process.stderr.write(`This server has no owner yet. Make one at ${api.setupUrl}\n`);
    }
    await aborted(stop);
    await api.close();
    return;
  }
  const { runWorker } = await import('../workers/main.ts');
  const log = createLog(`quorate-${service}`, config.logLevel);
  const options = {
    databaseUrl,
    temporal,
    role: service === 'worker' ? 'main' : 'learning',
    log,
    workflowBundle: { codePath: builtWorkflows() },
    vendors: (judgeCache) => vendorsOf(process.env, judgeCache),
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    modelHosts: config.modelHosts,
    modelKeys: config.modelKeys,
    modelPrices: Object.fromEntries(
      Object.entries(config.modelPrices).map(([name, usd]) => [name, parseUsd(usd, { field: 'QUORATE_MODEL_PRICES' })]),
    ),
    modelsDir: config.modelsDir,
  } satisfies WorkerOptions;
  await runWorker(options, stop).catch((error) => endFailed(error, log));
}

/** Throws `unavailable` unless the database has the tables of this version, no fewer and no later ones. */
async function checkMigrated(databaseUrl: string): Promise<void> {
  const db = connect(databaseUrl, { max: 1, name: 'quorate-serve' });
  try {
    await requireMigrated(db, paths.migrations);
  } finally {
    await db.end({ timeout: 1 });
  }
}

/** What is left of a run that failed, a connection or a Temporal worker, must not keep the process from being replaced. */
function endFailed(error: unknown, log: Log): never {
  if (!(error instanceof RuntimeProblem || error instanceof QuorateError)) {
    log.error({ err: error }, 'This process ends, to be started again.');
    process.exit(EXIT.failure);
  }
  const { text, exitCode } = explain(error);
  process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}

/**
 * Crash only: what was under way is in the database, and whoever runs us starts us again. It does happen when the
 * database dies: its driver (postgres 3.4) then throws where nobody can catch it.
 */
function endOnSurprise(): void {
  process.once('uncaughtException', (error) => {
    process.stderr.write(`Ending, to be started again: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT.failure);
  });
}

function servers(config: Config) {
  const { url } = config.database;
  const { external } = config.temporal;
  if (url === undefined || external === undefined) {
    const missing = url === undefined ? 'QUORATE_DATABASE_URL' : 'TEMPORAL_ADDRESS';
    throw new RuntimeProblem(
      'invalid_config',
      `${missing} is not set.`,
      'Set it, or run `quorate up`, which starts its own servers.',
    );
  }
  const { namespace, ...connectionOptions } = external;
  return { databaseUrl: url, temporalAddress: external, temporal: { connectionOptions, namespace } };
}

/** Aborts on SIGTERM and SIGINT. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

/** Resolves when `signal` aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
