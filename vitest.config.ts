import { defineConfig } from 'vitest/config';

/** Native modules (Temporal's core) crash in worker threads, hence forks everywhere. */
const shared = { pool: 'forks' as const, environment: 'node' as const, hookTimeout: 180_000 };
const withServers = {
  ...shared,
  globalSetup: ['test/support/database-setup.ts'],
  testTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
};

/** Three files at a time on two cores: much of a file's time is waiting, for servers above all. */
const maxWorkers = 3;

/** Of files that leave nothing behind: loading the same modules for each took a third of the time. */
const isolate = false;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: [
            'test/domain/**/*.test.ts',
            'test/activities/**/*.test.ts',
            'test/cli/**/*.test.ts',
            'test/web/**/*.test.ts',
            'test/house/**/*.test.ts',
            'test/vendors/**/*.test.ts',
          ],
          testTimeout: 120_000,
          maxWorkers,
          isolate,
        },
      },
      {
        // A real PostgreSQL: each file has a database of its own.
        test: {
          ...withServers,
          name: 'databases',
          include: ['test/{api,db}/**/*.test.ts'],
          maxWorkers,
          isolate,
        },
      },
      {
        // Real servers: each file has a database and a Temporal namespace or server of its own.
        test: {
          ...withServers,
          name: 'servers',
          include: ['test/{workers,workflows,replay}/**/*.test.ts'],
          isolate,
          maxWorkers,
        },
      },
      {
        // Whole stacks, each on ports and in a folder of its own.
        test: {
          ...withServers,
          name: 'stacks',
          include: ['test/{runtime,e2e}/**/*.test.ts'],
          testTimeout: 300_000,
          maxWorkers,
        },
      },
    ],
  },
});
