import { defineConfig } from 'vitest/config';

/** Native modules (Temporal's core) crash in worker threads, hence forks everywhere. */
const shared = { pool: 'forks' as const, environment: 'node' as const, hookTimeout: 180_000 };

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
          testTimeout: 30_000,
        },
      },
      {
        // Real servers: one file at a time, as each is meant to have the machine's two cores to itself.
        test: {
          ...shared,
          name: 'servers',
          globalSetup: ['test/support/database-setup.ts'],
          include: ['test/{api,db,runtime,workers,workflows,replay,e2e}/**/*.test.ts'],
          testTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
