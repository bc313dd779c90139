import type { Command } from 'commander';

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('apply the database migrations to QUORATE_DATABASE_URL; `up` does this by itself')
    .action(async () => {
      const [{ loadConfig }, { RuntimeProblem }, { migrateDatabase }, { paths }] = await Promise.all([
        import('../../runtime/config.ts'),
        import('../../runtime/problem.ts'),
        import('../../db/migrate.ts'),
        import('../paths.ts'),
      ]);
      const { url } = loadConfig().database;
      if (url === undefined) {
        throw new RuntimeProblem(
          'invalid_config',
          'QUORATE_DATABASE_URL is not set.',
          'Set it to the database to migrate.',
        );
      }
      await migrateDatabase(url, paths.migrations);
      process.stdout.write('The database is up to date.\n');
    });
}
