import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
const pool = new Uint8Array(256 * ID_BYTES);
let at = pool.length;

/** A UUID of version 7 (RFC 9562), for what every request makes: random bytes are fetched for 256 of them at a time. */
export function newId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += ID_BYTES;
  return v7({ random: pool.subarray(at - ID_BYTES, at) });
}
