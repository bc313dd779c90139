import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CROWD, PAIRS } from '../../cli/commands/offline-flags.ts';
import { CROWD_METHOD_NAMES } from '../../domain/aggregation/crowd/methods.ts';
import { seededRng } from '../../domain/rng.ts';
import { quorate } from './run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Aggregates a file of that content; with what was written to `--out`. */
async function aggregate(content: string | Buffer, ...args: string[]) {
  const out = join(folder, 'labels.csv');
  rmSync(out, { force: true });
  const ran = await quorate(undefined, 'aggregate', '--in', file('answers.csv', content), '--out', out, ...args);
  return { ...ran, written: ran.code === 0 ? readFileSync(out, 'utf8') : undefined };
}
const reported = async (content: string, ...args: string[]) => {
  const { code, out, err, written = '' } = await aggregate(content, '--json', ...args);
  expect([code, err]).toEqual([0, '']);
  const rows = written.trimEnd().split('\n');
  return { report: JSON.parse(out) as Record<string, unknown>, rows };
};

/** Three careful workers and one who turns every answer round, on twelve tasks. */
const TRUTH = [...'yynnynynnyyn'];
const crowd = `task,worker,label\n${TRUTH.flatMap((label, t) =>
  ['ann', 'bob', 'cyd', 'eve'].map((worker, w) => {
    const wrong = worker === 'eve' || (t + w) % 6 === 0;
    return `t${t},${worker},${wrong === (label === 'y') ? 'n' : 'y'}\n`;
  }),
).join('')}`;
const gold = `task,label\n${TRUTH.map((label, t) => `t${t},${label}\n`).join('')}`;

