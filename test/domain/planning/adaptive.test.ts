import { expect, it } from 'vitest';
import type { CrowdAssumptions } from '../../../domain/planning/assumptions.ts';
import { makePlan } from '../../../domain/planning/plan.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';
import { playProduction, type Row } from './production.ts';

const TASKS = 3000;
const ANNOTATORS = 20;
const seconds = { secondsMedian: 20, secondsLogSd: 0.6 };

/** Six answers to each task, of a crowd that is as assumed; the truths are all labels alike. */
function answersOf(crowd: CrowdAssumptions, rng: Rng) {
  const { accuracy, choices, skillSd, easeSd, lureShare } = crowd;
  const level = Math.log(accuracy / (1 - accuracy)) * Math.sqrt(1 + 0.346 * (skillSd ** 2 + easeSd ** 2));
  const skills = Array.from({ length: ANNOTATORS }, () => level + skillSd * rng.normal());
  const people = [...skills.keys()];
  const truths = new Map<string, string>();
  const rows: Row[] = [];
  for (let t = 0; t < TASKS; t++) {
    const [truth, ease] = [rng.int(choices), easeSd * rng.normal()];
    truths.set(`${t}`, `${truth}`);
    for (const w of rng.shuffle(people).slice(0, 6)) {
      const right = rng.next() < 1 / (1 + Math.exp(-(skills[w] ?? 0) - ease));
      const wrong = rng.next() < lureShare ? 1 : 1 + rng.int(choices - 1);
      rows.push({ task: `${t}`, worker: `${w}`, label: `${(truth + (right ? 0 : wrong)) % choices}` });
    }
  }
  return { rows, truths };
}

it.each<CrowdAssumptions>([
  { choices: 2, accuracy: 0.85, skillSd: 0, easeSd: 0, lureShare: 1, ...seconds },
  { choices: 2, accuracy: 0.85, skillSd: 0.6, easeSd: 0.8, lureShare: 1, ...seconds },
  { choices: 3, accuracy: 0.8, skillSd: 0.7, easeSd: 0.9, lureShare: 0.5, ...seconds },
])(
  'an adaptive campaign of $choices choices asks in its plan for the answers that real decisions ask for',
  {
    timeout: 240_000,
  },
  (crowd) => {
    const { rows, truths } = answersOf(crowd, seededRng('crowd'));
    const real = playProduction(rows, truths, seededRng('played'));
    const campaign = {
      tasks: TASKS,
      annotators: ANNOTATORS,
      priceMicros: 50_000n,
      goldRatio: 0,
      feeRatio: 0,
      judge: null,
    };
    const plan = makePlan({ ...campaign, atWork: new Array<number>(24).fill(5) }, () => crowd, {
      ...{ runs: 12, seed: 'plan', only: ['adaptive'] },
    });
    const [planned] = plan.options;
    // 4.3 beside 4.3, 3.6 beside 3.9, 3.9 beside 4.1.
    expect(Math.abs((planned?.answersPerTask.p50 ?? 0) - real.answersPerTask)).toBeLessThan(0.6);
    expect(Math.abs((planned?.accuracy.p50 ?? 0) - real.accuracy)).toBeLessThan(0.03);
  },
);
