import { describe, expect, it } from 'vitest';
import { answerOf, type CrowdAnswer, type CrowdTaskType } from '../../../cli/demo/crowd-answer.ts';
import { buildTruthIndex } from '../../../cli/demo/crowd-truth.ts';
import { createPersonas, type Persona } from '../../../cli/demo/personas.ts';
import { preferencePairs } from '../../../cli/demo/preference-pairs.ts';
import { seededRng } from '../../../domain/rng.ts';
import { TIERS } from '../../../domain/tiers.ts';

const personas = createPersonas(7);
const ofKind = (kind: Persona['kind']) => personas.filter((persona) => persona.kind === kind);
const one = (kind: Persona['kind']) => {
  const [persona] = ofKind(kind);
  if (persona === undefined) throw new Error(`no persona is of kind ${kind}`);
  return persona;
};
const mails = Array.from({ length: 2000 }, (_, i) => ({
  text: `mail ${i}`,
  truth: i % 3 === 0 ? 'spam' : 'ham',
  hard: i % 10 === 0,
}));
const CHOICES: Record<CrowdTaskType, string[]> = {
  classification: ['spam', 'ham'],
  pairwise: ['a', 'b', 'tie', 'both_bad'],
};

interface Asked {
  truth: string;
  difficulty: number;
  payload: object;
  answer: CrowdAnswer;
}

function ask(persona: Persona, taskType: CrowdTaskType, repeats = 1, seed = 's'): Asked[] {
  const items = taskType === 'pairwise' ? preferencePairs : mails;
  const truthOf = buildTruthIndex(items);
  let answered = 0;
  return Array.from({ length: repeats }).flatMap((_, round) =>
    items.map((item, i) => {
      // Half of the pairs are shown the other way round, as the server does.
      const payload = 'prompt' in item && (i + round) % 2 ? { prompt: item.prompt, a: item.b, b: item.a } : item;
      const truth = truthOf(payload);
      if (truth === undefined) throw new Error('an item is missing from the index');
      const rng = seededRng(`${seed} ${persona.name} ${round} ${i}`);
      const shown = { taskType, payload, choices: CHOICES[taskType], truth };
      const answer = answerOf({ persona, item: shown, answered: answered++, rng });
      return { truth: truth.label, difficulty: truth.difficulty, payload, answer };
    }),
  );
}

const accuracy = (asked: Asked[]) => asked.filter(({ truth, answer }) => truth === answer.label).length / asked.length;
const share = (asked: Asked[], label: string) =>
  asked.filter(({ answer }) => answer.label === label).length / asked.length;

describe('the 24 personas', () => {
  it('are the same for a seed, and others for another', () => {
    expect(createPersonas(7)).toEqual(personas);
    expect(createPersonas(8)).not.toEqual(personas);
  });

  it('have unique names, all tiers, skills from 0.72 to 0.97, and the troublemakers of a real crowd', () => {
    expect(new Set(personas.map(({ name }) => name)).size).toBe(24);
    expect(new Set(personas.map(({ tier }) => tier))).toEqual(new Set(TIERS));
    const skills = personas.filter(({ kind }) => kind === 'skilled').map(({ pairAccuracy }) => pairAccuracy);
    expect(Math.min(...skills)).toBeCloseTo(0.72, 1);
    expect(Math.max(...skills)).toBeCloseTo(0.97, 1);
    for (const kind of ['spammer', 'constant', 'turns_bad', 'slow'] as const) expect(ofKind(kind)).toHaveLength(1);
    expect(ofKind('walks_away').length).toBeGreaterThanOrEqual(2);
  });
});

