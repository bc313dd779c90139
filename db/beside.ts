import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db } from './client.ts';

/**
 * A small pool of its own for libraries that speak through drizzle, on the database of `db`. Drizzle changes how a
 * pool reads times, so it cannot share ours.
 */
export function drizzleBeside(db: Db, options: { max: number; name: string }) {
  const { path, database, user, ssl, backoff } = db.options;
  // The driver takes back what it parsed, but its types know neither the lists of hosts nor the password of a pool.
  const { host, port, pass } = db.options as unknown as { host: string; port: number; pass: string };
  const settings: postgres.Options<Record<string, never>> = {
    host,
    port,
    ...(path ? { path } : {}),
    database,
    user,
    pass,
    ssl,
    max: options.max,
    onnotice: () => {},
    connection: { application_name: options.name, TimeZone: 'UTC' },
    ...(typeof backoff === 'function' ? { backoff } : {}),
  };
  const pool = postgres(settings);
  return { drizzle: drizzle(pool), end: () => pool.end({ timeout: 5 }) };
}
