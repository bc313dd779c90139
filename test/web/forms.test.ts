import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { FocusedTime } from '../../web/src/annotate/focused-time';
import { hearTime, serverNow } from '../../web/src/api/clock';
import { spendPoints } from '../../web/src/campaigns/spend-points';
import { keyOf } from '../../web/src/forms/keys';
import { Meant } from '../../web/src/forms/meant';
import { preferenceRankingForm } from '../../web/src/forms/preference-ranking';
import { needOf, optionByDigit, type Question, questionsOf } from '../../web/src/forms/questions';
import {
  dense,
  type Groups,
  groupOf,
  insertAt,
  joinGroup,
  ranksOf,
  setRank,
  step,
  takeOut,
} from '../../web/src/forms/rank-groups';
import { characterEdge, pointsBefore, pointsOf, segmentsOf, trimmed, wordEdge } from '../../web/src/forms/span-text';
import type { Say } from '../../web/src/i18n';
import { en } from '../../web/src/i18n/en';
import { countTooFew, guessMapping, itemOf } from '../../web/src/new/mapping';
import { readFile, readSource } from '../../web/src/new/source';
import { formWords, labelText } from '../../web/src/ui/label-text';
import { aboutDollars, dollars } from '../../web/src/ui/text';

const COUNT = 6;
const acts = fc.array(
  fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: COUNT - 1 }), fc.nat({ max: COUNT - 1 }), fc.boolean()),
  { maxLength: 30 },
);
const play = (steps: readonly (readonly [number, number, number, boolean])[]): Groups =>
  steps.reduce<Groups>((groups, [act, answer, at, flag]) => {
    if (act === 0) return insertAt(groups, answer, at);
    if (act === 1) return at < groups.length ? joinGroup(groups, answer, at) : groups;
    if (act === 2) return takeOut(groups, answer);
    if (act === 3) return setRank(groups, answer, at + 1, { count: COUNT, allowTies: flag });
    return step(groups, answer, flag ? 1 : -1);
  }, []);

/** With every tie broken, as where there are none. */
const apart = (groups: Groups): Groups =>
  groups.some(({ length }) => length > 1) ? groups.flat().map((answer) => [answer]) : groups;

describe('ranking', () => {
  it('keeps each answer at one rank at most, and ranks within their number, whatever is done', () => {
    fc.assert(
      fc.property(acts, (steps) => {
        const groups = play(steps);
        const all = groups.flat();
        expect(new Set(all).size).toBe(all.length);
        expect(groups.length).toBeLessThanOrEqual(COUNT);
        expect(groups.at(-1)).not.toEqual([]);
        const ranks = ranksOf(groups, COUNT).filter((rank) => rank !== null);
        expect(new Set(ranks)).toEqual(new Set(dense(groups).map((_, at) => at + 1)));
      }),
    );
  });

  it('gives the digit as the rank, from whatever there is', () => {
    fc.assert(
      fc.property(
        acts,
        fc.nat({ max: COUNT - 1 }),
        fc.integer({ min: 1, max: COUNT }),
        fc.boolean(),
        (steps, answer, rank, allowTies) => {
          const before = allowTies ? play(steps) : apart(play(steps));
          const groups = setRank(before, answer, rank, { count: COUNT, allowTies });
          expect(groupOf(groups, answer) + 1).toBe(rank);
          expect(new Set(groups.flat())).toEqual(new Set([...before.flat(), answer]));
          if (!allowTies) expect(groups).toEqual(apart(groups));
        },
      ),
    );
  });

  const typed = (digits: readonly number[], allowTies: boolean) =>
    digits.reduce<Groups>(
      (groups, rank, answer) => setRank(groups, answer, rank, { count: digits.length, allowTies }),
      [],
    );

  it('is the one that was typed card by card, in whatever order', () => {
    const orders = fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 6 });
    fc.assert(
      fc.property(orders, fc.boolean(), (digits, allowTies) => {
        expect(ranksOf(typed(digits, allowTies), digits.length)).toEqual(digits);
      }),
    );
    expect(ranksOf(typed([3, 1, 2], true), 3)).toEqual([3, 1, 2]);
  });

  it('has ties where the same digit was typed, and only there', () => {
    const digits = fc.array(fc.integer({ min: 1, max: COUNT }), { minLength: COUNT, maxLength: COUNT });
    fc.assert(
      fc.property(digits, (ranks) => {
        const steps = [...new Set(ranks)].sort((a, b) => a - b);
        expect(ranksOf(typed(ranks, true), COUNT)).toEqual(ranks.map((rank) => steps.indexOf(rank) + 1));
      }),
    );
  });

  it('keeps the ranks that were typed in a draft', () => {
    const { readConfig, readPayload, restore } = preferenceRankingForm;
    const payload = readPayload({ prompt: '', answers: ['a', 'b', 'c'] });
    for (const allowTies of [true, false]) {
      expect(restore([[], [], [0]], readConfig({ allowTies }), payload)).toEqual([[], [], [0]]);
      expect(restore([[1], [], []], readConfig({ allowTies }), payload)).toEqual([[1]]);
    }
  });
});

