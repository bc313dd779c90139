import type { Command } from 'commander';
import { facts, print, printJson } from '../output.ts';
import { leaf } from './shared.ts';

/** `quorate up`. */
export function registerUp(program: Command): void {
  leaf(program, 'up', 'start everything on this machine and keep it up until Ctrl-C').action(
    async ({ json }: { json?: boolean }) => {
      const [{ loadConfig }, { up }, { join }] = await Promise.all([
        import('../../runtime/config.ts'),
        import('../up.ts'),
        import('node:path'),
      ]);
      const say = (line: string) => process.stderr.write(`${line}\n`);
      const config = loadConfig();
      const stopped = untilStopped(say);
      const running = await up(config, say);
      const { url, setupUrl, uiUrl, parts } = running;
      const keyFile = config.apiKey === undefined ? join(config.home, 'owner-key') : null;
      const docsUrl = `${url}/docs`;
      if (json)
        printJson({
          url,
          setupUrl: setupUrl ?? null,
          docsUrl,
          uiUrl: uiUrl ?? null,
          keyFile,
          home: config.home,
          parts,
        });
      else {
        print([
          '',
          ...facts(parts.map(({ name, source }) => [name, source] as const)),
          '',
          ...facts([
            ['API', url],
            ['API description', docsUrl],
            ['Temporal UI', uiUrl],
            ["Owner's key", keyFile ?? 'the one in QUORATE_API_KEY'],
            ['Data', config.home],
          ]),
          ...(setupUrl === undefined ? [] : ['', 'Nobody owns this server yet. Make the owner here:', `  ${setupUrl}`]),
          '',
          'First steps, in another terminal:',
          '  quorate annotators add --name Ann',
          '  quorate campaign create --type classification --labels spam,ham --redundancy 1 --budget 50',
          '  quorate import CAMPAIGN items.csv && quorate campaign start CAMPAIGN',
          '',
          'Ctrl-C stops everything; `quorate up` goes on where it stopped.',
        ]);
      }
      await stopped;
      await running.stop();
      say('Stopped.');
    },
  );
}

/** Resolves at the first SIGINT or SIGTERM. Further ones are answered with a hint and do nothing. */
function untilStopped(say: (line: string) => void): Promise<void> {
  let times = 0;
  return new Promise((resolve) => {
    const stop = () => {
      times += 1;
      if (times === 1) say('Stopping...');
      if (times === 2) say('Still stopping: work under way is being finished, which takes half a minute at most.');
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
