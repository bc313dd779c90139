import { describe, expect, it, test } from 'vitest';
import { type Biases, biasesOf, type JudgedComparison, modelFamily } from '../../../domain/judging/biases.ts';
import { hedging } from '../../../domain/judging/hedging.ts';
import { markdown } from '../../../domain/judging/markdown.ts';
import { likenessTo } from '../../../domain/judging/wording.ts';
import { judgeCard } from '../../../domain/quality/judge-card.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';

const JUDGE = 'judge:openai/gpt-4o-mini:v1';

interface Side {
  readonly text: string;
  readonly model: string;
}
const WRITERS = ['gpt-4o', 'claude-3-5-sonnet', 'meta-llama/Llama-3-8b'];
const PLAIN = 'The answer is as it was shown above and it follows from the rules of the case.';
const HEDGED = 'The answer might be as shown, and perhaps it follows, though I think that it is not entirely clear.';

/** Each trait is drawn by itself, so that a judge with one bias shows that one alone. */
function sideOf(rng: Rng): Side {
  const hedged = rng.next() < 0.5;
  // As much longer, whether it is hedged or not.
  const more = ` ${'Further words of no consequence.'.repeat(rng.next() < 0.5 ? 1 : 3)}`;
  const marks = rng.next() < 0.5 ? '\n- **So it is.**' : '\nSo it is.';
  return { text: (hedged ? HEDGED : PLAIN) + more + marks, model: WRITERS[rng.int(WRITERS.length)] ?? '' };
}

type Plant = (a: Side, b: Side) => number;
const PLANTS: Readonly<Record<string, Plant>> = {
  longer: (a, b) => Math.sign(a.text.length - b.text.length),
  own: (a, b) => +a.model.startsWith('gpt') - +b.model.startsWith('gpt'),
  hedged: (a, b) => Math.sign(hedging(a.text) - hedging(b.text)),
  marked: (a, b) => Math.sign(markdown(a.text) - markdown(b.text)),
  unhedged: (a, b) => Math.sign(hedging(b.text) - hedging(a.text)),
};

/** What a judge that goes by a planted trait now and then says of pairs of which the better one is known to people. */
function judged(seed: string, n: number, plant?: Plant, share = 0.35): JudgedComparison[] {
  const rng = seededRng(seed);
  return Array.from({ length: n }, () => {
    const [a, b] = [sideOf(rng), sideOf(rng)];
    const better = rng.next() < 0.5 ? 'a' : 'b';
    const worse = better === 'a' ? 'b' : 'a';
    const person = { choice: rng.next() < 0.8 ? better : worse };
    const drawn = plant && rng.next() < share ? plant(a, b) : 0;
    const judge = { choice: drawn > 0 ? 'a' : drawn < 0 ? 'b' : rng.next() < 0.8 ? better : worse };
    const payload = { prompt: 'p', a: a.text, b: b.text, model_a: a.model, model_b: b.model };
    return { judge: JUDGE, type: 'pairwise', payload, judged: judge, person };
  });
}

const counts = { judge: JUDGE, answers: 0, costMicros: 0n, compared: 0, same: 0 };
const none = { peopleCompared: 0, peopleSame: 0, pairs: 0, ordersDisagree: 0 };
const findings = (list: readonly JudgedComparison[]) => judgeCard({ ...counts, ...none }, list).findings;

const WORDS = 'the of and to a in that it is was for on with as by at but not this which or from so very thus'.split(
  ' ',
);

/** How often each writer uses small words, of which everybody has habits; what is written about is as may be. */
function writer(seed: string): (rng: Rng) => string {
  const habits = seededRng(`habits ${seed}`);
  let total = 0;
  const upTo = WORDS.map((_, at) => {
    total += (0.5 + 1.5 * habits.next()) / (at + 2);
    return total;
  });
  return (rng) =>
    Array.from({ length: 80 + rng.int(60) }, () => {
      if (rng.next() < 0.5) return `topic${rng.int(500)}`;
      const drawn = rng.next() * total;
      return WORDS[upTo.findIndex((each) => each > drawn)] ?? '';
    }).join(' ');
}