describe('answers', () => {
  it('are decided by persona, item, count and seed alone', () => {
    expect(ask(one('skilled'), 'pairwise')).toEqual(ask(one('skilled'), 'pairwise'));
    expect(ask(one('skilled'), 'pairwise')).not.toEqual(ask(one('skilled'), 'pairwise', 1, 't'));
  });

  it.each(['classification', 'pairwise'] as const)('of better %s annotators are right more often', (taskType) => {
    const skilled = ofKind('skilled');
    const found = skilled.map((persona) => accuracy(ask(persona, taskType, taskType === 'pairwise' ? 10 : 1)));
    const [best, worst] = [found[0] ?? 0, found.at(-1) ?? 1];
    expect(best).toBeGreaterThan(0.93);
    expect(worst).toBeGreaterThan(0.6);
    expect(worst).toBeLessThan(0.78);
  });

  it('to hard items are worse for every skilled persona, so that errors go together', () => {
    for (const persona of ofKind('skilled')) {
      const asked = ask(persona, 'classification', 3);
      const hard = asked.filter(({ difficulty }) => difficulty >= 0.65);
      const easy = asked.filter(({ difficulty }) => difficulty < 0.3);
      expect(accuracy(hard)).toBeLessThan(accuracy(easy) - 0.02);
    }
  });

  it('that are wrong coincide more often than independent errors would', () => {
    const wrongs = ofKind('skilled').map((persona) =>
      ask(persona, 'classification').map(({ truth, answer }) => truth !== answer.label),
    );
    const rate = (rows: boolean[]) => rows.filter(Boolean).length / rows.length;
    let together = 0;
    let independent = 0;
    wrongs.forEach((one, i) => {
      for (const other of wrongs.slice(i + 1)) {
        together += rate(one.map((wrong, item) => wrong && other[item] === true));
        independent += rate(one) * rate(other);
      }
    });
    expect(together).toBeGreaterThan(1.15 * independent);
  });

  it('that miss a better answer mostly say "tie" and not the opposite', () => {
    const missed = ofKind('skilled')
      .flatMap((persona) => ask(persona, 'pairwise', 3))
      .filter(({ truth, answer }) => (truth === 'a' || truth === 'b') && truth !== answer.label);
    expect(share(missed, 'tie')).toBeGreaterThan(0.5);
    expect(share(missed, 'a') + share(missed, 'b')).toBeLessThan(0.45);
  });

  it('of three annotators together are better than of one', () => {
    const votes = ofKind('skilled').map((persona) => ask(persona, 'classification'));
    const majority = mails.filter(({ truth }, i) => {
      const said = [9, 11, 13].filter((who) => votes[who]?.[i]?.answer.label === truth);
      return said.length >= 2;
    });
    const singles = [9, 11, 13].map((who) => accuracy(votes[who] ?? []));
    expect(majority.length / mails.length).toBeGreaterThan(Math.max(...singles));
  });

  it('of those who know the field are better', () => {
    const base = one('skilled');
    const novice = { ...base, pairAccuracy: 0.8, specializations: [] };
    const knows = { ...novice, specializations: ['general', 'writing', 'code', 'maths', 'advice', 'languages'] };
    expect(accuracy(ask(knows, 'pairwise', 10))).toBeGreaterThan(accuracy(ask(novice, 'pairwise', 10)) + 0.03);
  });

  it('to unknown items are guesses', () => {
    const labels = Array.from({ length: 400 }, (_, i) => {
      const item = { taskType: 'classification', payload: {}, choices: ['x', 'y'], truth: undefined } as const;
      return answerOf({ persona: one('skilled'), item, answered: 0, rng: seededRng(i) }).label;
    });
    const share = labels.filter((label) => label === 'x').length / 400;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it('keep to the choices the form offers', () => {
    const truth = { label: 'both_bad', difficulty: 0.1, temptation: 'tie' };
    for (const persona of personas) {
      for (let i = 0; i < 50; i++) {
        const item = {
          taskType: 'pairwise',
          payload: { prompt: 'p', a: 'x', b: 'yy' },
          choices: ['a', 'b'],
          truth,
        } as const;
        expect(['a', 'b']).toContain(answerOf({ persona, item, answered: 100, rng: seededRng(i) }).label);
      }
    }
  });
});

describe('troublemakers', () => {
  it('the spammer answers at random within two to three seconds', () => {
    const asked = ask(one('spammer'), 'pairwise', 20);
    for (const label of CHOICES.pairwise) expect(share(asked, label)).toBeCloseTo(0.25, 1);
    expect(Math.max(...asked.map(({ answer }) => answer.timeSpentS))).toBeLessThan(3.5);
  });

  it('one always gives the first answer', () => {
    expect(share(ask(one('constant'), 'classification'), 'spam')).toBe(1);
    expect(share(ask(one('constant'), 'pairwise'), 'a')).toBe(1);
  });

  it('one turns bad after 40 good answers', () => {
    const asked = ask(one('turns_bad'), 'classification');
    expect(accuracy(asked.slice(0, 40))).toBeGreaterThan(0.75);
    expect(accuracy(asked.slice(40))).toBeCloseTo(0.5, 1);
    expect(asked.slice(40).filter(({ answer }) => answer.timeSpentS < 5).length).toBeGreaterThan(500);
  });

  it('some often leave without an answer, now and then coming back late, and still answer sometimes', () => {
    for (const persona of ofKind('walks_away')) {
      const left = ask(persona, 'classification').filter(({ answer }) => answer.leaves !== 'no');
      expect(left.length / 2000).toBeGreaterThan(0.3);
      expect(left.length / 2000).toBeLessThan(0.5);
      expect(left.filter(({ answer }) => answer.leaves === 'answers_late').length / left.length).toBeCloseTo(0.3, 1);
    }
    expect(ask(one('skilled'), 'classification').every(({ answer }) => answer.leaves === 'no')).toBe(true);
  });

  it('biased ones call too much spam, prefer the left answer, or prefer the longer one', () => {
    const byName = (field: 'leftBias' | 'longerBias') => ofKind('biased').find((persona) => persona[field] > 0);
    const overcalls = ofKind('biased').find(({ sensitivity, specificity }) => sensitivity > specificity + 0.1);
    const [left, longer] = [byName('leftBias'), byName('longerBias')];
    if (!overcalls || !left || !longer) throw new Error('a biased persona is missing');
    expect(share(ask(overcalls, 'classification'), 'spam')).toBeGreaterThan(0.4);
    expect(share(ask(left, 'pairwise', 10), 'a')).toBeGreaterThan(share(ask(left, 'pairwise', 10), 'b') + 0.2);
    const chosen = ask(longer, 'pairwise', 10).filter(({ answer }) => answer.label === 'a' || answer.label === 'b');
    const longest = chosen.filter(({ payload, answer }) => {
      const { a, b } = payload as { a: string; b: string };
      return answer.label === (b.length > a.length ? 'b' : 'a');
    });
    expect(longest.length / chosen.length).toBeGreaterThan(0.58);
  });

  it('the slow one takes three times as long as others', () => {
    const mean = (persona: Persona) =>
      ask(persona, 'classification').reduce((sum, { answer }) => sum + answer.timeSpentS, 0) / 2000;
    expect(mean(one('slow'))).toBeGreaterThan(2.5 * mean(one('skilled')));
  });
});

describe('the truth index', () => {
  const pair = { prompt: 'p', a: 'left', b: 'right, longer', truth: 'a', difficulty: 0.4 };
  const truthOf = buildTruthIndex([pair, { prompt: 'q', a: 'x', b: 'yy', truth: 'tie', difficulty: 0.5 }, ...mails]);

  it('knows a pair in both orders, and answers for what is shown first', () => {
    expect(truthOf({ prompt: 'p', a: 'left', b: 'right, longer' })).toMatchObject({ label: 'a', difficulty: 0.4 });
    expect(truthOf({ prompt: 'p', a: 'right, longer', b: 'left' })).toMatchObject({ label: 'b', difficulty: 0.4 });
    expect(truthOf({ prompt: 'q', a: 'x', b: 'yy' })).toMatchObject({ label: 'tie', temptation: 'b' });
    expect(truthOf({ prompt: 'q', a: 'yy', b: 'x' })).toMatchObject({ label: 'tie', temptation: 'a' });
  });

  it('knows texts, marks hard ones as harder than all others, and ignores further fields', () => {
    expect(truthOf({ text: 'mail 0', title: 'x' })).toMatchObject({ label: 'spam' });
    const difficulty = (hard: boolean) =>
      mails.filter((mail) => mail.hard === hard).map((mail) => truthOf({ text: mail.text })?.difficulty ?? Number.NaN);
    expect(Math.min(...difficulty(true))).toBeGreaterThan(Math.max(...difficulty(false)));
  });

  it('does not know anything else', () => {
    for (const payload of [undefined, null, 'mail 0', {}, { text: 'other' }, { prompt: 'p', a: 'left' }]) {
      expect(truthOf(payload)).toBeUndefined();
    }
  });
});
