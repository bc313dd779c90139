import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { leaf } from './shared.ts';

/** `quorate campaign settings`. */
export function registerSettings(campaign: Command): void {
  leaf(campaign, 'settings', 'list what the file of `campaign create -f` may set, with meanings and defaults').action(
    async ({ json }: { json?: boolean }) => {
      const { listSettings } = await import('../../domain/settings-list.ts');
      const settings = listSettings();
      if (json) return printJson(settings);
      print(
        settings.flatMap(({ name, meaning, byDefault, allowed }) => {
          const limits = [
            ...(byDefault === undefined ? [] : [`default ${byDefault}`]),
            ...(allowed === '' ? [] : [allowed]),
          ];
          return [limits.length === 0 ? name : `${name}  [${limits.join('; ')}]`, `    ${meaning}`];
        }),
      );
    },
  );
}
