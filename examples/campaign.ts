// A campaign from the first request to its answers, with the typed client. Node 22.18 or newer runs it as it is:
// QUORATE_URL=... QUORATE_API_KEY=... node examples/campaign.ts
import { fileURLToPath } from 'node:url';
import { quorate } from '../client/quorate.ts';

/** Runs the campaign on the server at `url` with an owner's or requester's key; resolves to how many tasks it answered. */
export async function run(url: string, key: string): Promise<number> {
  const office = quorate({ url, key });
  const campaign = await office.POST('/v1/campaigns', {
    body: {
      name: 'Spam, by TypeScript',
      type: 'classification',
      config: { labels: ['spam', 'ham'] },
      instructions: 'Is this e-mail spam?',
      redundancy: 1,
      goldRatio: 0,
      budgetUsd: '5.00',
    },
  });
  const params = { path: { id: campaign.data?.id ?? '' } };
  const items = [
    { key: '1', text: 'Buy now' },
    { key: '2', text: 'See you at noon' },
  ];
  await office.POST('/v1/campaigns/{id}/items', { params, body: items });
  const ada = await office.POST('/v1/annotators', { body: { name: 'Ada' } });
  await office.POST('/v1/campaigns/{id}/start', { params });

  const desk = quorate({ url, key: ada.data?.apiKey ?? '' });
  let answered = 0;
  while (answered < items.length) {
    // Waits up to 30 seconds for a task; the answer is empty when there is none.
    const { data: offer } = await desk.POST('/v1/assignments/next', {
      body: { campaignId: params.path.id, waitS: 30 },
    });
    if (!offer) break;
    const { text } = offer.task.payload as { text: string };
    await desk.POST('/v1/assignments/{id}/annotation', {
      params: { path: { id: offer.assignmentId } },
      body: { label: text.includes('Buy') ? 'spam' : 'ham', timeSpentS: 12 },
    });
    answered += 1;
  }
  return answered;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { QUORATE_URL: url = '', QUORATE_API_KEY: key = '' } = process.env;
  process.stdout.write(`answered ${await run(url, key)}\n`);
}
