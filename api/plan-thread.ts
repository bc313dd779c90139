/** A thread that makes one plan after the other; see `createPlanner`. */
import { parentPort } from 'node:worker_threads';
import { QuorateError } from '../domain/failures.ts';
import { type AskedPlan, answerPlan } from '../domain/planning/asked-plan.ts';
import type { ThreadAnswer } from './planner.ts';

parentPort?.on('message', (asked: AskedPlan) => parentPort?.postMessage(made(asked)));

function made(asked: AskedPlan): ThreadAnswer {
  try {
    return { plan: answerPlan(asked) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failure: { message, ...(error instanceof QuorateError ? { code: error.code } : {}) } };
  }
}
