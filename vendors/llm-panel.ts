import { createLlmJudge, type JudgeOptions } from './llm-judge.ts';
import { call, type FetchedUnit, type Order, type Vendor } from './vendor.ts';

/**
 * Several judges as one workforce, each an annotator of its own. A task with n answers wanted is given to n - 1 of them
 * at most, in their order, so that there is always an answer left for a person.
 */
export function createJudgePanel(options: readonly [JudgeOptions, ...JudgeOptions[]]): Vendor {
  const judges = options.map(createLlmJudge);
  const [first] = options;
  return {
    ...createLlmJudge(first),
    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      const said = await Promise.all(judges.map((judge, at) => judge.fetch(ofJudge(order, at), placement)));
      return order.units.map(({ key }) => together(said.flatMap((units) => units.filter((unit) => unit.key === key))));
    }),
  };
}

function ofJudge(order: Order, at: number): Order {
  return { ...order, units: order.units.filter(({ answers }) => at < Math.max(1, answers - 1)) };
}

function together(units: readonly FetchedUnit[]): FetchedUnit {
  const [first] = units;
  const responses = units.flatMap((unit) => unit.responses);
  const { key = '', state = 'failed', reason } = units.find((unit) => unit.state === 'done') ?? first ?? {};
  return { key, state, ...(reason === undefined ? {} : { reason }), responses };
}
