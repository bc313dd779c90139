import { freePort as anyFreePort } from '../../runtime/ports.ts';

const LANES = 4;
const lane = Number(process.env.VITEST_POOL_ID ?? 0) % LANES;
const given = new Set<number>();

/** A port nobody listens on: never twice for one test file, nor for files that run side by side, which bind it later. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await anyFreePort();
    if (port % LANES !== lane || given.has(port)) continue;
    given.add(port);
    return port;
  }
}
