import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildTruthIndex } from '../../../cli/demo/crowd-truth.ts';
import { compared, judgeReportLines } from '../../../cli/demo/judge-report.ts';
import { preferencePairs } from '../../../cli/demo/preference-pairs.ts';
import { STAND_INS, startStandIns } from '../../../cli/demo/stand-in-judges.ts';
import { formOf } from '../../../domain/vendors/form.ts';
import { createLlmJudge } from '../../../vendors/llm-judge.ts';
import { memoryCache } from '../../vendors/judge-memory.ts';

let standIns: Awaited<ReturnType<typeof startStandIns>>;
beforeAll(async () => {
  standIns = await startStandIns({ seed: 'test', truthOf: buildTruthIndex(preferencePairs) });
});
afterAll(() => standIns.stop());

/** A judge's verdicts on the whole set: how many are right, and for how many the order made a difference. */
async function judged(model: string) {
  const judge = createLlmJudge({
    baseUrl: standIns.baseUrl,
    model,
    inputMicros: 1_000_000n,
    outputMicros: 1_000_000n,
    capMicros: 1_000_000_000n,
    requestsPerMinute: 1e6,
    cache: memoryCache(),
  });
  const config = { allowTie: true, allowBothBad: true };
  const units = preferencePairs.map(({ key, prompt, a, b }) => ({
    key,
    answers: 1,
    form: formOf('pairwise', config, { prompt, a, b }),
  }));
  const campaign = { id: 'c', name: 'c' };
  const order = { key: 'o', campaign, type: 'pairwise' as const, instructions: '', priceMicros: 1n, units };
  const found = await judge.fetch(order, { externalId: 'o', units: {} });
  const truth = new Map(preferencePairs.map((pair) => [pair.key, pair.truth]));
  const said = found.map(({ key, responses }) => ({ key, ...responses[0]?.answers }) as Record<string, unknown>);
  return {
    said: said.toSorted((x, y) => String(x.key).localeCompare(String(y.key))),
    right: said.filter(({ key, preference }) => truth.get(String(key)) === preference).length / said.length,
    torn: said.filter(({ ordersDisagree }) => ordersDisagree).length / said.length,
  };
}

test('the stand-ins say what they are, judge by their skill and bias, and the same way again', async () => {
  const answer = await fetch(`${standIns.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'stand-in-good', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(answer.headers.get('x-quorate-stand-in')).toBe('true');
  expect(JSON.stringify(await answer.json())).toContain('no language model');

  const [good, cheap] = await Promise.all(STAND_INS.map(({ model }) => judged(model)));
  expect(good?.right).toBeGreaterThan(0.8);
  expect(cheap?.right).toBeLessThan((good?.right ?? 0) - 0.1);
  expect(cheap?.torn).toBeGreaterThan((good?.torn ?? 1) + 0.05);
  expect((await judged('stand-in-good')).said).toEqual(good?.said);
});

test('the report compares cost and accuracy, and says that everybody was simulated', () => {
  const facts = { judges: {}, decidedAlone: 40, standings: [], invariants: { holds: true }, seconds: 1 };
  const report = compared({
    people: { right: 80, tasks: 100, spentMicros: 10_000_000 },
    blended: { right: 85, tasks: 100, spentMicros: 4_000_000 },
    ...facts,
  });
  expect(report.saved).toBeCloseTo(0.6, 9);
  expect(report.accuracyGained).toBeCloseTo(0.05, 9);
  const lines = judgeReportLines(report).join('\n');
  expect(lines).toContain('simulated');
  expect(lines).toContain('60.0% of what people only cost');
});
