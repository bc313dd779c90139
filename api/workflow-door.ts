import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  WithStartWorkflowOperation,
  type WorkflowClient,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import { isFailureCode, QuorateError } from '../domain/failures.ts';
import type { PreviewRequest, SelectionPreview } from '../domain/learning/preview.ts';
import {
  type AnnotatorInput,
  annotatorWorkflowId,
  type CampaignInput,
  campaignStartOptions,
  campaignWorkflowId,
  selectionPreviewWorkflowId,
  TASK_QUEUES,
  taskWorkflowId,
} from '../workflows/messages.ts';

/** The part of Temporal's client that the API uses. */
export type WorkflowClientLike = Pick<
  WorkflowClient,
  'start' | 'getHandle' | 'executeUpdateWithStart' | 'withDeadline' | 'workflowService'
>;

const DEADLINE_MS = 10_000;
/** A server that answers takes milliseconds for it. */
const CHECK_MS = 2000;
/** One that has answered within this is not asked again whether it is there. */
const REACHED_MS = 5000;
/** A first look at a large pool learns its space, which takes this long and more. */
const PREVIEW_MS = 50_000;
/** A preview that nobody could make ends then, so that the next one may begin. */
const PREVIEW_LIFE = '11 minutes';
/** The server turns an update away that ends a workflow just as a signal arrives there; a moment later it is taken. */
const SEND_AGAIN_MS = [50, 200, 500];

/** Everything the API asks of workflows. Each call ends within `deadlineMs`, and what it throws has a failure code. */
export function createWorkflowDoor(client: WorkflowClientLike, deadlineMs = DEADLINE_MS) {
  let reachedAtMs = Number.NEGATIVE_INFINITY;
  const check = async (): Promise<void> => {
    await client.withDeadline(Date.now() + CHECK_MS, () => client.workflowService.getSystemInfo({}));
    reachedAtMs = Date.now();
  };

  /** Said before anything is asked: a call to a server that is away waits for its whole deadline, and may take effect later. */
  const reach = async (): Promise<void> => {
    if (Date.now() - reachedAtMs < REACHED_MS) return;
    try {
      await check();
    } catch (error) {
      const message = 'The Temporal server cannot be reached; nothing was changed. Try again when it is there.';
      throw new QuorateError('unavailable', message, { cause: error });
    }
  };

  const bounded = async <T>(call: () => Promise<T>, gone: string): Promise<T> => {
    await reach();
    try {
      return await client.withDeadline(Date.now() + deadlineMs, call);
    } catch (error) {
      throw asFailure(error, gone, deadlineMs);
    }
  };

  /** Sent again under the same id, an update takes effect once. */
  const patiently = async <T>(send: () => Promise<T>): Promise<T> => {
    for (const waitMs of SEND_AGAIN_MS) {
      try {
        return await send();
      } catch (error) {
        if (!isOfTheWay(error)) throw error;
      }
      await setTimeout(waitMs);
    }
    return send();
  };

  function update<Ret>(workflowId: string, gone: string) {
    return <Args extends unknown[]>(
      definition: UpdateDefinition<Ret, Args>,
      args: Args,
      updateId: string = randomUUID(),
    ) => {
      const handle = client.getHandle(workflowId);
      // The overloads tell argument lists with members from empty ones, which a generic list cannot.
      const options = { args, updateId } as never;
      return bounded(() => patiently(() => handle.executeUpdate<Ret, [unknown]>(definition.name, options)), gone);
    };
  }

  return {
    /** Starts a campaign's workflow; one that was started before is left as it is, but for one that is to be revived. */
    async startCampaign(input: CampaignInput): Promise<void> {
      const start = async () => {
        try {
          await client.start('campaignWorkflow', campaignStartOptions(input));
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        }
      };
      await bounded(start, 'The campaign has ended.');
    },

    campaign: <Ret>(id: string) => update<Ret>(campaignWorkflowId(id), 'The campaign has ended.'),

    task: <Ret>(id: string) => update<Ret>(taskWorkflowId(id), 'The task has ended, or has not been opened yet.'),

    /** Asks an annotator's workflow, which begins with the first thing that happens to the annotator. */
    annotator: async <Ret, Args extends unknown[]>(
      id: string,
      definition: UpdateDefinition<Ret, Args>,
      args: Args,
    ): Promise<Ret> => {
      const input: AnnotatorInput = { annotatorId: id };
      const operation = new WithStartWorkflowOperation('annotatorWorkflow', {
        taskQueue: TASK_QUEUES.main,
        workflowId: annotatorWorkflowId(id),
        workflowIdConflictPolicy: 'USE_EXISTING',
        args: [input],
      });
      const options = { startWorkflowOperation: operation, args } as never;
      return bounded(
        () => client.executeUpdateWithStart<never, Ret, [unknown]>(definition.name, options),
        'The annotator is not known to any workflow.',
      );
    },

    /** What a strategy would choose next, as the learning worker finds; one preview of a campaign at a time. */
    async previewSelection(request: PreviewRequest): Promise<SelectionPreview> {
      await reach();
      const untilMs = Date.now() + PREVIEW_MS;
      try {
        const preview = await client.withDeadline(untilMs, async () => {
          const handle = await client.start('selectionPreviewWorkflow', {
            taskQueue: TASK_QUEUES.main,
            workflowId: selectionPreviewWorkflowId(request.campaignId),
            workflowExecutionTimeout: PREVIEW_LIFE,
            args: [request],
          });
          return (await handle.result()) as SelectionPreview;
        });
        return preview;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) {
          const message = 'Another preview of this campaign is being made; ask again when it is done.';
          throw new QuorateError('conflict', message, { cause: error });
        }
        if (Date.now() >= untilMs) {
          const message = `The learning worker has not finished within ${PREVIEW_MS / 1000} s; the first look at a large pool takes longest. Ask again in a minute.`;
          throw new QuorateError('unavailable', message, { cause: error });
        }
        throw asFailure(error, 'The preview has ended.', deadlineMs);
      }
    },

    /** Throws unless the server answers within two seconds. */
    check,
  };
}

