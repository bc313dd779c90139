import { availableParallelism } from 'node:os';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { connect } from '../db/client.ts';
import { storeServerKey } from '../db/queries/annotators.ts';
import { forgetOldAnswers } from '../db/queries/idempotency.ts';
import { forgetOldDrafts } from '../db/queries/workspace.ts';
import { addressOf } from './address.ts';
import { createApp } from './app.ts';
import type { WebhookReader } from './context.ts';
import { hashKey } from './keys.ts';
import { logMailer, type SmtpOptions, smtpMailer } from './sign-in/mail.ts';
import { sessionSecret, setupLink } from './sign-in/setup-link.ts';
import type { OidcOptions } from './sign-in/sign-in.ts';

export interface ApiOptions {
  readonly databaseUrl: string;
  readonly temporal: { readonly connectionOptions: ConnectionOptions; readonly namespace: string };
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where people reach this server; by default where it listens. */
  readonly publicUrl?: string;
  /** Signs session cookies; by default one that the processes share through the database. */
  readonly authSecret?: string;
  /** Without it, mail is written to the log. */
  readonly smtp?: SmtpOptions;
  readonly oidc?: OidcOptions;
  /** An owner's key that shall be valid, e.g. the one a command wrote down for its user. */
  readonly ownerKey?: string;
  readonly logLevel: string;
  readonly webRoot?: string;
  /** Where a namespace's workflows are in Temporal's own pages. */
  readonly temporalUi?: string;
  /** How many proxies stand before this server, or their networks: the client's address is believed of these alone. */
  readonly trustProxy?: number | string[];
  readonly maxConnections?: number;
  readonly readWebhook?: WebhookReader;
}

export interface Served {
  readonly url: string;
  /** Where the owner is made; undefined where there is one. */
  readonly setupUrl: string | undefined;
  close(): Promise<void>;
}

const FORGET_EVERY_MS = 3600 * 1000;
const DEFAULT_CONNECTIONS = 10;
// As many statements as the machine can run at once: more would only wait in PostgreSQL instead of here, and slow each
// other down. Statements on one connection are pipelined.
const HOT_CONNECTIONS = Math.max(2, availableParallelism());
// Answers wait for one another.
const HOT_SILENT_MS = 20_000;

/**
 * Serves the API until it is closed. Temporal need not be there: it is connected to when first needed, and answering
 * tasks does not need it. Closing finishes the requests under way.
 */
export async function startApi(options: ApiOptions): Promise<Served> {
  const log = pino(
    { name: 'quorate-api', level: options.logLevel, redact: ['*.apiKey', '*.authorization'] },
    pino.destination({ dest: 2, sync: true }),
  );
  const db = connect(options.databaseUrl, { max: options.maxConnections ?? DEFAULT_CONNECTIONS, name: 'quorate-api' });
  const hot = { max: HOT_CONNECTIONS, indexesOnly: true, plansOnce: true, silentMs: HOT_SILENT_MS };
  const answerDb = connect(options.databaseUrl, { ...hot, name: 'quorate-answers' });
  // A lease that a crash of the machine loses leaves its slot open, so leasing need not wait for the disk.
  const leaseDb = connect(options.databaseUrl, { ...hot, name: 'quorate-leases', waitForDisk: false });
  const endPools = () => Promise.all([db, answerDb, leaseDb].map((pool) => pool.end({ timeout: 5 })));
  const connection = Connection.lazy(options.temporal.connectionOptions);
  const temporal = new Client({ connection, namespace: options.temporal.namespace }).workflow;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { webRoot, ownerKey, readWebhook, temporalUi, trustProxy } = options;
  try {
    if (ownerKey !== undefined && !(await storeServerKey(db, hashKey(ownerKey)))) {
      log.warn('the key in QUORATE_API_KEY was ended before and stays so: choose a new one');
    }
    const signIn = {
      publicUrl: options.publicUrl ?? addressOf(options),
      secret: await sessionSecret(db, options.authSecret),
      ...(options.oidc ? { oidc: options.oidc } : {}),
      mailer: options.smtp ? smtpMailer(options.smtp) : logMailer(log),
    };
    const app = await createApp({
      db,
      signIn,
      leaseDb,
      answerDb,
      temporal,
      log,
      registry,
      ...(webRoot === undefined ? {} : { webRoot }),
      ...(readWebhook === undefined ? {} : { readWebhook }),
      ...(temporalUi === undefined ? {} : { temporalUi }),
      ...(trustProxy === undefined ? {} : { trustProxy }),
    });
    const url = await app.listen({ host: options.host, port: options.port });
    const setupUrl = await setupLink(db, signIn);
    const forgetting = setInterval(() => {
      Promise.all([forgetOldAnswers(db), forgetOldDrafts(db)]).catch((error: unknown) =>
        log.warn({ err: error }, 'old answers and drafts could not be deleted'),
      );
    }, FORGET_EVERY_MS);
    return {
      url,
      setupUrl,
      async close() {
        clearInterval(forgetting);
        await app.close();
        await Promise.all([endPools(), connection.close()]);
      },
    };
  } catch (error) {
    await Promise.allSettled([endPools(), connection.close()]);
    throw error;
  }
}