describe('a judge that has written texts itself', () => {
  const [own, other] = [writer('a'), writer('b')];
  const texts = (rng: Rng, n: number) => Array.from({ length: n }, () => own(rng));

  /** As `judged`, of answers by two writers whom nobody names. */
  function unnamed(seed: string, share: number): JudgedComparison[] {
    const rng = seededRng(seed);
    return Array.from({ length: 400 }, () => {
      const ownFirst = rng.next() < 0.5;
      const payload = { prompt: 'p', a: (ownFirst ? own : other)(rng), b: (ownFirst ? other : own)(rng) };
      const [better, worse] = rng.next() < 0.5 ? ['a', 'b'] : ['b', 'a'];
      const said = () => (rng.next() < 0.8 ? better : worse);
      const drawn = rng.next() < share ? (ownFirst ? 'a' : 'b') : said();
      return { judge: JUDGE, type: 'pairwise', payload, judged: { choice: drawn }, person: { choice: said() } };
    });
  }

  test('is found to prefer what is worded like these, and one without that leaning is not', () => {
    const written = texts(seededRng('written'), 40);
    const found = (seed: string, share: number) =>
      judgeCard({ ...counts, ...none }, unnamed(seed, share), written).findings;
    const sentence = 'It prefers answers worded like its own more often than people do.';
    for (let seed = 0; seed < 4; seed++) expect(found(`own ${seed}`, 0.4)).toContain(sentence);
    // One interval in forty is above 0 by chance.
    const fair = Array.from({ length: 12 }, (_, seed) => found(`fair ${seed}`, 0));
    expect(fair.filter((each) => each.includes(sentence)).length).toBeLessThanOrEqual(1);
  });

  test('is told from others by its words, not by what it writes about', () => {
    const rng = seededRng('told');
    const sides = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? own : other)(rng));
    const alike = likenessTo(texts(rng, 40), sides) ?? [];
    const right = alike.filter((each, at) => at % 2 === 0 && each > (alike[at + 1] ?? 1)).length;
    expect(right).toBeGreaterThan(85);
    expect(likenessTo(texts(rng, 5), sides)).toBeUndefined();
  });

  test('and what cannot be known of it is said, with the reason', () => {
    const card = (list: readonly JudgedComparison[], written: readonly string[] = []) =>
      judgeCard({ ...counts, ...none }, list, written).unknown;
    const [nameless] = [unnamed('few', 0).slice(0, 20)];
    expect(card([])).toEqual(['Its biases are not known: it and people have compared no answers of the same tasks.']);
    expect(card(nameless)).toEqual([
      expect.stringMatching(/its own family of models is not known: no item says which model/),
      expect.stringMatching(/worded like its own is not known: it has written fewer than 1000 words here/),
    ]);
    expect(card(nameless, texts(seededRng('written'), 40))).toEqual([expect.stringContaining('no item says')]);
    expect(card(judged('named', 20), texts(seededRng('written'), 40))).toEqual([]);
    const others = judged('others', 20).map((each) => ({ ...each, judge: 'judge:gemma:v1' }));
    expect(judgeCard({ ...counts, ...none, judge: 'judge:gemma:v1' }, others).unknown[0]).toContain(
      'beside one of another',
    );
  });
});

describe('a planted bias', () => {
  test.each([
    ['longer', 'It prefers the longer answer more often than people do.'],
    ['own', 'It prefers answers of its own family of models more often than people do.'],
    ['marked', 'It prefers answers with more Markdown more often than people do.'],
    ['hedged', 'It prefers answers with hedged words more often than people do.'],
    ['unhedged', 'It avoids answers with hedged words more often than people do.'],
  ])('%s is found each time, and another beside it no more often than by chance', (name, sentence) => {
    const runs = Array.from({ length: 8 }, (_, seed) => findings(judged(`${name} ${seed}`, 800, PLANTS[name])));
    expect(runs.every((found) => found.includes(sentence))).toBe(true);
    // Three more intervals a run, of 95% each.
    expect(runs.flat().filter((found) => found !== sentence).length).toBeLessThanOrEqual(3);
  });

  it('is none where people have it as well', () => {
    const same = judged('both', 600, PLANTS.longer).map((each) => ({ ...each, person: each.judged }));
    expect(findings(same)).toEqual([]);
    expect(biasesOf(JUDGE, same).length?.judge).toBeGreaterThan(0.55);
    expect(biasesOf(JUDGE, same).length?.excess).toBe(0);
  });

  it('is not told apart from another that always goes with it', () => {
    const pair = (longer: string): JudgedComparison => {
      const [a, b] = longer === 'a' ? [HEDGED, 'It is so.'] : ['It is so.', HEDGED];
      return {
        judge: JUDGE,
        type: 'pairwise',
        payload: { a, b },
        judged: { choice: longer },
        person: { choice: longer === 'a' ? 'b' : 'a' },
      };
    };
    const found = biasesOf(JUDGE, ['a', 'b', 'a', 'b', 'b', 'a', 'a', 'b', 'a', 'b'].map(pair));
    expect(found.length?.low).toBeLessThan(0);
    expect(found.hedging?.low).toBeLessThan(0);
  });
});

