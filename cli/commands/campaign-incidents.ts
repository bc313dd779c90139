import { type Command, Option } from 'commander';
import { INCIDENT_RULINGS } from '../../domain/vendors/incidents.ts';
import { print, printJson } from '../output.ts';
import { client, expectShape, leaf, pathOf } from './shared.ts';

interface ResolveFlags {
  readonly json?: boolean;
  readonly ruling: string;
  readonly note: string;
}

/** `quorate campaign incidents` and `resolve-incident`. */
export function registerIncidents(campaign: Command): void {
  leaf(campaign, 'incidents', 'list what a person has to look at: orders and answers at vendors')
    .argument('<campaign>', 'its id')
    .option('--resolved', 'those that are resolved, and how')
    .action(async (id: string, { json, resolved }: { json?: boolean; resolved?: boolean }) => {
      const path = pathOf('campaigns', id, `/vendor-incidents${resolved ? '?resolved=true' : ''}`);
      const [{ allPages }, { z }] = await Promise.all([import('./views.ts'), import('zod')]);
      const answer = { items: await allPages(await client(), path, z.unknown()) };
      if (json) return printJson(answer);
      const { incidentLines, incidentsView } = await import('./campaign-incidents-view.ts');
      print(incidentLines(expectShape(incidentsView, answer)));
    });

  leaf(campaign, 'resolve-incident', 'rule on one of them, by one of the rulings that the list names')
    .argument('<campaign>', 'its id')
    .argument('<incident>', "the incident's id")
    .addOption(new Option('--ruling <ruling>', 'what is to be done').choices(INCIDENT_RULINGS).makeOptionMandatory())
    .requiredOption('--note <text>', 'how you know; a worker whose answer is rejected is told it')
    .action(async (id: string, incident: string, { json, ruling, note }: ResolveFlags) => {
      const path = pathOf('campaigns', id, `/vendor-incidents/${encodeURIComponent(incident)}/resolve`);
      const answer = await (await client()).post(path, { ruling, note });
      if (json) return printJson(answer);
      print('Resolved.');
    });
}
