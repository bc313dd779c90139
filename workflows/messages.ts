import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { TaskState } from '../domain/annotation-task.ts';
import type { CampaignMemory, CampaignPolicy, StopRules } from '../domain/campaign.ts';
import type { Calibrated, GoldCorrection, StandingState } from '../domain/quality/standing-state.ts';
import type { TaskPolicy } from '../domain/task-policy.ts';

/** Task queues. Learning has its own, so that a long fit never delays an answer. */
export const TASK_QUEUES = { main: 'quorate', learning: 'quorate-learning', vendors: 'quorate-vendors' } as const;

/**
 * How local activities of one short transaction are called: a database that is away is waited for. Beyond the threshold a
 * wait is a timer of the server, and not a workflow task that says every few seconds that it is alive: that is 3 events
 * each, and a history has an end.
 */
export const DATABASE_CALLS = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '2 minutes' },
  localRetryThreshold: '5 seconds',
} as const;

// Workflow ids are business ids: one task, one campaign, one annotator, one workflow each.
export const taskWorkflowId = (taskId: string) => `task-${taskId}`;
export const campaignWorkflowId = (campaignId: string) => `campaign-${campaignId}`;
export const annotatorWorkflowId = (annotatorId: string) => `annotator-${annotatorId}`;
export const vendorOrderWorkflowId = (orderId: string) => `vendor-order-${orderId}`;

// vendorOrder

export interface VendorOrderInput {
  readonly orderId: string;
  /** Of the run that this one continues. */
  readonly carried?: { readonly looks: number; readonly expired: boolean; readonly hedged: boolean };
  /** History events after which the run continues as new, beside the server's own suggestion. */
  readonly eventsPerRun?: number;
}

/** Something about the order changed: here, or at the vendor as a webhook says. At least once; it is looked at anew. */
export const orderChangedSignal = defineSignal<[]>('orderChanged');

// payoutRun

export const payoutRunWorkflowId = (runId: string) => `payout-run-${runId}`;

export interface PayoutRunInput {
  readonly runId: string;
}

/** A person or a report has changed the run. At least once; it is looked at anew. */
export const payoutChangedSignal = defineSignal<[]>('payoutChanged');

// selectionPreview

export const selectionPreviewWorkflowId = (campaignId: string) => `selection-preview-${campaignId}`;

// annotationTask

export interface AnnotationTaskInput {
  readonly taskId: string;
  readonly campaignId: string;
  readonly policy: TaskPolicy;
  /** The last wanted answers are assessed and decided on in one activity; tasks started before this was possible lack it. */
  readonly decidesAtOnce?: true;
  /** During a pause it looks by itself whether that has ended; tasks started before this was possible do by a patch. */
  readonly looksWhilePaused?: true;
  /** Its slots were opened before the start, together with those of its batch; without this the task opens them. */
  readonly slotsOpen?: true;
  /** How often the task has been opened again, this time included; missing the first time. */
  readonly reopened?: number;
  /** Its workflow was gone: it goes on from what the database knows. */
  readonly revived?: true;
}

/** Answers were stored. At least once, in any order; ids known already change nothing. */
export const annotationsSubmittedSignal = defineSignal<[{ annotationIds: readonly string[] }]>('annotationsSubmitted');
/** The task's judges have answered or will not; what they said is in the database. At least once. */
export const judgedSignal = defineSignal<[]>('judged');
/** Its vendors will send no more, though it wants more answers: see `workforceEnded` in `domain/annotation-task.ts`. At least once. */
export const workforceEndedSignal = defineSignal<[]>('workforceEnded');
export const pausedSignal = defineSignal<[{ atMs: number }]>('paused');
export const resumedSignal = defineSignal<[{ atMs: number }]>('resumed');
export const cancelledSignal = defineSignal<[{ reason: string }]>('cancelled');

export const cancelTaskUpdate = defineUpdate<{ ended: true }, [{ reason: string }]>('cancelTask');
export const reprioritizeUpdate = defineUpdate<{ priority: number }, [{ priority: number }]>('reprioritize');
export const addRedundancyUpdate = defineUpdate<{ redundancy: number }, [{ count: number }]>('addRedundancy');
/** An expert's ruling; the label was stored by the API under `rulingId`. */
export const adjudicateUpdate = defineUpdate<{ ended: true }, [{ rulingId: string; by: string }]>('adjudicate');
export const taskStateQuery = defineQuery<TaskState>('taskState');