export type WorkflowDoor = ReturnType<typeof createWorkflowDoor>;

function asFailure(error: unknown, gone: string, deadlineMs: number): unknown {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    const code = cause instanceof ApplicationFailure && isFailureCode(cause.type) ? cause.type : 'conflict';
    return new QuorateError(code, cause?.message ?? 'The change was refused.', { cause: error });
  }
  if (error instanceof WorkflowFailedError) return refusalIn(error) ?? error;
  if (error instanceof WorkflowNotFoundError) return new QuorateError('conflict', gone, { cause: error });
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    const message = `No worker answered within ${deadlineMs / 1000} s; is one running? The change may still take effect.`;
    return new QuorateError('unavailable', message, { cause: error });
  }
  if (error instanceof QuorateError) return error;
  if (isOfTheWay(error)) {
    return new QuorateError('unavailable', 'The Temporal server cannot be reached just now; try again shortly.', {
      cause: error,
    });
  }
  return error;
}

/** What an activity refused, beneath what became of its workflow. */
function refusalIn(error: Error): QuorateError | undefined {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && isFailureCode(cause.type)) {
      return new QuorateError(cause.type, cause.message, { cause: error });
    }
  }
  return undefined;
}

/** Whatever else the client throws comes from the way to the server. */
function isOfTheWay(error: unknown): boolean {
  return (error instanceof Error && error.name === 'ServiceError') || isGrpc(error);
}

/** gRPC's errors have a numeric code and a `details` text, and no class of their own to test for. */
function isGrpc(error: unknown): boolean {
  return error instanceof Error && 'details' in error && 'code' in error && typeof error.code === 'number';
}
