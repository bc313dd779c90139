import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { client, expectShape, leaf, pathOf } from './shared.ts';

/** `quorate explain`. */
export function registerExplain(program: Command): void {
  leaf(program, 'explain', 'tell the whole story of one task: who answered what, what it weighed, what it cost')
    .argument('<task>', 'its id')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const [{ storyLines }, { taskView }] = await Promise.all([
        import('./explain-story.ts'),
        import('./task-view.ts'),
      ]);
      const answer = await (await client()).get(pathOf('tasks', id));
      if (json) printJson(answer);
      else print(storyLines(expectShape(taskView, answer)));
    });
}