// campaign

export interface CampaignInput {
  readonly campaignId: string;
  readonly policy: CampaignPolicy;
  /** Continue as new after this many events; the server's suggestion applies anyway. For tests. */
  readonly eventsPerRun?: number;
  /** Memory carried over from the run before. */
  readonly carried?: CampaignMemory;
  /** Its workflow was gone: it goes on from what the database knows. */
  readonly revived?: true;
}

/** How a campaign's workflow is started: once, but for one that is to be revived. */
export const campaignStartOptions = (input: CampaignInput) => ({
  taskQueue: TASK_QUEUES.main,
  workflowId: campaignWorkflowId(input.campaignId),
  workflowIdReusePolicy: input.revived ? ('ALLOW_DUPLICATE' as const) : ('REJECT_DUPLICATE' as const),
  args: [input] as [CampaignInput],
});

/** Tasks have ended. At least once; ids that are not in flight change nothing. */
export const tasksSettledSignal = defineSignal<[{ taskIds: readonly string[] }]>('tasksSettled');
export const poolGrewSignal = defineSignal<[]>('poolGrew');
/** The cap or a limit was changed in the database: there may be money now. */
export const budgetChangedSignal = defineSignal<[]>('budgetChanged');

export const pauseUpdate = defineUpdate<CampaignView, []>('pause');
export const resumeUpdate = defineUpdate<CampaignView, []>('resume');
export const stopUpdate = defineUpdate<CampaignView, [{ drain: boolean }]>('stop');
/** Sets the cap, too: asked by no API any more, which sets it itself. */
export const setBudgetUpdate = defineUpdate<{ capMicros: string }, [{ capMicros: string }]>('setBudget');
/** Changes redundancy for tasks chosen from now on. */
export const setRedundancyUpdate = defineUpdate<
  { policyVersion: number },
  [{ redundancy: number; maxRedundancy: number | null }]
>('setRedundancy');
/** Changes when it stops by itself. */
export const setStopRulesUpdate = defineUpdate<{ policyVersion: number }, [{ stop: StopRules }]>('setStopRules');
export const campaignStateQuery = defineQuery<CampaignMemory>('campaignState');

export interface CampaignView {
  readonly phase: CampaignMemory['phase'];
  readonly round: number;
  readonly inFlight: number;
}

// annotator

export interface AnnotatorInput {
  readonly annotatorId: string;
  /** As in `CampaignInput`. */
  readonly eventsPerRun?: number;
  readonly carried?: {
    readonly state: StandingState;
    /** Standing by task type; missing in runs from before there was one. */
    readonly types?: Readonly<Record<string, StandingState>>;
    readonly arrived: readonly string[];
    readonly corrections?: readonly GoldCorrection[];
    readonly calibrated?: readonly CalibrationEnded[];
  };
}

/** A calibration session of one task type has ended. */
export type CalibrationEnded = Calibrated & { readonly taskType: string };

/** Gold tasks were answered; graded by an activity. At least once. */
export const goldAnsweredSignal = defineSignal<[{ annotationIds: readonly string[] }]>('goldAnswered');
/** Known answers were corrected, and with them the verdicts on these answers. At least once. */
export const goldCorrectedSignal = defineSignal<[{ corrections: readonly GoldCorrection[] }]>('goldCorrected');
/** Calibration sessions have ended. At least once. */
export const calibratedSignal = defineSignal<[{ sessions: readonly CalibrationEnded[] }]>('calibrated');
/** By a person, for one task type or for all. */
export interface StandingByHand {
  readonly by: string;
  readonly reason: string;
  readonly taskType?: string | undefined;
}
export const reinstateUpdate = defineUpdate<{ standing: string }, [StandingByHand]>('reinstate');
export const suspendUpdate = defineUpdate<{ standing: string }, [StandingByHand]>('suspend');
/** Whoever is active proves themselves again, by gold tasks or a calibration session. */
export const recalibrateUpdate = defineUpdate<{ standing: string }, [StandingByHand]>('recalibrate');
/** The counts of all golds, with the standing as a whole, and by task type. */
export const standingQuery = defineQuery<StandingState & { readonly types: Readonly<Record<string, StandingState>> }>(
  'standing',
);
