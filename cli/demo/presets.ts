import { seededRng } from '../../domain/rng.ts';
import type { CrowdTaskType } from './crowd-answer.ts';
import { preferencePairs } from './preference-pairs.ts';
import { spamCorpus } from './spam-corpus.ts';

/** One item of a demo, with the truth that stays with the demo and never reaches the campaign unless it is gold. */
export interface DemoItem {
  readonly key: string;
  readonly payload: Record<string, unknown>;
  readonly truth: string;
  readonly gold: boolean;
  readonly domain?: string;
}

export interface Preset {
  readonly name: 'spam' | 'preference';
  readonly taskType: CrowdTaskType;
  readonly title: string;
  /** Real seconds for each second of the simulated crowd. */
  readonly timeScale: number;
  readonly formats: readonly ('jsonl' | 'parquet' | 'dpo')[];
  readonly campaign: Record<string, unknown> & {
    readonly name: string;
    readonly redundancy: number;
    readonly type: CrowdTaskType;
    readonly config: unknown;
  };
  load(seed: string): Promise<{ items: DemoItem[]; known: Parameters<typeof import('./crowd.ts').buildTruthIndex>[0] }>;
}

const spam: Preset = {
  name: 'spam',
  taskType: 'classification',
  title: 'Spam or ham: 6,046 real e-mails (SpamAssassin corpus)',
  timeScale: 0.008,
  formats: ['jsonl', 'parquet'],
  campaign: {
    name: 'Demo: spam or ham',
    type: 'classification',
    config: { labels: ['spam', 'ham'] },
    instructions:
      'Is this e-mail spam? Choose "spam" for unasked bulk mail: advertising, fraud, chain letters. ' +
      'Choose "ham" for everything somebody wanted to get: personal mail, mailing lists, newsletters that were ordered.',
    budgetUsd: '250',
    tier: 'crowd',
    redundancy: 3,
    goldRatio: 0.05,
    strategy: 'combined',
    mode: 'streaming',
    batchSize: 100,
    maxInFlight: 300,
    leaseMs: 4000,
    windowMs: 20_000,
    escalation: [{ step: 'raise_priority' }, { step: 'raise_pay', by: 0.1 }, { step: 'give_up' }],
    simulated: true,
  },
  async load(seed) {
    const mails = [];
    for await (const mail of spamCorpus()) mails.push(mail);
    const items = markGold(mails, 0.05, seed).map(({ item, gold }) => ({
      key: item.key,
      payload: { text: item.text },
      truth: item.truth,
      gold,
    }));
    return { items, known: mails };
  },
};

const preference: Preset = {
  name: 'preference',
  taskType: 'pairwise',
  title: `Which answer is better: ${preferencePairs.length} pairs written for this demo`,
  timeScale: 0.008,
  formats: ['jsonl', 'parquet', 'dpo'],
  campaign: {
    name: 'Demo: which answer is better',
    type: 'pairwise',
    config: { allowTie: true, allowBothBad: true },
    instructions:
      'Which answer serves the person who asked better? Weigh accuracy first, then helpfulness, harmlessness and brevity. ' +
      'Choose a tie when they are equally good, both bad when neither should be given.',
    budgetUsd: '150',
    tier: 'crowd',
    redundancy: 3,
    maxRedundancy: 5,
    onDisagreement: 'extend',
    goldRatio: 0.1,
    strategy: 'combined',
    mode: 'rounds',
    batchSize: 24,
    maxInFlight: 48,
    leaseMs: 4000,
    windowMs: 20_000,
    escalation: [{ step: 'raise_priority' }, { step: 'give_up' }],
    simulated: true,
  },
  async load(seed) {
    const items = markGold(preferencePairs, 0.18, seed).map(({ item, gold }) => ({
      key: item.key,
      payload: { prompt: item.prompt, a: item.a, b: item.b },
      truth: item.truth,
      gold,
      domain: item.domain,
    }));
    return { items, known: preferencePairs };
  },
};

export const presets = { spam, preference } as const;

/** Draws a share of the items as gold, reproducibly; all items come back in a shuffled order. */
function markGold<T>(items: readonly T[], share: number, seed: string): { item: T; gold: boolean }[] {
  const shuffled = seededRng(`gold:${seed}`).shuffle(items);
  const gold = Math.round(items.length * share);
  return shuffled.map((item, at) => ({ item, gold: at < gold }));
}