const anyText = fc.string({ unit: fc.constantFrom('a', ' ', '👍', '👩‍👩‍👧', 'ل', 'é', '.', '\n') });

describe('spans', () => {
  it('count code points, as the server does', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, seed) => {
        const points = pointsOf(text);
        const at = points.length === 0 ? 0 : seed % points.length;
        expect(pointsBefore(text, points.slice(0, at).join('').length)).toBe(at);
      }),
    );
  });

  it('cut the text into pieces that make it up', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.tuple(fc.nat(), fc.nat())), (text, ends) => {
        const { length } = pointsOf(text);
        const spans = ends
          .map(([a, b]) => [a % (length + 1), b % (length + 1)].sort((x, y) => x - y))
          .filter(([start = 0, end = 0]) => start < end)
          .map(([start = 0, end = 0]) => ({ start, end, label: 'X' }));
        const pieces = segmentsOf(length, spans, { anchor: 0, head: 0 });
        let at = 0;
        for (const piece of pieces) {
          expect(piece.start).toBe(at);
          at = piece.end;
          expect(piece.spans).toEqual(spans.filter(({ start, end }) => start < piece.end && end > piece.start));
        }
        expect(at).toBe(length);
      }),
    );
  });

  it('are reached by keys: word by word, and no emoji is cut in half', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { length } = pointsOf(text);
        for (const edge of [wordEdge, characterEdge]) {
          let at = 0;
          for (let moves = 0; at < length; moves++) {
            const next = edge(text, at, 1);
            expect(next).toBeGreaterThan(at);
            expect(moves).toBeLessThanOrEqual(length);
            at = next;
          }
          while (at > 0) {
            const next = edge(text, at, -1);
            expect(next).toBeLessThan(at);
            at = next;
          }
        }
      }),
    );
    expect(characterEdge('👩‍👩‍👧x', 0, 1)).toBe(5);
    expect(wordEdge('met Ana in', 0, 1)).toBe(3);
  });

  it('have no blanks at their ends', () => {
    expect(trimmed(pointsOf('  Ana  '), 7, 0)).toEqual({ start: 2, end: 5 });
    expect(trimmed(pointsOf('    '), 0, 4)).toBeUndefined();
  });
});

describe('focused time', () => {
  it('stops a minute after the last act, and while the page is away', () => {
    const time = new FocusedTime();
    time.act(0);
    time.act(10_000);
    expect(time.seconds(30_000)).toBe(30);
    expect(time.seconds(500_000)).toBe(70);
    time.act(600_000);
    time.leave(605_000);
    expect(time.seconds(900_000)).toBe(75);
    expect(time.isBusy(900_000)).toBe(false);
  });
});

