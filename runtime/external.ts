import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import type { TemporalAddress } from './config.ts';
import { errorMessage, RuntimeProblem } from './problem.ts';

/** Throws `database_unreachable` unless that PostgreSQL answers a query within `timeoutMs`. */
export async function checkDatabase(url: string, timeoutMs = 10_000): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: Math.ceil(timeoutMs / 1000),
    onnotice: () => undefined,
    // One of those that our connections begin with, which poolers refuse.
    connection: { lock_timeout: timeoutMs },
  });
  try {
    const [row] = await sql<{ version: string }[]>`select current_setting('server_version_num') as version`;
    const major = Math.floor(Number(row?.version) / 10_000);
    if (major < 14) {
      throw new RuntimeProblem('database_unreachable', `The database is PostgreSQL ${major}.`, 'Use 14 or newer.');
    }
  } catch (error) {
    if (error instanceof RuntimeProblem) throw error;
    if (/unsupported startup parameter/.test(errorMessage(error))) {
      throw new RuntimeProblem(
        'database_unreachable',
        `${withoutPassword(url)} leads to a connection pooler.`,
        'Let QUORATE_DATABASE_URL lead to PostgreSQL itself: our sessions hold locks and settings, which poolers mix up.',
        error,
      );
    }
    throw new RuntimeProblem(
      'database_unreachable',
      `The database at ${withoutPassword(url)} does not answer: ${errorMessage(error) || 'no connection'}.`,
      'Start it or correct QUORATE_DATABASE_URL; without that variable Quorate starts a database of its own.',
      error,
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Throws `temporal_unreachable` unless that server answers within `timeoutMs` and knows the namespace. */
export async function checkTemporal(where: TemporalAddress, timeoutMs = 10_000): Promise<void> {
  const { namespace, ...connection } = where;
  try {
    const client = await Connection.connect({ ...connection, connectTimeout: timeoutMs });
    try {
      await client.withDeadline(Date.now() + timeoutMs, () => client.workflowService.describeNamespace({ namespace }));
    } finally {
      await client.close();
    }
  } catch (error) {
    // Keys with narrow rights may not describe a namespace; that they were understood is answer enough.
    if (grpcCode(error) === PERMISSION_DENIED) return;
    const unknown = grpcCode(error) === NOT_FOUND;
    throw new RuntimeProblem(
      'temporal_unreachable',
      unknown
        ? `The Temporal server at ${where.address} has no namespace ${namespace}.`
        : `The Temporal server at ${where.address} does not answer: ${errorMessage(error)}.`,
      unknown
        ? 'Create it there or correct TEMPORAL_NAMESPACE.'
        : 'Start it or correct TEMPORAL_ADDRESS; without that variable Quorate starts a server of its own.',
      error,
    );
  }
}

const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;

function grpcCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** A connection string fit to be shown. */
export function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password !== '') parsed.password = '...';
    return parsed.href;
  } catch {
    return 'QUORATE_DATABASE_URL';
  }
}