describe('aggregate', () => {
  it('offers the methods there are', () => {
    expect([...CROWD].sort()).toEqual([...CROWD_METHOD_NAMES].sort());
  });

  it('has the same accuracy whatever is drawn among equals', async () => {
    const path = file('gold.csv', 'task,label\nt1,a\nt2,b\nt3,c\n');
    const answers = 'task,worker,label\nt1,w1,a\nt1,w2,b\nt2,w1,a\nt2,w2,b\nt2,w3,c\nt3,w1,b\nt3,w2,a\n';
    for (const seed of ['0', '1', '2', '3']) {
      const { report } = await reported(answers, '--method', 'majority', '--gold', path, '--seed', seed);
      expect(report.accuracy).toBeCloseTo((1 / 2 + 1 / 3) / 3, 12);
    }
  });

  it.each(CROWD)('%s writes a label and a confidence for each task', async (method) => {
    const path = file('gold.csv', gold);
    const { report, rows } = await reported(crowd, '--method', method, '--gold', path);
    expect(report).toMatchObject({ method, tasks: 12, workers: 4, answers: 48, goldTasks: 12, goldUnknown: 0 });
    const labels = rows.slice(1).map((row) => row.split(','));
    expect(rows[0]).toBe('task,label,confidence');
    expect(labels.map(([task]) => task)).toEqual(TRUTH.map((_, t) => `t${t}`));
    for (const [, label, confidence] of labels) {
      expect(['y', 'n']).toContain(label);
      expect(Number(confidence)).toBeGreaterThan(0);
      expect(Number(confidence)).toBeLessThanOrEqual(1);
    }
    // Equals of two are right by half.
    const rights = labels.map(([, label, confidence], t) => (confidence === '0.5' ? 0.5 : label === TRUTH[t] ? 1 : 0));
    expect(report.accuracy).toBeCloseTo(rights.reduce<number>((sum, right) => sum + right, 0) / 12, 12);
    expect(report.meanConfidence).toBeGreaterThan(0.5);
    expect(report.calibrationError).toBeGreaterThanOrEqual(0);
    expect(report.calibrationError).toBeLessThanOrEqual(1);
  });

  it('has the documented members, in their order', async () => {
    const { report } = await reported(crowd, '--method', 'majority', '--gold', file('gold.csv', gold));
    const documented = ['method', 'tasks', 'workers', 'answers', 'accuracy', 'iterations', 'seconds'];
    expect(Object.keys(report).filter((name) => documented.includes(name))).toEqual(documented);
  });

  it('says what the default method chose', async () => {
    const { report } = await reported(crowd);
    expect(report).toMatchObject({ method: 'default', chosen: expect.stringMatching(/./) });
    expect((await aggregate(crowd)).out).toMatch(/^method +default\nchosen +\S/);
  });

  it('gives the same for the same seed', async () => {
    const tied = 'task,worker,label\nt1,w1,a\nt1,w2,b\nt2,w1,a\nt2,w2,b\nt3,w1,a\nt3,w2,b\nt4,w1,a\nt4,w2,b\n';
    const of = async (seed: string) => (await reported(tied, '--method', 'majority', '--seed', seed)).rows;
    expect(await of('5')).toEqual(await of('5'));
    const drawn = new Set<string>();
    for (const seed of ['1', '2', '3', '4', '5']) drawn.add((await of(seed)).join('|'));
    expect(drawn.size).toBeGreaterThan(1);
  });

  it('writes cells that are read back as they were', async () => {
    const { rows } = await reported('task,worker,label\n"a,""b""",w,-1\n"=1",w,"x y, z"\n', '--method', 'majority');
    expect(rows.slice(1)).toEqual(['"a,""b""",-1,1', '=1,"x y, z",1']);
  });

  it('writes to standard output for -, the summary beside it', async () => {
    const path = file('answers.csv', crowd);
    const ran = await quorate(undefined, 'aggregate', '--method', 'majority', '--in', path, '--out', '-');
    expect(ran.out).toMatch(/^task,label,confidence\nt0,/);
    expect(ran.out.trimEnd().split('\n')).toHaveLength(13);
    expect(ran.err).toMatch(/^method +majority\ntasks +12\n/);
    const both = await quorate(undefined, 'aggregate', '--in', path, '--out', '-', '--json');
    expect(both).toMatchObject({ code: 2, out: '', err: expect.stringContaining('standard output') });
  });

  it('without --out says that nothing was written', async () => {
    const ran = await quorate(undefined, 'aggregate', '--method', 'majority', '--in', file('answers.csv', crowd));
    expect(ran.out).toMatch(/Nothing was written: --out/);
  });

  it('counts gold for tasks without answers, and does without any', async () => {
    const some = file('gold.csv', 'item,label,note\nt2,n,\nt3,y,\nelsewhere,y,\n');
    const { report } = await reported(crowd, '--method', 'majority', '--gold', some);
    expect(report).toMatchObject({ accuracy: 0.5, goldTasks: 2, goldUnknown: 1 });
    const none = await aggregate(
      crowd,
      '--json',
      '--method',
      'majority',
      '--gold',
      file('gold.csv', 'task,label\nx,y\n'),
    );
    expect(JSON.parse(none.out)).toMatchObject({ accuracy: null, goldTasks: 0, goldUnknown: 1 });
    expect(none).toMatchObject({
      code: 0,
      err: expect.stringMatching(/gold\.csv: none of its tasks has an answer in /),
    });
  });
});

