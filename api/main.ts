import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { connect } from '../db/client.ts';
import { insertKey } from '../db/queries/annotators.ts';
import { forgetOldAnswers } from '../db/queries/idempotency.ts';
import { createApp } from './app.ts';
import { hashKey } from './keys.ts';

export interface ApiOptions {
  readonly databaseUrl: string;
  readonly temporal: { readonly connectionOptions: ConnectionOptions; readonly namespace: string };
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** A requester's key that shall be valid, e.g. the one a command wrote down for its user. */
  readonly ownerKey?: string;
  readonly logLevel: string;
  readonly webRoot?: string;
  readonly maxConnections?: number;
}

const FORGET_EVERY_MS = 3600 * 1000;
const DEFAULT_CONNECTIONS = 24;

/**
 * Serves the API until it is closed. Temporal need not be there: it is connected to when first needed, and answering
 * tasks does not need it. Closing finishes the requests under way.
 */
export async function startApi(options: ApiOptions): Promise<{ url: string; close(): Promise<void> }> {
  const log = pino(
    { name: 'quorate-api', level: options.logLevel, redact: ['*.apiKey', '*.authorization'] },
    pino.destination({ dest: 2, sync: true }),
  );
  const db = connect(options.databaseUrl, { max: options.maxConnections ?? DEFAULT_CONNECTIONS, name: 'quorate-api' });
  const connection = Connection.lazy(options.temporal.connectionOptions);
  const temporal = new Client({ connection, namespace: options.temporal.namespace }).workflow;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { webRoot, ownerKey } = options;
  try {
    if (ownerKey !== undefined) await insertKey(db, { hash: hashKey(ownerKey), role: 'requester', name: 'owner' });
    const app = await createApp({ db, temporal, log, registry, ...(webRoot === undefined ? {} : { webRoot }) });
    const url = await app.listen({ host: options.host, port: options.port });
    const forgetting = setInterval(() => {
      forgetOldAnswers(db).catch((error: unknown) => log.warn({ err: error }, 'old answers could not be deleted'));
    }, FORGET_EVERY_MS);
    return {
      url,
      async close() {
        clearInterval(forgetting);
        await app.close();
        await Promise.all([db.end({ timeout: 5 }), connection.close()]);
      },
    };
  } catch (error) {
    await Promise.allSettled([db.end({ timeout: 5 }), connection.close()]);
    throw error;
  }
}
