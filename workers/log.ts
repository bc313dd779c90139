import { type Logger, pino } from 'pino';

export type Log = Logger;

/** Structured logs on standard error, so that standard output stays free for what a command prints. */
export function createLog(name: string, level: string): Log {
  return pino({ name, level, redact: ['*.apiKey', '*.authorization'] }, pino.destination({ dest: 2, sync: true }));
}