describe('blanks, and labels that gold writes otherwise', () => {
  const spaced = 'task, worker, label\nt1, a, yes\nt1, b, yes\nt2, a, no\nt2, b, no\n';
  it('blanks around cells are none of them', async () => {
    const { report, rows } = await reported(
      spaced,
      '--method',
      'majority',
      '--labels',
      'no, yes',
      '--gold',
      file('g.csv', 'task,label\nt1,yes\nt2 , no\n'),
    );
    expect(report).toMatchObject({ accuracy: 1, goldTasks: 2, goldLabelsUnknown: 0 });
    expect(rows[1]).toBe('t1,yes,1');
  });

  it('gold labels that no answer has are counted, and told of', async () => {
    const ran = await aggregate(
      spaced,
      '--method',
      'majority',
      '--json',
      '--gold',
      file('g.csv', 'task,label\nt1,yes\nt2,No\n'),
    );
    expect(JSON.parse(ran.out)).toMatchObject({
      accuracy: 0.5,
      goldTasks: 2,
      goldLabelsUnknown: 1,
      goldLabelUnknown: 'No',
    });
    expect(ran.err).toBe(
      `${join(folder, 'g.csv')}:3: column 2 (label) is "No", a label that no answer has; the answers write "no". It counts as wrong.\n`,
    );
  });

  it('takes a number in gold for the label of the same value', async () => {
    const answers = 'task,worker,label\nt1,a,1\nt1,b,1\nt2,a,2\nt2,b,2\n';
    const { report } = await reported(
      answers,
      '--method',
      'majority',
      '--gold',
      file('g.csv', 'task,label\nt1,1.0\nt2,1.0\n'),
    );
    expect(report).toMatchObject({ accuracy: 0.5, goldTasks: 2, goldLabelsUnknown: 0 });
  });

  it.each([
    ['1', '1.0'],
    ['Yes', 'yes'],
  ])('tells of the labels %s and %s, which count as two', async (one, other) => {
    const answers = `task,worker,label\nt1,a,${one}\nt1,b,${other}\nt1,c,2\nt2,a,${one}\n`;
    const ran = await aggregate(answers, '--method', 'majority', '--json');
    expect(JSON.parse(ran.out)).toMatchObject({ labelsAlike: [one, other] });
    expect(ran.err).toContain(`"${one}" and "${other}" are two labels`);
    const listed = await aggregate(answers, '--method', 'majority', '--json', '--labels', `${one},${other},2`);
    expect([listed.code, listed.err]).toEqual([0, '']);
    const measured = await quorate(undefined, 'agreement', '--in', file('a.csv', answers), '--json');
    expect(JSON.parse(measured.out)).toMatchObject({ labelsAlike: [one, other] });
  });

  it.each([
    [['3', '2'], [], /g\.csv:2: column 2 \(label\) is "3", and no gold label is a label of the answers/],
    [
      ['1', '0'],
      ['--labels', '1.0,0.0'],
      /g\.csv:2: column 2 \(label\) is "1", which is none of the labels 1\.0, 0\.0/,
    ],
    [
      ['1.0', 'x'],
      ['--labels', '1.0,0.0'],
      /g\.csv:3: column 2 \(label\) is "x", which is none of the labels 1\.0, 0\.0/,
    ],
  ])('gold labels %j that can only be a mistake end with 2', async (labels, args, message) => {
    const content = 'task,worker,label\n1,a,1.0\n1,b,1.0\n2,a,0.0\n2,b,0.0\n';
    const path = file('g.csv', `task,label\n${labels.map((label, t) => `${t + 1},${label}\n`).join('')}`);
    for (const command of ['aggregate', 'replay']) {
      const policy = command === 'replay' ? ['--policy', 'fixed:1'] : [];
      const ran = await quorate(undefined, command, '--in', file('a.csv', content), '--gold', path, ...policy, ...args);
      expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
    }
  });
});

