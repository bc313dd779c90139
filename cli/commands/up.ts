import { existsSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../../runtime/config.ts';
import { ownerKeyFile } from '../../runtime/owner-key.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { EXIT, facts, print, printJson } from '../output.ts';
import type { Running } from '../up.ts';
import { leaf } from './shared.ts';

/** `quorate up`. */
export function registerUp(program: Command): void {
  leaf(program, 'up', 'start everything on this machine and keep it up until Ctrl-C').action(
    async ({ json }: { json?: boolean }) => {
      const [{ loadConfig }, { up }] = await Promise.all([import('../../runtime/config.ts'), import('../up.ts')]);
      const say = (line: string) => process.stderr.write(`${line}\n`);
      const config = loadConfig();
      const stopped = untilStopped(say);
      const running = await Promise.race([up(config, say), stopped]);
      if (running === undefined) {
        // Every server and service that was started ends with us.
        say('Stopped before it was up.');
        process.exit(EXIT.success);
      }
      try {
        await tell(running, config, json === true);
        await stopped;
      } finally {
        await running.stop();
      }
      say('Stopped.');
    },
  );
}

/** Says what runs and where. */
async function tell(running: Running, { apiKey: givenKey, home }: Config, json: boolean): Promise<void> {
  const { url, setupUrl, uiUrl, parts, apiKey } = running;
  const keyFile = givenKey === undefined ? ownerKeyFile(home) : null;
  const docsUrl = `${url}/docs`;
  if (json) {
    printJson({ url, setupUrl: setupUrl ?? null, docsUrl, uiUrl: uiUrl ?? null, keyFile, home, parts });
    return;
  }
  const { ApiClient } = await import('../client.ts');
  const { items } = (await new ApiClient({ url, apiKey }).get('/v1/campaigns?limit=1')) as { items: unknown[] };
  const isNew = items.length === 0;
  print([
    '',
    ...facts(parts.map(({ name, source }) => [name, source] as const)),
    '',
    ...facts([
      ['API', url],
      ['API description', docsUrl],
      ['Temporal UI', uiUrl],
      ["Owner's key", keyFile ?? 'the one in QUORATE_API_KEY'],
      ['Data', home],
    ]),
    ...(setupUrl === undefined ? [] : ['', 'Nobody owns this server yet. Make the owner here:', `  ${setupUrl}`]),
    '',
    ...(isNew ? firstSteps(home) : []),
    `Ctrl-C stops everything; \`${command()} up\` goes on where it stopped.`,
  ]);
}

function firstSteps(home: string): string[] {
  const quorate = command();
  const there = process.env.QUORATE_HOME === undefined ? '' : `, with QUORATE_HOME=${home} there, too`;
  return [
    `First steps, in another terminal${there}:`,
    `  ${quorate} annotators add --name Ann`,
    `  ${quorate} campaign create --type classification --labels spam,ham --redundancy 1 --budget 50`,
    `  ${quorate} import CAMPAIGN items.csv && ${quorate} campaign start CAMPAIGN`,
    '',
  ];
}

/** How a shell here finds this command: by its name where it is installed. */
function command(): string {
  const onPath = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'quorate')));
  return onPath ? 'quorate' : relative(process.cwd(), join(packageRoot(), 'bin', 'quorate'));
}

/** Resolves at the first SIGINT or SIGTERM. Further ones are answered with a hint and do nothing. */
function untilStopped(say: (line: string) => void): Promise<undefined> {
  let times = 0;
  return new Promise((resolve) => {
    const stop = () => {
      times += 1;
      if (times === 1) say('Stopping...');
      if (times === 2) say('Still stopping: work under way is being finished, which takes half a minute at most.');
      resolve(undefined);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
