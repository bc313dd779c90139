import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownerKey, ownerKeyFile } from '../../runtime/owner-key.ts';
import { tempFolder } from './support.ts';

test("an owner's key is kept, for its owner's eyes alone; one that was never wholly written is made anew", () => {
  const home = tempFolder();
  writeFileSync(ownerKeyFile(home), '');
  const key = ownerKey(home);
  expect(key).toMatch(/^qk_.{40,}$/);
  expect(ownerKey(home)).toBe(key);
  expect(readFileSync(ownerKeyFile(home), 'utf8')).toBe(`${key}\n`);
  expect(statSync(ownerKeyFile(home)).mode & 0o777).toBe(0o600);
});
