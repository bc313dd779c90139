import type { Command } from 'commander';
import { TIERS } from '../../domain/tiers.ts';
import { print, printJson, table } from '../output.ts';
import { client, leaf, list, pathOf } from './shared.ts';

/** `quorate annotators ...`. */
export function registerAnnotators(program: Command): void {
  const annotators = program.command('annotators').description('the people (and judges) who answer');

  leaf(annotators, 'list', 'list annotators with their standing').action(async ({ json }: { json?: boolean }) => {
    const { allPages, annotatorView } = await import('./views.ts');
    const all = await allPages(await client(), '/v1/annotators', annotatorView);
    if (json) return printJson(all);
    if (all.length === 0) return print('No annotators yet. Add one with `quorate annotators add --name NAME`.');
    const rows = all.map((each) => {
      const gold = each.goldTotal === 0 ? '' : `${each.goldCorrect} of ${each.goldTotal}`;
      const name = each.simulated ? `${each.name} (simulated)` : each.name;
      return [each.id, name, each.tier, gold, each.standing, each.standingReason];
    });
    print(table(['ID', 'NAME', 'TIER', 'GOLD RIGHT', 'STANDING', 'REASON'], rows));
  });

  leaf(annotators, 'add', 'add an annotator and print their API key, this once')
    .requiredOption('--name <name>', 'what to call them')
    .option('--tier <tier>', TIERS.join(', '), 'crowd')
    .option('--specializations <domains>', 'domains they know well, such as law,medicine', list)
    .option('--workforce <name>', 'where they belong', 'internal')
    .action(
      async (options: {
        json?: boolean;
        name: string;
        tier: string;
        specializations?: string[];
        workforce: string;
      }) => {
        const [{ createdAnnotator }, { expectShape }] = await Promise.all([
          import('./views.ts'),
          import('./shared.ts'),
        ]);
        const { json, ...body } = options;
        const answer = await (await client()).post('/v1/annotators', body);
        const annotator = expectShape(createdAnnotator, answer);
        if (json) return printJson(answer);
        print([`Annotator  ${annotator.id}`, `API key    ${annotator.apiKey}`]);
        process.stderr.write('Hand the key over now: only its hash is kept, and it is not shown again.\n');
      },
    );

  leaf(annotators, 'rename', 'change what an annotator is called, of all they have done, too')
    .argument('<annotator>', 'their id')
    .argument('<name>', 'the new name')
    .action(async (id: string, name: string, { json }: { json?: boolean }) => {
      const answer = await (await client()).patch(pathOf('annotators', id), { name });
      if (json) return printJson(answer);
      print(`${id} is called ${name} now.`);
    });
}
