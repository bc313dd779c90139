import type { CampaignPolicy } from '../campaign.ts';
import { type QualityRules, qualityRulesOf } from '../quality/rules.ts';
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
  readonly leastGainPerUsd?: number;
  /** How answers are assessed, and who is in doubt. */
  readonly quality: QualityRules;
  /** How its tasks come into work. */
  readonly batches: CampaignPolicy;
  readonly judge: boolean;
}

/**
 * One, three and five answers and adaptive, as of the campaign `own` or one that says nothing else, and what `own` is itself;
 * with a judge that gives one of them, where there is one.
 */
export function optionsFor(judge: boolean, own?: CampaignSettings): Option[] {
  const fixed = new Set([1, 3, 5, ...(own?.redundancyPolicy === 'fixed' ? [own.redundancy] : [])]);
  const plain = [
    ...[...fixed].toSorted((a, b) => a - b).map((n) => optionOf(`fixed:${n}`, otherwise(own, n))),
    optionOf('adaptive', otherwise(own, 'adaptive')),
  ];
  return judge ? [...plain, ...plain.map((each) => ({ ...each, name: `${each.name}+judge`, judge: true }))] : plain;
}

/** Which of `optionsFor` a campaign is as it stands; null where it has judges of which nothing is said: then it is none. */
export function ownOption(settings: CampaignSettings, judge: boolean): string | null {
  const { redundancyPolicy, redundancy, workforces } = settings;
  const name = redundancyPolicy === 'adaptive' ? 'adaptive' : `fixed:${redundancy}`;
  if (!workforces.includes('llm')) return name;
  return judge ? `${name}+judge` : null;
}

/** A campaign with another redundancy: the rules that go with its own stay where these are of the same kind. */
function otherwise(own: CampaignSettings | undefined, answers: number | 'adaptive'): CampaignSettings {
  const redundancyPolicy = answers === 'adaptive' ? 'adaptive' : 'fixed';
  const chosen = answers === 'adaptive' ? {} : { redundancy: answers };
  const body = { type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: 1, redundancyPolicy, ...chosen };
  const usual = resolveSettings(createCampaignSchema.parse(body)).settings;
  if (own === undefined) return usual;
  const { redundancy, maxRedundancy, minConfidence, onDisagreement } = usual;
  if (own.redundancyPolicy !== redundancyPolicy) {
    return { ...own, redundancyPolicy, redundancy, maxRedundancy, minConfidence, onDisagreement };
  }
  return answers === 'adaptive'
    ? own
    : { ...own, redundancy: answers, maxRedundancy: Math.max(answers, own.maxRedundancy) };
}

/** What is played of a campaign with these settings. */
export function optionOf(name: string, settings: CampaignSettings): Option {
  const { redundancyPolicy, leastGainPerUsd } = settings;
  // Judges that decide alone are not played: one answers as everybody does.
  const { judgeFirst: _, heedsFirst: __, ...rules } = taskPolicyOf(settings, 1);
  // All annotators of a plan are asked from the start, whichever workforce they are of.
  const policy = { ...rules, escalation: rules.escalation.filter(({ step }) => step !== 'next_workforce') };
  // Nor are the rules by which a campaign stops before its pool is used up: they are what its plan is to show.
  const batches = { ...campaignPolicyOf(settings), deadlineMs: null, targetAccuracy: null, plateau: null };
  const policies = { policy, batches: { ...batches, leastPointsPerUsd: null } };
  const worth = leastGainPerUsd === undefined ? {} : { leastGainPerUsd };
  const quality = qualityRulesOf(settings.quality);
  return { name, ...policies, redundancyPolicy, ...worth, quality, judge: false };
}

/** Why an option cannot be had, from so few annotators; undefined where it can. A judge gives one of the answers, and not the only one. */
export function refusalOf({ policy, judge }: Option, annotators: number): string | undefined {
  if (judge && policy.redundancy < 2) return 'would have a judge decide alone';
  const needed = policy.redundancy - (judge ? 1 : 0);
  return needed > annotators ? `needs ${needed} annotators; there are ${annotators}` : undefined;
}
