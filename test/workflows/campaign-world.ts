import type { createCampaignActivities } from '../../activities/campaigns.ts';
import type { LearningActivities as AllOfLearning } from '../../activities/index.ts';
import type { CampaignLeft, CampaignPolicy, FitPoint } from '../../domain/campaign.ts';

/** A preview has a workflow of its own. */
type LearningActivities = Omit<AllOfLearning, 'previewSelection'>;
export type CampaignActivities = ReturnType<typeof createCampaignActivities>;

/** A policy as campaigns have it, but for what the test says. */
export function campaignPolicy(changes: Partial<CampaignPolicy> = {}): CampaignPolicy {
  return {
    mode: 'streaming',
    batchSize: 4,
    maxInFlight: 8,
    refitEvery: 4,
    deadlineMs: null,
    targetAccuracy: null,
    plateau: null,
    ...changes,
  };
}

type Called = { name: string; input: Record<string, unknown> };

/** A pool of items in memory, out of which batches are chosen; what was asked of the activities is kept in order. */
export function campaignWorld(
  options: {
    pool?: number;
    /** Tasks the budget allows. */
    budget?: number;
    /** Tasks after which it stops. */
    mostTasks?: number;
    /** What each fit measures, in order; then nothing. */
    fits?: FitPoint[];
    campaign?: Partial<CampaignActivities>;
    learning?: Partial<LearningActivities>;
  } = {},
) {
  const calls: Called[] = [];
  const started: string[] = [];
  const ended = new Set<string>();
  const fits = [...(options.fits ?? [])];
  const world = {
    pool: options.pool ?? 12,
    budget: options.budget ?? Number.POSITIVE_INFINITY,
    mostTasks: options.mostTasks ?? Number.POSITIVE_INFINITY,
  };
  // As the database knows it.
  let known: Pick<CampaignLeft, 'phase' | 'stopReason'> | undefined = { phase: 'running', stopReason: null };
  const campaign: CampaignActivities = {
    campaignLeft: async () => known && { ...known, round: 0, inFlight: [], settled: 0 },
    pauseCampaign: async () => {
      known = { phase: 'paused', stopReason: known?.stopReason ?? null };
    },
    resumeCampaign: async ({ to }) => {
      known = { phase: to, stopReason: known?.stopReason ?? null };
    },
    markStopping: async () => {
      known = { phase: 'stopping', stopReason: 'by_hand' };
    },
    noteStop: async ({ reason }) => {
      known = { phase: known?.phase ?? 'running', stopReason: reason };
    },
    endCampaign: async () => {
      known = undefined;
      return undefined;
    },
    setBudget: async () => undefined,
    setRedundancy: async () => ({ policyVersion: 2 }),
    setStopRules: async ({ stop: { maxTasks, deadline } }) => {
      world.mostTasks = maxTasks ?? Number.POSITIVE_INFINITY;
      const deadlineMs = deadline === undefined ? null : Date.parse(deadline);
      return { policyVersion: 2, policy: campaignPolicy({ deadlineMs }) };
    },
    findEnded: async ({ taskIds }) => taskIds.filter((id) => ended.has(id)),
    ...options.campaign,
  };
  const learning: LearningActivities = {
    selectBatch: async ({ count }) => {
      const found = Math.min(count, world.pool, world.budget, world.mostTasks - started.length);
      if (world.mostTasks <= started.length) return { taskIds: [], blocked: 'max_tasks' };
      if (found === 0) return { taskIds: [], blocked: world.pool === 0 ? 'pool_empty' : 'budget' };
      world.pool -= found;
      world.budget -= found;
      const taskIds = Array.from({ length: found }, () => {
        started.push(`t${started.length}`);
        return `t${started.length - 1}`;
      });
      return { taskIds, blocked: null };
    },
    fitModel: async () => ({ point: fits.shift() ?? null }),
    reviseDecisions: async () => ({ judged: 0, revised: 0 }),
    ...options.learning,
  };
  const recorded = <A extends object>(activities: A): A =>
    Object.fromEntries(
      Object.entries(activities).map(([name, activity]) => [
        name,
        async (input: never) => {
          calls.push({ name, input });
          return (activity as (input: never) => Promise<unknown>)(input);
        },
      ]),
    ) as A;
  return {
    activities: recorded(campaign),
    learning: recorded(learning),
    started,
    /** Tasks that have ended in the database, for whoever asks there. */
    ended,
    world,
    /** The database says otherwise from now on, as if the workflow had lost its last moments. */
    say(phase: CampaignLeft['phase'], stopReason: CampaignLeft['stopReason'] = null) {
      known = { phase, stopReason };
    },
    calls,
    of: (name: keyof CampaignActivities | keyof LearningActivities) =>
      calls.filter((call) => call.name === name).map((call) => call.input),
  };
}
