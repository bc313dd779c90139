import { VendorError } from './errors.ts';
import type { JudgeOptions } from './llm-call.ts';
import { createLlmJudge, someOf } from './llm-judge.ts';
import { call, type FetchedUnit, type Order, type Vendor } from './vendor.ts';

/**
 * Several judges as one workforce, each an annotator of its own. A task with n answers wanted is given to n - 1 of them
 * at most, in their order, so that there is always an answer left for a person. What one judge said does not wait for
 * what another could not be asked.
 */
export function createJudgePanel(options: readonly [JudgeOptions, ...JudgeOptions[]]): Vendor {
  const judges = options.map(createLlmJudge);
  const [first] = options;
  return {
    ...createLlmJudge(first),
    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      const said = await Promise.all(
        judges.map(async (judge, at): Promise<FetchedUnit[]> => {
          const own = ofJudge(order, at);
          try {
            return await judge.fetch(own, placement);
          } catch (error) {
            if (!(error instanceof VendorError)) throw error;
            return own.units.map(({ key }) => ({ key, state: 'open', responses: [], fault: error }));
          }
        }),
      );
      const found = said.flat();
      return someOf(order.units.map(({ key }) => together(found.filter((unit) => unit.key === key))));
    }),
  };
}

function ofJudge(order: Order, at: number): Order {
  return { ...order, units: order.units.filter(({ answers }) => at < Math.max(1, answers - 1)) };
}

/** One unit by what each judge made of it: a judge that takes nothing from us is not waited for where another has answered. */
function together(units: readonly FetchedUnit[]): FetchedUnit {
  const key = units[0]?.key ?? '';
  const responses = units.flatMap((unit) => unit.responses);
  const unanswered = units.flatMap((unit) => unit.unanswered ?? []);
  const answered = responses.length > 0;
  const waiting = units.find(({ state, fault }) => state === 'open' && !(answered && fault?.kind === 'permanent'));
  if (waiting) return { ...waiting, responses };
  const reasons = units.flatMap(({ reason, fault }) => reason ?? fault?.message ?? []);
  const reason = reasons.length === 0 ? {} : { reason: reasons.join('; ') };
  return { key, state: answered ? 'done' : 'failed', ...reason, responses, unanswered };
}
