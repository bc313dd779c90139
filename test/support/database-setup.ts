import type { TestProject } from 'vitest/node';
import { startDatabaseServer } from './database.ts';

/** Vitest's global set-up: one PostgreSQL for all test files of the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startDatabaseServer();
  project.provide('databaseServer', server.url);
  return () => server.stop();
}
