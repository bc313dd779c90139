import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../db/client.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import type { Role } from '../../db/schema/states.ts';

/** Stores a key that is no annotator's, and that nobody made. */
export async function insertKey(
  db: Db,
  key: { hash: string; role: Exclude<Role, 'annotator'>; name: string; organisationId?: string },
): Promise<void> {
  await db`
    insert into api_keys (id, organisation_id, hash, role, name)
    values (${uuidv7()}, ${key.organisationId ?? DEFAULT_ORGANISATION}, ${key.hash}, ${key.role}, ${key.name})`;
}