test('a judge without biases has its intervals about 0 nineteen times in twenty', () => {
  const runs = 200;
  const missed: Record<string, number> = { length: 0, ownStyle: 0, markdown: 0, hedging: 0, ties: 0 };
  for (let seed = 0; seed < runs; seed++) {
    const found = biasesOf(JUDGE, judged(`fair ${seed}`, 60));
    for (const name of Object.keys(missed) as (keyof Biases)[]) {
      const bias = found[name];
      if (bias && (bias.low > 0 || bias.high < 0)) missed[name] = (missed[name] ?? 0) + 1;
    }
  }
  for (const n of Object.values(missed)) expect(n / runs).toBeLessThan(0.09);
});

test('more ties than people give are found', () => {
  const torn = judged('ties', 200).map((each, at) => (at % 4 === 0 ? { ...each, judged: { choice: 'tie' } } : each));
  expect(findings(torn)).toEqual(['It says that answers are equal more often than people do.']);
  const { ties } = biasesOf(JUDGE, torn);
  expect(ties).toMatchObject({ judge: 0.25, people: 0, n: 200 });
  expect(ties?.excess).toBeCloseTo(0.25, 2);
});

test('a judge that always ties has no bias but that, whatever people prefer', () => {
  const tied = judged('all ties', 400, PLANTS.longer, 0.9).map(({ judged: person, ...each }) => {
    return { ...each, person, judged: { choice: 'tie' } };
  });
  expect(biasesOf(JUDGE, tied)).toMatchObject({ length: null, ownStyle: null, hedging: null, ties: { judge: 1 } });
  expect(findings(tied)).toEqual(['It says that answers are equal more often than people do.']);
});

test('rankings are compared pair by pair, what is left out by none', () => {
  const payload = { prompt: 'p', answers: ['x', 'xxxx', 'xx'], models: ['claude-3', 'gpt-4', 'claude-2'] };
  const ranked = (judge: (number | null)[], person: (number | null)[]): JudgedComparison => {
    return { judge: JUDGE, type: 'preference_ranking', payload, judged: { ranks: judge }, person: { ranks: person } };
  };
  const [whole, part] = [ranked([3, 1, 2], [1, 3, 2]), ranked([null, 1, 2], [null, 2, 1])];
  expect(biasesOf(JUDGE, [whole]).length).toMatchObject({ judge: 1, people: 0, n: 1 });
  expect(biasesOf(JUDGE, [whole]).ownStyle).toMatchObject({ judge: 1, people: 0 });
  expect(biasesOf(JUDGE, [part]).length).toMatchObject({ judge: 1, people: 0 });
  expect(biasesOf('judge:mistral-small:v1', [whole]).ownStyle).toBeNull();
});

test.each([
  ['gpt-4o-mini', 'gpt'],
  ['chatgpt-4o-latest', 'gpt'],
  ['o3-mini', 'gpt'],
  ['claude-3-5-sonnet', 'claude'],
  ['meta-llama/Llama-3.1-8B-Instruct', 'llama'],
  ['Qwen2.5:7b', 'qwen'],
  ['mixtral-8x7b', 'mistral'],
  ['GPT', 'gpt'],
])('%s is of the family %s', (model, family) => {
  expect(modelFamily(model)).toBe(family);
});

test.each([
  ['It may rain, and might not; perhaps it depends.', 4],
  ['In May 2024 it was likely warm.', 1],
  ['You would likely win. I am not sure. It tends to snow.', 2],
  ['This is so. It is certain.', 0],
  ['Das ist vielleicht so; ich glaube, es könnte regnen. Es ist sicher.', 3],
  ['Il pleut peut-être, sans doute souvent.', 3],
  ['Quizás llueva; creo que no.', 2],
  ['ربما تمطر غدا، وأعتقد أنها لن تمطر. يبدو الجو غائما.', 2],
  ['', 0],
])('%j has %i words of uncertainty', (text, markers) => {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.length ?? 1;
  expect(hedging(text) * words).toBeCloseTo(markers);
});

test('marks of Markdown are counted in time that does not grow with hostile texts', () => {
  expect(markdown('See [the page](https://example.org) and **this**, `that`.')).toBeCloseTo(3 / 9, 1);
  for (const text of ['['.repeat(1e6), '[a]('.repeat(3e5), '**'.repeat(5e5), '`'.repeat(1e6), '\n- '.repeat(3e5)]) {
    const begun = process.cpuUsage();
    markdown(`word ${text}`);
    const { user, system } = process.cpuUsage(begun);
    expect(user + system).toBeLessThan(500_000);
  }
});
