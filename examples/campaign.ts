// A campaign from the first request to its answers, with fetch. Node 22.18 or newer runs it as it is:
// QUORATE_URL=... QUORATE_API_KEY=... node examples/campaign.ts
import { fileURLToPath } from 'node:url';

interface Offer {
  readonly assignmentId: string;
  readonly task: { readonly payload: { readonly text: string } };
}

/** Runs the campaign on the server at `url` with an owner's or requester's key; resolves to how many tasks it answered. */
export async function run(url: string, ownerKey: string): Promise<number> {
  // The parsed answer; undefined for an empty one. A refusal is thrown with the sentence that explains it.
  async function call<T>(method: string, path: string, key: string, body?: unknown): Promise<T | undefined> {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error((JSON.parse(text) as { detail: string }).detail);
    return text === '' ? undefined : (JSON.parse(text) as T);
  }

  const campaign = await call<{ id: string }>('POST', '/v1/campaigns', ownerKey, {
    name: 'Spam, by TypeScript',
    type: 'classification',
    config: { labels: ['spam', 'ham'] },
    instructions: 'Is this e-mail spam?',
    redundancy: 1,
    goldRatio: 0,
    budgetUsd: '5.00',
  });
  const items = [
    { key: '1', text: 'Buy now' },
    { key: '2', text: 'See you at noon' },
  ];
  await call('POST', `/v1/campaigns/${campaign?.id}/items`, ownerKey, items);
  const annotator = await call<{ apiKey: string }>('POST', '/v1/annotators', ownerKey, { name: 'Ada' });
  await call('POST', `/v1/campaigns/${campaign?.id}/start`, ownerKey);

  let answered = 0;
  while (answered < items.length) {
    // Waits up to 30 seconds for a task; the answer is empty when there is none.
    const ask = { campaignId: campaign?.id, waitS: 30 };
    const offer = await call<Offer>('POST', '/v1/assignments/next', annotator?.apiKey ?? '', ask);
    if (!offer) break;
    const label = offer.task.payload.text.includes('Buy') ? 'spam' : 'ham';
    const given = { label, timeSpentS: 12 };
    await call('POST', `/v1/assignments/${offer.assignmentId}/annotation`, annotator?.apiKey ?? '', given);
    answered += 1;
  }
  return answered;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { QUORATE_URL: url = '', QUORATE_API_KEY: key = '' } = process.env;
  process.stdout.write(`answered ${await run(url, key)}\n`);
}