describe('aggregate --method mean', () => {
  const scores = 'task,worker,label\na,w1,1\na,w2,2\na,w3,6\nb,w1,4\nb,w2,4\nc,w1,10\n';
  it('writes the means and compares them with gold', async () => {
    const path = file('gold.csv', 'task,label\na,2.5\nb,5\nc,9\n');
    const { report, rows } = await reported(scores, '--method', 'mean', '--gold', path);
    expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual([
      ['task', 'label'],
      ['a', '3'],
      ['b', '4'],
      ['c', '10'],
    ]);
    expect(report).toMatchObject({ method: 'mean', tasks: 3, goldTasks: 3, accuracy: null, iterations: 0 });
    expect(report.rmse).toBeCloseTo(Math.sqrt((0.25 + 1 + 1) / 3), 12);
    expect(report.pearson).toBeCloseTo(24 / Math.sqrt((86 / 3) * 21.5), 12);
  });
  it('has an accuracy where labels are whole numbers: of means that are nearest to gold', async () => {
    const path = file('gold.csv', 'task,label\na,3\nb,5\nc,10\n');
    expect((await reported(scores, '--method', 'mean', '--gold', path)).report.accuracy).toBe(2 / 3);
    const halves = 'task,worker,label\na,w1,0\na,w2,1\nb,w1,0\nb,w2,1\n';
    const both = file('gold.csv', 'task,label\na,0\nb,1\n');
    expect((await reported(halves, '--method', 'mean', '--gold', both)).report.accuracy).toBe(0);
  });
  it('is the default of scores, and not of names that are numbers', async () => {
    const rng = seededRng('scores');
    const answers = (label: (t: number) => number) =>
      `task,worker,label\n${Array.from({ length: 90 }, (_, i) => `t${i % 30},w${Math.floor(i / 30)},${label(i % 30)}\n`).join('')}`;
    const near = answers((t) => t + rng.int(4));
    const { out, err, written } = await aggregate(near, '--json');
    expect(JSON.parse(out)).toMatchObject({ method: 'default', chosen: 'mean', tasks: 30 });
    expect(err).toMatch(/^The 3\d labels are numbers, and those of a task are near each other: their mean is taken/);
    expect(written).toMatch(/^task,label,confidence\nt0,/);
    const listed = await aggregate(near, '--json', '--labels', Array.from({ length: 40 }, (_, k) => k).join());
    expect([listed.err, JSON.parse(listed.out).chosen]).toEqual(['', expect.stringContaining('pooled')]);
    const few = await aggregate(
      answers((t) => 1 + Math.round((4 * t) / 29 + rng.int(2) - 0.5)),
      '--json',
    );
    expect(few.err).toMatch(/^The [56] labels are numbers.*they are taken for names.*--method mean gives their mean/);
    expect(JSON.parse(few.out).chosen).toContain('pooled');
    // Names are taken for each other by habit, however far apart as numbers.
    const { report } = await reported(answers((t) => (rng.next() < 0.6 ? t : (t * 7 + 3) % 30)));
    expect(report.chosen).toMatch(/pooled|one-coin/);
    // And mostly for their neighbours where classes of a group are numbered one after the other.
    const grouped = await aggregate(
      answers((t) => (rng.next() < 0.75 ? t : t - (t % 5) + rng.int(5))),
      '--json',
    );
    expect(grouped.err).toMatch(/^The 30 labels are numbers.*they are taken for names.*--method mean gives their mean/);
    expect(JSON.parse(grouped.out).chosen).toMatch(/pooled|one-coin/);
  });

  it('refuses labels that are no numbers', async () => {
    const ran = await aggregate('task,worker,label\na,w1,1\na,w2,two\n', '--method', 'mean');
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringMatching(/answers\.csv:3: column 3 \(label\) is "two", but a mean needs finite numbers/),
    });
    const path = file('gold.csv', 'task,label\na,good\n');
    const other = await aggregate(scores, '--method', 'mean', '--gold', path);
    expect(other.err).toMatch(/gold\.csv: the label "good" of task "a" is no number/);
  });
});

