import { z } from 'zod';
import type { ApiClient } from '../client.ts';
import { usageError } from '../output.ts';
import { expectShape, pathOf } from './shared.ts';
import { allPages } from './views.ts';

const found = z.object({ items: z.array(z.object({ id: z.string() })) });

/** The id of the one task whose item has this key, in that campaign or in any. */
export async function taskByKey(api: ApiClient, key: string, campaign: string | undefined): Promise<string> {
  const campaigns =
    campaign === undefined
      ? (await allPages(api, '/v1/campaigns', z.object({ id: z.string() }))).map(({ id }) => id)
      : [campaign];
  const tasks: { id: string; campaign: string }[] = [];
  for (const each of campaigns) {
    const path = pathOf('campaigns', each, `/tasks?key=${encodeURIComponent(key)}`);
    for (const { id } of expectShape(found, await api.get(path)).items) tasks.push({ id, campaign: each });
  }
  const [task, other] = tasks;
  const name = JSON.stringify(key);
  if (!task) throw usageError(`There is no task with the id or the key ${name}; an item has one once it was chosen.`);
  if (!other) return task.id;
  const where = [...new Set(tasks.map((each) => each.campaign))].join(', ');
  throw usageError(`Several tasks have the key ${name}: say which campaign by --campaign (${where}).`);
}