describe('the requester’s rows', () => {
  it.each([
    ['CSV', 'text,label\n"a, b",x\n', { text: 'a, b', label: 'x' }],
    ['JSON lines', '{"text":"a"}\n\n{"text":"b"}', { text: 'a' }],
    ['a JSON array', ' [{"text":"a"}]', { text: 'a' }],
    ['CSV with a mark before it', '\uFEFFtext\na', { text: 'a' }],
  ])('are read from %s', (_, text, first) => {
    expect(readSource(text).rows[0]).toEqual(first);
  });

  it('are refused one by one, with their line', () => {
    expect(readSource('{"text":"a"}\n{"text":\n3').faults).toEqual([
      { line: 2, reason: 'The line is not JSON.' },
      { line: 3, reason: 'The row is not an object.' },
    ]);
  });

  it('have the answers that they fill, and are counted where these are too few to rank', () => {
    const columns = ['prompt', ...Array.from({ length: 10 }, (_, at) => `answer_${at + 1}`)];
    const mapping = guessMapping('preference_ranking', columns);
    expect(mapping.answers).toEqual(columns.slice(1));
    const rows = [
      { prompt: 'q', answer_1: 'x', answer_2: 'y', answer_3: '', answer_4: null },
      { prompt: 'q', answer_10: 'x', answer_2: '' },
    ];
    expect(rows.map((row) => itemOf('preference_ranking', mapping, row).payload)).toEqual([
      { prompt: 'q', answers: ['x', 'y'] },
      { prompt: 'q', answers: ['x'] },
    ]);
    expect(countTooFew('preference_ranking', mapping, rows)).toBe(1);
    const one = { prompt: ['prompt'], answers: ['list'] };
    const listed = { prompt: 'q', list: ['', 'y'] };
    expect(itemOf('preference_ranking', one, listed).payload).toEqual({ prompt: 'q', answers: ['', 'y'] });
    expect(countTooFew('preference_ranking', one, [listed])).toBe(0);
  });

  it('become items: shown fields, key and gold in their places, the rest kept', () => {
    const row = { id: 7, question: 'q', r1: 'x', r2: '', extra: 1, known: '[1,2]' };
    const mapping = { prompt: ['question'], answers: ['r1', 'r2'], key: ['id'], gold: ['known'] };
    expect(itemOf('preference_ranking', mapping, row)).toEqual({
      payload: { prompt: 'q', answers: ['x'], extra: 1 },
      key: '7',
      gold: '[1,2]',
    });
    expect(itemOf('dialog', { turns: ['t'] }, { t: 'User: hi\nthere\nAssistant: yes' })).toEqual({
      payload: {
        turns: [
          { role: 'user', text: 'hi\nthere' },
          { role: 'assistant', text: 'yes' },
        ],
      },
    });
  });
});

describe('labels in words', () => {
  it.each([
    ['spam', 'spam'],
    [['spam', 'ham'], 'spam, ham'],
    [{ choice: 'both_bad' }, 'both are bad'],
    [{ choice: 'a', strength: 2 }, 'first answer is better, by 2'],
    [{ ranks: [2, 1, 2, null] }, 'answers 2 > 1 = 3'],
    [{ overall: 3.456, fluent: 5 }, 'overall 3.46, fluent 5'],
    [{ turns: [null, 'wrong'], overall: { solved: 4 } }, 'turn 2: wrong; overall: solved 4'],
    [[{ start: 0, end: 3, label: 'PERSON', text: 'Ana' }], 'PERSON “Ana”'],
    [[], 'nothing marked'],
    [null, '–'],
    [{ odd: { deep: true } }, '{"odd":{"deep":true}}'],
  ])('%j', (label, words) => {
    expect(labelText(label)).toBe(words);
  });

  it('are the words of the form for whoever answered on it', () => {
    const say: Say = (key, { number } = {}) => (key === 'form.answer' ? `Answer ${number}` : en[key]);
    const words = (label: unknown) => labelText(label, 120, formWords(say));
    expect(words({ choice: 'b', strength: 2 })).toBe('Answer 2 is better (+2)');
    expect(words({ ranks: [2, 1, 2] })).toBe('Answer 2 > Answer 1 = Answer 3');
  });

  it('are cut where they are long', () => {
    expect(labelText('x'.repeat(200), 10)).toBe(`${'x'.repeat(10)}…`);
  });
});

