import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { connect, type Db } from '../../db/client.ts';
import { needsOwner, sharedSecret } from '../../db/queries/people.ts';

/** What signs sessions: the given secret, or one that is made once and that the processes share through the database. */
export async function sessionSecret(db: Db, given: string | undefined): Promise<string> {
  return given ?? sharedSecret(db, 'sessions', randomBytes(32).toString('hex'));
}

/** What makes the owner of a new server, and nothing once there is one: known to whoever started the server. */
export function setupTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('quorate set-up').digest('base64url');
}

/** Whether `given` is the token; how long that takes tells nothing of it. */
export function isSetupToken(given: string, secret: string): boolean {
  const [mine, theirs] = [setupTokenOf(secret), given].map((each) => hash('sha256', each, 'buffer'));
  return mine !== undefined && theirs !== undefined && timingSafeEqual(mine, theirs);
}

/** Where the owner of a new server is made; undefined where there is one. */
export async function setupLink(
  db: Db,
  server: { publicUrl: string; secret: string | undefined },
): Promise<string | undefined> {
  if (!(await needsOwner(db))) return undefined;
  const secret = await sessionSecret(db, server.secret);
  return `${server.publicUrl}/setup?token=${setupTokenOf(secret)}`;
}

/** As `setupLink`, by a connection of its own. */
export async function readSetupLink(
  databaseUrl: string,
  server: { publicUrl: string; secret: string | undefined },
): Promise<string | undefined> {
  const db = connect(databaseUrl, { max: 1, name: 'quorate-setup' });
  try {
    return await setupLink(db, server);
  } finally {
    await db.end({ timeout: 5 });
  }
}
