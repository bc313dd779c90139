import { QuorateError } from '../../domain/failures.ts';
import { type ApiClient, isPassing } from '../client.ts';
import { buildTruthIndex, type CrowdStats, runCrowd } from './crowd.ts';
import { createDisplay } from './display.ts';
import { createPersonas, type Persona } from './personas.ts';
import type { DemoItem, Preset } from './presets.ts';
import { type CampaignView, campaignView, createdAnnotator, createdCampaign, importAnswer } from './views.ts';

const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 60_000;
const IMPORT_CHUNK = 1000;
const ENDED = new Set(['finished', 'stopped']);

export interface Played {
  readonly campaignId: string;
  readonly campaign: CampaignView;
  readonly stats: CrowdStats;
  readonly annotatorIds: readonly string[];
}

/** Runs one campaign with a simulated crowd of its own to its end. Throws conflict where it was interrupted. */
export async function playCampaign(
  { client, url }: { readonly client: ApiClient; readonly url: string },
  run: {
    readonly preset: Pick<Preset, 'campaign' | 'taskType' | 'timeScale'>;
    readonly seed: string;
    readonly items: readonly DemoItem[];
    readonly known: Parameters<typeof buildTruthIndex>[0];
    readonly begun: (campaignId: string) => void;
    readonly interrupted: AbortSignal;
  },
): Promise<Played> {
  const { preset, seed, interrupted } = run;
  const { id: campaignId } = createdCampaign.parse(await client.post('/v1/campaigns', { ...preset.campaign, seed }));
  await importItems(client, campaignId, run.items);
  const personas = createPersonas(seed);
  const { apiKeys, annotatorIds } = await hire(client, personas);
  await client.post(`/v1/campaigns/${campaignId}/start`, {});
  run.begun(campaignId);

  const closing = new AbortController();
  const crowd = runCrowd({
    baseUrl: url,
    apiKeys,
    personas,
    truthOf: buildTruthIndex(run.known),
    taskType: preset.taskType,
    timeScale: preset.timeScale,
    seed,
    signal: AbortSignal.any([closing.signal, interrupted]),
    campaignId,
  });
  const campaign = await watch(client, campaignId, crowd, interrupted).finally(() => closing.abort());
  const stats = await crowd;
  if (!ENDED.has(campaign.state)) {
    const message = `The demo was interrupted; its campaign ${campaignId} goes on when the stack runs again.`;
    throw new QuorateError('conflict', message);
  }
  return { campaignId, campaign, stats, annotatorIds };
}

async function importItems(client: ApiClient, campaignId: string, items: readonly DemoItem[]): Promise<void> {
  for (let from = 0; from < items.length; from += IMPORT_CHUNK) {
    const rows = items.slice(from, from + IMPORT_CHUNK).map(({ key, payload, gold, truth, domain }) => ({
      key,
      payload,
      ...(gold ? { gold: truth } : {}),
      ...(domain === undefined ? {} : { domain }),
    }));
    const answer = importAnswer.parse(await client.post(`/v1/campaigns/${campaignId}/items`, rows));
    if (answer.rejectedCount > 0)
      throw new QuorateError('invalid_input', `${answer.rejectedCount} demo items were refused.`);
  }
}

async function hire(client: ApiClient, personas: readonly Persona[]) {
  const apiKeys = new Map<string, string>();
  const annotatorIds: string[] = [];
  for (const { name, tier, specializations } of personas) {
    const made = await client.post('/v1/annotators', { name, tier, specializations, simulated: true });
    const { id, apiKey } = createdAnnotator.parse(made);
    apiKeys.set(name, apiKey);
    annotatorIds.push(id);
  }
  return { apiKeys, annotatorIds };
}

/** Follows the campaign to its end, or until the crowd or the person has stopped. */
async function watch(
  client: ApiClient,
  campaignId: string,
  crowd: Promise<CrowdStats>,
  interrupted: AbortSignal,
): Promise<CampaignView> {
  const display = createDisplay(process.stderr);
  let crowdGone = false;
  crowd.then(
    () => {
      crowdGone = true;
    },
    () => {
      crowdGone = true;
    },
  );
  for (;;) {
    const campaign = campaignView.parse(await patiently(() => client.get(`/v1/campaigns/${campaignId}`), interrupted));
    display.show(campaign, performance.now());
    if (ENDED.has(campaign.state) || interrupted.aborted || crowdGone) {
      display.end();
      return campaign;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Asks again for a minute while the server cannot be reached, or not its database: what ended is started again. */
async function patiently<T>(ask: () => Promise<T>, interrupted: AbortSignal): Promise<T> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || interrupted.aborted || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}