describe('a Parquet file', () => {
  it('gives the rows it holds, as JSON has them', async () => {
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'text', data: ['one', 'zwei ✓'] },
        { name: 'n', data: [1n, 2n ** 60n], type: 'INT64' },
      ],
    });
    expect(await readFile(new Blob([file]))).toMatchObject({
      columns: ['text', 'n'],
      rows: [
        { text: 'one', n: 1 },
        { text: 'zwei ✓', n: String(2n ** 60n) },
      ],
      faults: [],
    });
  });

  it('that is none says so, and other files are read as text', async () => {
    const broken = await readFile(new Blob(['PAR1 and then nothing']));
    expect(broken.rows).toEqual([]);
    expect(broken.faults[0]?.reason).toMatch(/^The Parquet file could not be read/);
    expect((await readFile(new Blob(['a,b\n1,2\n']))).rows).toEqual([{ a: '1', b: '2' }]);
  });

  it('is read whatever Unicode it is in, and taken damaged in no other', async () => {
    const utf16 = [...'\uFEFFa\né\n'].flatMap((letter) => [letter.charCodeAt(0) & 255, letter.charCodeAt(0) >> 8]);
    expect((await readFile(new Blob([Uint8Array.from(utf16)]))).rows).toEqual([{ a: 'é' }]);
    const latin1 = await readFile(new Blob([Uint8Array.from([97, 10, 0xe9, 10])]));
    expect(latin1).toMatchObject({ rows: [], faults: [{ line: 1, reason: expect.stringContaining('CSV UTF-8') }] });
    const gone = new Blob(['a']);
    gone.arrayBuffer = () => Promise.reject(new Error('It was changed.'));
    expect((await readFile(gone)).faults[0]?.reason).toBe('The file could not be read: It was changed.');
  });
});

describe('a label that may be an oversight', () => {
  it('is meant once it was asked about and the question can have been read, and asked about anew when it changes', () => {
    const [label, nothing] = [{ label: ['a'] }, { label: [], confirm: 'form.confirmNothing' as const }];
    const meant = new Meant();
    expect(meant.is(label, 0)).toBe(true);
    expect([0, 10, 299, 300].map((nowMs) => meant.is(nothing, nowMs))).toEqual([false, false, false, true]);
    meant.forget();
    expect(meant.is(nothing, 1000)).toBe(false);
  });
});

describe('the curve of spend', () => {
  it('takes the spend of a round as that of the campaign so far, and leaves rounds without one out', () => {
    const round = {
      state: 'fitted',
      strategy: 'random',
      tasks: 1,
      progress: { open: 0, adjudicating: 0, decided: 1, adjudicated: 0, unresolved: 0, cancelled: 0 },
      reservedUsd: '0',
      reservedMicros: 0,
    } as const;
    const rest = { trainedOn: null, labels: null, heldOut: null, selectedAt: '', fittedAt: null, spentUsd: null };
    const rounds = [15_150_000, 29_100_000, null].map((spentMicros, at) => ({
      ...{ ...round, ...rest },
      ...{ round: at + 1, spentMicros },
    }));
    expect(spendPoints(rounds)).toEqual([
      { round: 1, usd: 15.15 },
      { round: 2, usd: 29.1 },
    ]);
  });
});

