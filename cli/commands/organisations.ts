import type { Command } from 'commander';
import { print, printJson, table } from '../output.ts';
import { client, expectShape, leaf } from './shared.ts';

/** `quorate organisations ...`. */
export function registerOrganisations(program: Command): void {
  const organisations = program
    .command('organisations')
    .description('the organisations of this server, each with campaigns and people of its own');

  leaf(organisations, 'list', 'list the organisations').action(async ({ json }: { json?: boolean }) => {
    const { allPages, organisationView } = await import('./views.ts');
    const all = await allPages(await client(), '/v1/organisations', organisationView);
    if (json) return printJson(all);
    print(
      table(
        ['ID', 'NAME', 'SINCE'],
        all.map(({ id, name, createdAt }) => [id, name, createdAt]),
      ),
    );
  });

  leaf(organisations, 'add', 'make an organisation and print the link by which its owner joins, this once')
    .requiredOption('--name <name>', 'what it is called')
    .requiredOption('--owner <email>', 'whose it will be')
    .action(async ({ json, name, owner }: { json?: boolean; name: string; owner: string }) => {
      const { createdOrganisation } = await import('./views.ts');
      const answer = await (await client()).post('/v1/organisations', { name, email: owner });
      const { id, invitation } = expectShape(createdOrganisation, answer);
      if (json) return printJson(answer);
      print([`Organisation  ${id}`, `Link          ${invitation.link}`]);
      const how = invitation.mailed ? 'It was mailed, too' : 'Pass it on now';
      process.stderr.write(`${how}: it is good for a week, and is not shown again.\n`);
    });
}
