import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { client, expectShape, leaf } from './shared.ts';

/** `quorate budget`. */
export function registerBudget(program: Command): void {
  leaf(program, 'budget', 'cap all campaigns together; without dollars show the cap, what is drawn on it and warnings')
    .argument('[usd]', 'the new cap in dollars, such as 5000; none lifts it')
    .action(async (usd: string | undefined, { json }: { json?: boolean }) => {
      const { organisationLines, organisationView } = await import('./budget-view.ts');
      const api = await client();
      const answer =
        usd === undefined
          ? await api.get('/v1/budget')
          : await api.put('/v1/budget', { capUsd: usd === 'none' ? null : usd });
      if (json) printJson(answer);
      else print(organisationLines(expectShape(organisationView, answer)));
    });
}