describe.each(PAIRS)('aggregate --method %s', (method) => {
  const votes: string[] = ['item,item_a,item_b,worker,winner'];
  for (const [a, b, wins, losses] of [
    ['good', 'fair', 7, 3],
    ['fair', 'poor', 7, 3],
    ['good', 'poor', 8, 1],
  ] as const) {
    for (let k = 0; k < wins + losses; k++) {
      const winner = k < wins ? a : b;
      votes.push(k % 2 ? `${a}-${b},${a},${b},w${k},${winner}` : `${a}-${b},${b},${a},w${k},${winner}`);
    }
    votes.push(`${a}-${b},${a},${b},w0,tie`);
  }
  const comparisons = `${votes.join('\n')}\n`;

  it('writes items by score, best first', async () => {
    const { report, rows } = await reported(comparisons, '--method', method);
    expect(rows.map((row) => row.split(',')[0])).toEqual(['item', 'good', 'fair', 'poor']);
    expect(report).toMatchObject({ method, tasks: 3, items: 3, workers: 10, answers: 32 });
  });

  it('says how sure it is of each two items', async () => {
    const pairs = join(folder, 'pairs.csv');
    const { report } = await reported(comparisons, '--method', method, '--pairs', pairs);
    const [header, ...rows] = readFileSync(pairs, 'utf8').trimEnd().split('\n');
    expect(header).toBe('left,right,label,confidence,comparisons');
    expect(rows).toHaveLength(Number(report.tasks));
    for (const row of rows) {
      const [left, right, label, confidence, count] = row.split(',');
      expect(label).toBe([left, right].includes('good') ? 'good' : 'fair');
      expect(Number(confidence)).toBeGreaterThan(0.5);
      expect(Number(confidence)).toBeLessThan(1);
      expect(Number(count)).toBeGreaterThan(9);
    }
    const labels = await quorate(undefined, 'aggregate', '--in', file('labels.csv', crowd), '--pairs', pairs);
    expect(labels).toMatchObject({ code: 2, err: expect.stringContaining('--pairs is for comparisons') });
  });

  it.each([
    ['left,right,label\ngood,poor,good\npoor,fair,poor\ngood,unheard,good\ngood,fair,\n'],
    ['task,label\ngood-poor,good\nfair-poor,poor\nunheard,good\ngood-fair,tie\n'],
    // Several comparisons of one prompt's answers.
    ['task,left,right,label\np,good,poor,good\np,poor,fair,poor\np,good,unheard,good\np,good,fair,tie\n'],
  ])('compares with gold %j', async (content) => {
    const { report } = await reported(comparisons, '--method', method, '--gold', file('gold.csv', content));
    expect(report).toMatchObject({ accuracy: 0.5, goldTasks: 2, goldUnknown: 1 });
  });

  it.each([
    ['left,right,label\n', /gold\.csv: it has a header, but no gold labels/],
    [
      'left,right,label\ngood,poor,good\npoor,good,poor\n',
      /gold\.csv:3: column 3 \(label\) says "poor" for these two items, but line 2 said otherwise/,
    ],
    ['left,right,label\ngood,poor,good\npoor,good,tie\n', /gold\.csv:3: column 3 \(label\) says "tie"/],
    [
      'task,label\ngood-poor,good\ngood-poor,poor\n',
      /gold\.csv:3: column 2 \(label\) says "poor" for task "good-poor"/,
    ],
    ['left,right,label\ngood,good,good\n', /gold\.csv:2: column 2 \(right\) is the item of column 1 again/],
    ['left,right,label\ngood,poor,best\n', /gold\.csv:2: column 3 \(label\) is "best", which is neither/],
  ])('refuses the gold %j', async (content, message) => {
    const ran = await aggregate(comparisons, '--method', method, '--gold', file('gold.csv', content));
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
  });

  it('counts what gold says again once, and its ties beside', async () => {
    const again = 'left,right,label\ngood,poor,good\npoor,good,good\ngood,fair,tie\n';
    const { report } = await reported(comparisons, '--method', method, '--gold', file('gold.csv', again));
    expect(report).toMatchObject({ accuracy: 1, goldTasks: 1, goldTies: 1 });
    const ties = file('gold.csv', 'left,right,label\ngood,poor,tie\n');
    expect((await aggregate(comparisons, '--method', method, '--gold', ties)).out).toMatch(
      /\naccuracy +unknown of 0 gold tasks; 1 ties say nothing\n/,
    );
  });

  it('compares with the labels that majority writes of the same comparisons, whichever item it names first', async () => {
    const only = comparisons.replaceAll(/^[^,]*,/gm, '');
    const written = (await aggregate(only, '--method', 'majority', '--duplicates', 'first')).written ?? '';
    expect(written).toMatch(/^task,label,confidence\nfair \| good,good,/);
    for (const text of [written, written.replaceAll(/^(\w+) \| (\w+)/gm, '$2 | $1')]) {
      const { report } = await reported(only, '--method', method, '--gold', file('gold.csv', text));
      expect(report).toMatchObject({ accuracy: 1, goldTasks: 3, goldUnknown: 0 });
    }
  });

  it('takes ties in capitals, and leaves out rows that say both are bad', async () => {
    const { report } = await reported(
      `${comparisons}p,good,fair,w0,TIE\np,good,fair,w1,both_bad\n`,
      '--method',
      method,
    );
    expect(report).toMatchObject({ answers: 33, bothBad: 1 });
  });

  it('takes no list of labels', async () => {
    expect(await aggregate(comparisons, '--method', method, '--labels', 'good,fair')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--labels is for labels of tasks/),
    });
  });

  it('is chosen by default for a file of nothing but comparisons', async () => {
    const lines = comparisons.trimEnd().split('\n');
    const only = lines.map((line) => line.split(',').slice(1).join(',')).join('\n');
    const { report, rows } = await reported(only, '--method', 'default');
    expect(report).toMatchObject({ method: 'default', chosen: 'noisy-bradley-terry', items: 3, answers: 32 });
    expect(rows[0]).toBe('item,score');
  });

  it.each([
    [comparisons.replace('w3,good', 'w3,best'), /answers\.csv:\d+: column 5 \(winner\) is "best", which is neither/],
    [crowd, /answers\.csv:1: the header has no column "left" or "item_a"/],
    ['left,right,label,worker\n', /answers\.csv: it has a header, but no comparisons/],
    [
      'left,right,label,worker\ntie,b,tie,w1\n',
      /answers\.csv:2: column 3 \(label\) is "tie", and so is an item's name/,
    ],
  ])('refuses what is not right', async (content, message) => {
    expect(await aggregate(content, '--method', method)).toMatchObject({
      code: 2,
      err: expect.stringMatching(message),
    });
  });
});

