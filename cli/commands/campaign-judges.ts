import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { client, expectShape, leaf, pathOf, wholeNumber } from './shared.ts';

interface ReAskFlags {
  readonly json?: boolean;
  readonly reason?: string;
  readonly limit?: number;
}

/** `quorate campaign judges`, `re-ask-judge` and `measure-judge`. */
export function registerJudges(campaign: Command): void {
  leaf(campaign, 'judges', 'show how far each LLM judge is trusted and why, and what judges decided alone')
    .argument('<campaign>', 'its id')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const answer = await (await client()).get(pathOf('campaigns', id, '/judges?limit=200'));
      if (json) return printJson(answer);
      const { judgesLines, judgesView } = await import('./campaign-judges-view.ts');
      print(judgesLines(expectShape(judgesView, answer)));
    });

  leaf(campaign, 're-ask-judge', 'show what leans on a judge and what asking people costs; with --reason ask them')
    .argument('<campaign>', 'its id')
    .argument('<judge>', "the judge's annotator id, as `campaign judges` shows it")
    .option('--reason <text>', 'why; opens the tasks again for people, within the budget')
    .option('--limit <n>', 'most tasks to open (1000)', wholeNumber(1))
    .action(async (id: string, judge: string, { json, reason, limit }: ReAskFlags) => {
      const path = pathOf('campaigns', id, `/judges/${encodeURIComponent(judge)}/re-ask`);
      const api = await client();
      const answer =
        reason === undefined ? await api.post(`${path}/preview`, {}) : await api.post(path, { reason, limit });
      if (json) return printJson(answer);
      const view = await import('./campaign-judges-view.ts');
      print(
        reason === undefined
          ? view.previewLines(expectShape(view.previewView, answer))
          : view.reopenedLines(expectShape(view.reopenedView, answer)),
      );
    });

  leaf(campaign, 'measure-judge', 'have a judge that is distrusted measured anew, by audits from now on alone')
    .argument('<campaign>', 'its id')
    .argument('<judge>', "the judge's annotator id, as `campaign judges` shows it")
    .requiredOption('--reason <text>', 'why, which is kept')
    .action(async (id: string, judge: string, { json, reason }: ReAskFlags) => {
      const path = pathOf('campaigns', id, `/judges/${encodeURIComponent(judge)}/measure-anew`);
      const answer = await (await client()).post(path, { reason });
      if (json) return printJson(answer);
      print(['It is unknown again, and decides nothing alone until new audits support it.']);
    });
}
