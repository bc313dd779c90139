import type { Command } from 'commander';
import { usageError } from '../output.ts';
import { SERVICES } from '../services.ts';

/** `quorate serve`: one process of the product, for `up` and for clusters; not for people. */
export function registerServe(program: Command): void {
  program
    .command('serve', { hidden: true })
    .description('run one process of the product')
    .argument('<service>', 'api, worker or learning')
    .action(async (name: string) => {
      const service = SERVICES.find((each) => each === name);
      if (!service) throw usageError(`There is no service ${JSON.stringify(name)}; there are ${SERVICES.join(', ')}.`);
      const { serve } = await import('../serve.ts');
      await serve(service);
    });
}