describe('comparisons as labels of tasks', () => {
  /** Twelve pairs of items of their own: four workers who are right in turn, and one who never is; the last pair is a tie. */
  const pairs = Array.from({ length: 12 }, (_, t) => [`a${t}`, `b${t}`] as const);
  const rows = pairs.flatMap(([a, b], t) =>
    ['ann', 'bob', 'cyd', 'dan', 'eve'].map((worker, w) => {
      const wrong = worker === 'eve' || (t + w) % 6 === 0;
      const sides = (t + w) % 2 === 0 ? [a, b] : [b, a];
      return { task: `t${t}`, sides, worker, label: t === 11 ? '' : wrong ? b : a };
    }),
  );
  const line = ({ sides, label, worker }: (typeof rows)[number]) => `${sides},${label},${worker}\n`;
  const untasked = `left,right,label,worker\n${rows.map(line).join('')}`;
  const tasked = `item,left,right,label,worker\n${rows.map((row) => `${row.task},${line(row)}`).join('')}`;

  it.each(['default', 'majority', 'dawid-skene'])('%s writes the winner of each task', async (method) => {
    const known = pairs.map(([a], t) => `t${t},${t === 11 ? 'tie' : a}\n`);
    const path = file('gold.csv', `task,label\n${known.join('')}`);
    const { report, rows: written } = await reported(tasked, '--method', method, '--gold', path);
    expect(report).toMatchObject({ tasks: 12, workers: 5, accuracy: 1, goldTasks: 12 });
    expect(written.slice(1).map((row) => `${row.split(',').slice(0, 2)}\n`)).toEqual(known);
  });

  it('is what a file whose items are mere places asks for, as scores of these say', async () => {
    const places = tasked.replaceAll(/\b([ab])\d+/g, '$1');
    const { report } = await reported(places);
    expect(report).toMatchObject({ tasks: 12 });
    const ran = await aggregate(places, '--method', 'bradley-terry');
    expect(ran).toMatchObject({ code: 0, err: expect.stringMatching(/^All 12 tasks compare "a" with "b", .*default/) });
  });

  it('takes each two items for a task where there is no other', async () => {
    const known = file(
      'gold.csv',
      `left,right,label\n${pairs.map(([a, b], t) => `${b},${a},${t === 11 ? '' : a}\n`).join('')}`,
    );
    const { report, rows: written } = await reported(untasked, '--method', 'majority', '--gold', known);
    expect(report).toMatchObject({ tasks: 12, accuracy: 1, goldTasks: 12 });
    expect(written.slice(0, 3).map((row) => row.split(',').slice(0, 2).join())).toEqual([
      'task,label',
      'a0 | b0,a0',
      'b1 | a1,a1',
    ]);
    const named = file(
      'gold.csv',
      `task,label\n${pairs.map(([a, b], t) => `${b} | ${a},${t === 11 ? 'Tie' : a}\n`).join('')}`,
    );
    const { report: byName } = await reported(untasked, '--method', 'majority', '--gold', named);
    expect(byName).toMatchObject({ accuracy: 1, goldTasks: 12, goldUnknown: 0 });
    const bad = await reported(`${untasked}x,y,both_bad,ann\nx,y,Tie,bob\nx,y,both_bad,cyd\n`, '--method', 'majority');
    expect(bad.rows.at(-1)).toMatch(/^x \| y,both_bad,0\.66/);
    const { report: items } = await reported(untasked);
    expect(items).toMatchObject({ chosen: 'noisy-bradley-terry' });
  });

  it('counts gold for tasks without answers, whatever it says of the same two items', async () => {
    const known = pairs.map(([a, b], t) => `t${t},${a},${b},${t === 11 ? 'tie' : a}\n`).join('');
    const path = file('gold.csv', `task,left,right,label\n${known}t99,a0,b0,b0\nt98,yy,zz,zz\n`);
    for (const labels of [[], ['--labels', 'left,right,tie']]) {
      const { report } = await reported(tasked, '--method', 'majority', '--gold', path, ...labels);
      expect(report).toMatchObject({ accuracy: 1, goldTasks: 12, goldUnknown: 2 });
    }
  });

  it.each([
    ['t99,s,s,s,ann', /answers\.csv:62: column 3 \(right\) is the item of column 2 again/],
    ['t0,a0,b1,a0,fay', /answers\.csv:62: task "t0" \(column 1\) compares other items than in line 2/],
  ])('refuses the odd row %s', async (row, message) => {
    const ran = await aggregate(`${tasked}${row}\n`, '--method', 'majority');
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
  });
});

