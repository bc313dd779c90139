import type { WorkflowClient } from '@temporalio/client';
import { type NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { PlayedCampaign } from '../../domain/planning/played-campaign.ts';
import { TASK_QUEUES } from '../../workflows/messages.ts';
import { createPlayedActivities } from './activities.ts';

/** A time-skipping server. */
export interface SkippedTime {
  readonly connection: NativeConnection;
  readonly client: WorkflowClient;
  sleep(ms: number): Promise<void>;
  nowMs(): Promise<number>;
}

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
  const common = { connection, shutdownGraceTime: '1 second', shutdownForceTime: '20 seconds' } as const;
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
  // A request to a server that Ctrl-C has stopped, too, would be tried again for long.
  const stopped = new Promise<never>((_, reject) => {
    stage.signal.addEventListener('abort', () => reject(stage.signal.reason), { once: true });
  });
  return worker.runUntil(() => learner.runUntil(() => Promise.race([body(stage), stopped])));
}
