import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { client, expectShape, leaf, pathOf } from './shared.ts';

/** `quorate campaign platforms`. */
export function registerPlatforms(campaign: Command): void {
  leaf(campaign, 'platforms', 'show what people, vendors and judges cost and are worth in a campaign')
    .argument('<campaign>', 'its id')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const answer = await (await client()).get(pathOf('campaigns', id, '/platforms'));
      if (json) return printJson(answer);
      const { platformsLines, platformsView } = await import('./campaign-platforms-view.ts');
      print(platformsLines(expectShape(platformsView, answer)));
    });
}