describe('keys', () => {
  it.each([
    ['s', 'KeyS', false, 's'],
    ['S', 'KeyS', false, 's'],
    // An Arabic keyboard.
    ['س', 'KeyS', false, 's'],
    ['؟', 'Slash', true, '?'],
    ['١', 'Digit1', false, '1'],
    // A French one: digits by place alone, or with Shift; its A is where others have Q.
    ['&', 'Digit1', false, '1'],
    ['1', 'Digit1', true, '1'],
    ['a', 'KeyQ', false, 'a'],
    // A German one: Shift and comma are a semicolon.
    [';', 'Comma', true, ','],
    [':', 'Period', true, '.'],
    // An English one.
    ['!', 'Digit1', true, '!'],
    ['<', 'Comma', true, ','],
    ['Enter', 'NumpadEnter', false, 'Enter'],
    ['End', 'Numpad1', false, 'End'],
  ])('%s at the place %s, Shift: %s, is %s', (key, code, shiftKey, expected) => {
    expect(keyOf({ key, code, shiftKey })).toBe(expected);
  });
});

describe('scores off their scale', () => {
  const wide = (name: string): Question => ({ id: name, name, options: [], range: { min: 10, max: 100 } });
  it('are named before what is missing, and never sent', () => {
    const questions = [wide('clear'), wide('kind')];
    expect(needOf(questions, { clear: 5 })).toEqual({
      need: 'need.range',
      values: { name: 'clear', min: 10, max: 100 },
    });
    expect(needOf(questions, { clear: 50 })).toEqual({ need: 'need.all', values: { count: 1 } });
    expect(needOf(questions, { clear: 50, kind: 10 })).toBeUndefined();
  });
});

describe('amounts', () => {
  it.each([
    [105_000, '$0.105'],
    [150_000, '$0.15'],
    [1_234_567_800, '$1,234.57'],
    [537_500, '$0.5375'],
    [0, '$0.00'],
    [-2_500, '-$0.0025'],
  ])('%d micro-dollars are %s', (micros, text) => {
    expect(dollars(micros)).toBe(text);
  });

  it('that are estimated have no more than cents', () => {
    expect(aboutDollars(153_333.3)).toBe('$0.15');
  });
});

describe('the time of the server', () => {
  it('is taken over from its answers where this device is wrong, and not for a second or two', () => {
    const beforeMs = Date.now();
    hearTime(new Date(beforeMs + 2000).toUTCString(), beforeMs);
    expect(serverNow() - Date.now()).toBeLessThan(1000);
    hearTime(new Date(beforeMs - 7_200_000).toUTCString(), beforeMs);
    expect(Math.abs(serverNow() - Date.now() + 7_200_000)).toBeLessThan(2000);
    hearTime(null, beforeMs);
    hearTime('nonsense', beforeMs);
    expect(Math.abs(serverNow() - Date.now() + 7_200_000)).toBeLessThan(2000);
    hearTime(new Date(beforeMs).toUTCString(), beforeMs);
    expect(Math.abs(serverNow() - Date.now())).toBeLessThan(1000);
  });
});

describe('the digit keys of a scale', () => {
  const byDigit = (min: number, max: number) => {
    const [question] = questionsOf({ min, max, criteria: [{ name: 'q', description: undefined }] }, 'p', 'n');
    return Array.from({ length: 10 }, (_, digit) => question && optionByDigit(question, digit));
  };
  const none = undefined;

  it.each([
    [0, 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [1, 10, [10, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [1, 5, [none, 1, 2, 3, 4, 5, none, none, none, none]],
    [5, 10, [10, none, none, none, none, 5, 6, 7, 8, 9]],
    [-5, 5, [0, 1, 2, 3, 4, 5, none, none, none, none]],
  ])('are the scores from %d to %d that they name', (min, max, scores) => {
    expect(byDigit(min, max)).toEqual(scores);
  });

  it('are the places of choices', () => {
    const [question] = questionsOf({ choices: ['bad', 'good'] }, 'p', 'n');
    expect(question && [optionByDigit(question, 2), optionByDigit(question, 3)]).toEqual(['good', none]);
  });
});
