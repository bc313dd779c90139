import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { PlayedCampaign } from '../../domain/planning/played-campaign.ts';
import type { TimeSkippingServer } from '../../runtime/test-server.ts';
import { TASK_QUEUES } from '../../workflows/messages.ts';
import { createPlayedActivities } from './activities.ts';

type SkippedTime = Omit<TimeSkippingServer, 'stop'>;

/** Where campaigns are played, one after the other, on a server's one clock. */
export interface Stage extends SkippedTime {
  /** From now on activities work on this one. */
  enter(campaign: PlayedCampaign): void;
  /** Resolves when the next activity is done. */
  asked(): Promise<void>;
  /** Aborts when nothing more is to be played: an activity has failed, or whoever wanted the plan wants it no more. */
  readonly signal: AbortSignal;
}

/** Runs `body` beside workers with the real workflows. */
export async function onStage<T>(
  given: SkippedTime & { readonly workflowBundle: WorkflowBundleOption; readonly signal?: AbortSignal },
  body: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { connection, client, workflowBundle, signal } = given;
  const broken = new AbortController();
  let campaign: PlayedCampaign | undefined;
  const playedNow = () => {
    if (!campaign) throw new Error('No campaign is played.');
    return campaign;
  };
  const waiting: (() => void)[] = [];
  const { main, learning } = createPlayedActivities(playedNow, {
    failed: (error) => broken.abort(error),
    done() {
      for (const resolve of waiting.splice(0)) resolve();
    },
  });
  // A server that has died would keep them waiting for ever.
  const common = { connection, shutdownGraceTime: '1 second', shutdownForceTime: '60 seconds' } as const;
  const worker = await Worker.create({ ...common, taskQueue: TASK_QUEUES.main, workflowBundle, activities: main });
  const learner = await Worker.create({ ...common, taskQueue: TASK_QUEUES.learning, activities: learning });
  const stage: Stage = {
    ...{ connection, client },
    sleep: (ms) => given.sleep(ms),
    nowMs: () => given.nowMs(),
    asked: () => new Promise((resolve) => waiting.push(resolve)),
    signal: AbortSignal.any([broken.signal, ...(signal ? [signal] : [])]),
    enter(next) {
      campaign = next;
    },
  };
  // Whoever stops need not wait for what was asked of the server just then.
  const stopped = new Promise<never>((_, reject) => {
    stage.signal.addEventListener('abort', () => reject(stage.signal.reason), { once: true });
  });
  return worker.runUntil(() => learner.runUntil(() => Promise.race([body(stage), stopped])));
}
