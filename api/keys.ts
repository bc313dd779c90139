import { createCipheriv, createDecipheriv, createHash, hash, randomBytes } from 'node:crypto';

/** A new API key: 256 random bits, recognisable by its prefix. */
export function newApiKey(): string {
  return `qk_${randomBytes(32).toString('base64url')}`;
}

/** What is kept of a key: its SHA-256 in hex. The key has 256 random bits, so no slow hash is needed. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex');
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts text so that only the bearer of `apiKey`, which we do not keep, can have it read again (AES-256-GCM). Used
 * for stored answers that hold a secret.
 */
export function seal(text: string, apiKey: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(apiKey), nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** The text that `seal` encrypted with the same key. */
export function unseal(sealed: string, apiKey: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(apiKey), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}

function sealingKey(apiKey: string): Buffer {
  return createHash('sha256').update(`quorate stored answer\n${apiKey}`).digest();
}
