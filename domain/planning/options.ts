import type { CampaignPolicy } from '../campaign.ts';
import {
  type CampaignSettings,
  campaignPolicyOf,
  createCampaignSchema,
  resolveSettings,
  taskPolicyOf,
} from '../settings.ts';
import type { TaskPolicy } from '../task-policy.ts';

/** How many answers a task is asked for, and whether a judge gives the first. */
export interface Option {
  readonly name: string;
  readonly policy: TaskPolicy;
  readonly redundancyPolicy: CampaignSettings['redundancyPolicy'];
  /** How its tasks come into work. */
  readonly batches: CampaignPolicy;
  readonly judge: boolean;
}

/** One, three and five answers and adaptive; with a judge that gives one of them, where there is one. */
export function optionsFor(judge: boolean): Option[] {
  const plain = [
    ...[1, 3, 5].map((n) => campaignWith(`fixed:${n}`, { redundancy: n })),
    campaignWith('adaptive', { redundancyPolicy: 'adaptive' }),
  ];
  return judge ? [...plain, ...plain.map((each) => ({ ...each, name: `${each.name}+judge`, judge: true }))] : plain;
}

/** As campaigns are that say nothing else. */
function campaignWith(
  name: string,
  chosen: Partial<Pick<CampaignSettings, 'redundancy' | 'redundancyPolicy'>>,
): Option {
  const body = { type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: 1, ...chosen };
  return optionOf(name, resolveSettings(createCampaignSchema.parse(body)).settings);
}

/** What is played of a campaign with these settings. */
export function optionOf(name: string, settings: CampaignSettings): Option {
  const { redundancyPolicy } = settings;
  const policies = { policy: taskPolicyOf(settings, 1), batches: campaignPolicyOf(settings) };
  return { name, ...policies, redundancyPolicy, judge: false };
}

/** Why an option cannot be had from so few annotators; undefined where it can. A judge gives one of the answers. */
export function tooFewFor({ policy, judge }: Option, annotators: number): string | undefined {
  const needed = policy.redundancy - (judge ? 1 : 0);
  return needed > annotators ? `needs ${needed} annotators; there are ${annotators}` : undefined;
}