describe('bad input ends with 2 and a sentence, for every method', () => {
  const inputs: [string, string, RegExp][] = [
    ['an empty file', '', /answers\.csv: it is empty/],
    ['a header alone', 'task,worker,label\n', /answers\.csv: it has a header, but no answers/],
    ['a ragged file', 'task,worker,label\nt1,w1\n', /answers\.csv:2: the row has 2 columns, but the header has 3/],
    ['an empty label', 'task,worker,label\nt1,w1,a\nt1,w2,\n', /answers\.csv:3: column 3 \(label\) is empty/],
    ['a repeated answer', 'task,worker,label\nt1,w1,a\nt1,w1,b\n', /answers\.csv:3: worker "w1" \(column 2\) answered/],
  ];
  it.each(inputs)('%s', async (_, content, message) => {
    for (const method of CROWD) {
      const ran = await aggregate(content, '--method', method);
      expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
    }
  });

  it('a label outside the schema', async () => {
    const ran = await aggregate(crowd, '--labels', 'yes,no');
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('which is none of the labels yes, no') });
  });

  it('bad gold', async () => {
    const twice = file('gold.csv', 'task,label\nt1,y\nt1,n\n');
    expect(await aggregate(crowd, '--gold', twice)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/gold\.csv:3: column 2 \(label\) says "n" for task "t1", but line 2 said "y"/),
    });
    expect(await aggregate(crowd, '--gold', join(folder, 'none.csv'))).toMatchObject({ code: 2 });
  });

  it('a folder that is not there to write to, and an unknown method', async () => {
    const path = file('answers.csv', crowd);
    const out = join(folder, 'none', 'labels.csv');
    const ran = await quorate(undefined, 'aggregate', '--method', 'majority', '--in', path, '--out', out);
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringContaining('none/labels.csv: there is no folder '),
    });
    expect(await aggregate(crowd, '--method', 'magic')).toMatchObject({ code: 2 });
  });
});

describe.each(CROWD)('--method %s gives a defined result for', (method) => {
  const confidences = (rows: string[]) => rows.slice(1).map((row) => Number(row.slice(row.lastIndexOf(',') + 1)));

  it.each([
    ['one label only', 'task,worker,label\nt1,w1,a\nt1,w2,a\nt2,w1,a\n', 2],
    ['one answer a task', 'task,worker,label\nt1,w1,a\nt2,w2,b\nt3,w3,c\n', 3],
    ['a single answer', 'task,worker,label\nt1,w1,a\n', 1],
    ['a tie', 'task,worker,label\nt1,w1,a\nt1,w2,b\n', 1],
  ])('%s', async (_, content, tasks) => {
    const { rows } = await reported(content, '--method', method);
    expect(rows).toHaveLength(tasks + 1);
    for (const confidence of confidences(rows)) expect(confidence > 0 && confidence <= 1).toBe(true);
  });

  it('answers that were given twice, with --duplicates', async () => {
    const text = 'task,worker,label\nt1,w1,a\nt1,w1,b\nt2,w1,b\nt2,w2,b\n';
    const { report } = await reported(text, '--method', method, '--duplicates', 'last');
    expect(report).toMatchObject({ answers: 3, dropped: 1 });
  });
});

describe('very many different labels', () => {
  const content = (count: number) =>
    `task,worker,label\n${Array.from({ length: count }, (_, i) => `t${i >> 1},w${i & 1},label ${i}\n`).join('')}`;
  const cases = CROWD.map(
    (method) => [method, method === 'default' || method === 'majority' ? 1_000_000 : 100_000] as const,
  );
  it.each(cases)('%s takes %d of them', { timeout: 120_000 }, async (method, count) => {
    const { code, err, written = '' } = await aggregate(content(count), '--method', method);
    if (code === 0) expect(written.match(/\n/g)).toHaveLength(count / 2 + 1);
    else expect([code, err.split('\n').length]).toEqual([2, 2]);
    expect(written).not.toContain('NaN');
  });
});
