import type { Command } from 'commander';
import { oneLine, print, printJson, table } from '../output.ts';
import { client, expectShape, leaf, pathOf, wholeNumber } from './shared.ts';

const PARTS = ['uncertainty', 'novelty', 'distance', 'score'] as const;
const MAX_TEXT = 60;

interface Asked {
  readonly json?: boolean;
  readonly strategy?: string;
  readonly count?: number;
  readonly round?: number;
}

/** `quorate campaign preview`. */
export function registerPreview(campaign: Command): void {
  leaf(campaign, 'preview', 'show what would be chosen next, and why; changes nothing')
    .argument('<campaign>', 'its id')
    .option('--strategy <name>', "another one than the campaign's own")
    .option('-n, --count <n>', 'how many items (default: 25)', wholeNumber(1))
    .option('--round <n>', 'choose one of the last ten rounds again, from what is stored of it', wholeNumber(1))
    .action(async (id: string, { json, ...asked }: Asked) => {
      const answer = await (await client()).post(pathOf('campaigns', id, '/selection/preview'), asked);
      if (json) return printJson(answer);
      const { previewView } = await import('./views.ts');
      const { strategy, round, byModel, again, items } = expectShape(previewView, answer);
      if (again) {
        print(`Chosen again from what is stored: ${again.same} of its ${again.tasks} tasks come out the same.`);
      }
      print(`Round ${round}, by ${strategy}${byModel ? ', as the model stands' : '; no model has a part in it'}.`);
      if (items.length === 0) return print('The pool is empty.');
      const parts = PARTS.filter((part) => items.some(({ selection }) => typeof selection[part] === 'number'));
      const rows = items.map(({ key, text, selection }, at) => [
        at + 1,
        key,
        ...parts.map((part) => {
          const value = selection[part];
          return typeof value === 'number' ? value.toPrecision(3) : '-';
        }),
        oneLine(text).slice(0, MAX_TEXT),
      ]);
      print(table(['#', 'KEY', ...parts.map((part) => part.toUpperCase()), 'TEXT'], rows));
    });
}
