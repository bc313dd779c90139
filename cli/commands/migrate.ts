import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { leaf } from './shared.ts';

export function registerMigrate(program: Command): void {
  leaf(program, 'migrate', 'apply the database migrations to QUORATE_DATABASE_URL; `up` does this by itself').action(
    async ({ json }: { json?: boolean }) => {
      const [{ loadConfig }, { checkDatabase }, { RuntimeProblem }, { migrateDatabase }, { paths }] = await Promise.all(
        [
          import('../../runtime/config.ts'),
          import('../../runtime/external.ts'),
          import('../../runtime/problem.ts'),
          import('../../db/migrate.ts'),
          import('../paths.ts'),
        ],
      );
      const { url } = loadConfig().database;
      if (url === undefined) {
        throw new RuntimeProblem(
          'invalid_config',
          'QUORATE_DATABASE_URL is not set.',
          'Set it to the database to migrate.',
        );
      }
      await checkDatabase(url);
      await migrateDatabase(url, paths.migrations);
      if (json) return printJson({ upToDate: true });
      print('The database is up to date.');
    },
  );
}
