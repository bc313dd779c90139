import type { Command } from 'commander';
import { CliError, print, printJson } from '../output.ts';
import { client, expectShape, leaf, pathOf } from './shared.ts';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `quorate explain`. */
export function registerExplain(program: Command): void {
  leaf(program, 'explain', 'tell the whole story of one task: who answered what, what it weighed, what it cost')
    .argument('<task>', 'its id, or the key of its item')
    .option('--campaign <id>', 'the campaign that the key is of; needed where several have it')
    .action(async (name: string, { json, campaign }: { json?: boolean; campaign?: string }) => {
      const [{ recomputedStory, storyLines }, { taskView }] = await Promise.all([
        import('./explain-story.ts'),
        import('./task-view.ts'),
      ]);
      const api = await client();
      const id = ID.test(name) ? name : await (await import('./task-by-key.ts')).taskByKey(api, name, campaign);
      const answer = await api.get(pathOf('tasks', id));
      const task = expectShape(taskView, answer);
      const { document, differing } = recomputedStory(answer, task);
      if (json) printJson(document);
      else print(storyLines(task));
      if (differing > 0)
        throw new CliError(`${differing} of its decisions, decided again from the record, came out otherwise.`);
    });
}
