import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './whole-file.ts';

/** Where the owner's key of a data folder is. */
export const ownerKeyFile = (home: string): string => join(home, 'owner-key');

/** The owner's key of this data folder, made at the first start; one that was never written to the disk is made anew. */
export function ownerKey(home: string): string {
  const file = ownerKeyFile(home);
  const noted = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (noted !== '') return noted;
  const key = `qk_${randomBytes(32).toString('base64url')}`;
  writeWhole(file, `${key}\n`);
  return key;
}
