import { z } from 'zod';
import { VendorError } from './errors.ts';
import { type HttpAnswer, jsonOf } from './http.ts';
import { listOf, objectOf, textOf } from './shared.ts';
import { sha256 } from './signatures.ts';
import type { FetchedUnit, Order, Placement, VendorResponse } from './vendor.ts';

const idSchema = z.union([z.string().min(1), z.number().transform(String)]);

// A time or price that is none must not keep an answer away.
const timeSchema = z
  .union([z.number(), z.string().regex(/^\d+(\.\d+)?$/)])
  .transform(Number)
  .pipe(z.number().min(0).max(86_400))
  .optional()
  .catch(undefined);
const costSchema = idSchema
  .pipe(z.string().regex(/^\d{1,15}$/))
  .transform(BigInt)
  .optional()
  .catch(undefined);

const responseSchema = z.looseObject({
  id: idSchema,
  workerId: idSchema,
  answers: z.record(z.string(), z.unknown()),
  timeSpentS: timeSchema,
  costMicros: costSchema,
  feeMicros: costSchema,
});

const pageSchema = z.looseObject({ units: z.array(z.unknown()), next: idSchema.optional().catch(undefined) });

/** The states of the protocol, and what others call the same. A unit in any other one is not at its end. */
const STATES: Readonly<Record<string, FetchedUnit['state']>> = {
  done: 'done',
  complete: 'done',
  completed: 'done',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  failed: 'failed',
  error: 'failed',
};

/**
 * What the vendor says of an order that it took. It has taken it, whatever it says: where it names no ids, ours stand.
 * Throws where a page of somebody else's came instead, who may not have passed the order on.
 */
export function placementOf(order: Order, answer: HttpAnswer): Placement {
  if (answer.json === undefined && answer.text.trim() !== '') {
    throw new VendorError('retryable', `The vendor answered ${answer.status} without JSON.`);
  }
  const { id, units } = objectOf(answer.json);
  const ids = new Map(
    listOf(units).map((unit) => {
      const named = objectOf(unit);
      return [textOf(named.key), textOf(named.id)];
    }),
  );
  return {
    externalId: textOf(id) || order.key,
    units: Object.fromEntries(order.units.map(({ key }) => [key, ids.get(key) || key])),
  };
}

/** One page of an order: its units, and the cursor of the next page. */
export function pageOf(answer: HttpAnswer): { units: FetchedUnit[]; next: string | undefined } {
  const parsed = pageSchema.safeParse(jsonOf(answer));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.');
    throw new VendorError('permanent', `The vendor’s answer is not as agreed: ${where}: ${issue?.message}.`);
  }
  return { units: parsed.data.units.flatMap(unitOf), next: parsed.data.next };
}

function unitOf(value: unknown): FetchedUnit[] {
  const { key, state, reason, responses } = objectOf(value);
  const named = textOf(key);
  if (named === undefined) return [];
  const stands = STATES[textOf(state)?.toLowerCase() ?? ''] ?? 'open';
  const given = listOf(responses).filter((each) => stands !== 'open' || isGiven(each));
  const why = textOf(reason);
  return [{ key: named, state: stands, ...(why ? { reason: why } : {}), responses: given.map(responseOf) }];
}

/** One that a worker has begun may be listed before it has answers. */
function isGiven(value: unknown): boolean {
  const { answers } = objectOf(value);
  return answers !== undefined && answers !== null && JSON.stringify(answers) !== '{}';
}

/** A response that is not as agreed is handed on as an answer to nothing, for a person to see; the others are taken. */
function responseOf(value: unknown): VendorResponse {
  const parsed = responseSchema.safeParse(value);
  const given = objectOf(value);
  const { id, workerId, answers, timeSpentS, costMicros, feeMicros } = parsed.success
    ? parsed.data
    : {
        id: textOf(given.id) || `unread-${sha256(JSON.stringify(value)).slice(0, 16)}`,
        workerId: textOf(given.workerId) || 'unknown',
        answers: { unread: value },
        timeSpentS: undefined,
        costMicros: undefined,
        feeMicros: undefined,
      };
  return {
    ...{ id, workerId, answers },
    ...(timeSpentS === undefined ? {} : { timeSpentS }),
    ...(costMicros === undefined ? {} : { costMicros }),
    ...(feeMicros === undefined ? {} : { feeMicros }),
  };
}
