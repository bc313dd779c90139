import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning } from './lock.ts';
import { processIdentity } from './processes.ts';
import { writeWhole } from './whole-file.ts';

const endpointSchema = z.object({
  /** Of the HTTP server. */
  url: z.string(),
  /** The process that keeps the stack up. */
  pid: z.number().int(),
  identity: z.string(),
  startedAt: z.string(),
  databaseUrl: z.string(),
  temporal: z.object({ address: z.string(), namespace: z.string() }),
  uiUrl: z.string().optional(),
  /** The owner's key. */
  apiKey: z.string().optional(),
});

/** How other commands reach the running stack of a data folder. */
export type Endpoint = z.infer<typeof endpointSchema>;

const fileIn = (home: string) => join(home, 'endpoint.json');

/** Notes the running stack for other commands of the same user (the file has mode 0600: it holds a key). */
export function writeEndpoint(home: string, endpoint: Omit<Endpoint, 'pid' | 'identity' | 'startedAt'>): void {
  const full: Endpoint = {
    ...endpoint,
    pid: process.pid,
    identity: processIdentity(process.pid) ?? 'unknown',
    startedAt: new Date().toISOString(),
  };
  writeWhole(fileIn(home), `${JSON.stringify(full, null, 2)}\n`);
}

/** The running stack of that data folder; undefined when none runs (a note left by a killed one does not count). */
export function readEndpoint(home: string): Endpoint | undefined {
  try {
    const endpoint = endpointSchema.parse(JSON.parse(readFileSync(fileIn(home), 'utf8')));
    return isRunning(endpoint) ? endpoint : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the note, when the stack stops. */
export function removeEndpoint(home: string): void {
  rmSync(fileIn(home), { force: true });
}
