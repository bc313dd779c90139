import { describe, expect, it } from 'vitest';
import { type AnswerOption, relabelOrNew } from '../../../domain/learning/relabel-or-new.ts';

const option = (belief: number[], byAnswers = belief, price = 1): AnswerOption => ({ belief, byAnswers, price });
const flat = [0.5, 0.5];

describe('relabel or new', () => {
  it('by hand: a contested item and a new one', () => {
    const [first, second] = relabelOrNew([option([0.6, 0.4])], [option([0.7, 0.3], flat)], {
      accuracy: 0.8,
      errorsPerLabel: 0.5,
    });
    // Old: answers leave max(.48, .08) + max(.12, .32) = .8 of certainty, so own = .2; others = .5 x (.8 - .6) / .5.
    // New: .56 + .24 = .8, own = .1; others = .5 x (.8 - .5) / .5.
    expect([first?.kind, second?.kind]).toEqual(['relabel', 'new']);
    expect([first?.own, first?.others, second?.own, second?.others]).toEqual(
      [0.2, 0.2, 0.1, 0.3].map((x) => expect.closeTo(x, 12)),
    );
  });

  it('early, when a label teaches much, prefers new items; late, contested ones', () => {
    const old = [option([0.55, 0.45])];
    const fresh = [option([0.9, 0.1], flat)];
    const best = (errorsPerLabel: number) => relabelOrNew(old, fresh, { accuracy: 0.75, errorsPerLabel })[0]?.kind;
    expect(best(10)).toBe('new');
    expect(best(0)).toBe('relabel');
  });

  it('no answer is worth anything where it cannot change the label, or says nothing', () => {
    const settled = relabelOrNew([option([0.99, 0.01])], [], { accuracy: 0.7, errorsPerLabel: 0 });
    expect(settled[0]?.perPrice).toBe(0);
    const guessing = relabelOrNew([option([0.4, 0.3, 0.3])], [], { accuracy: 1 / 3, errorsPerLabel: 2 });
    expect(guessing[0]?.perPrice).toBeCloseTo(0, 12);
  });

  it('divides by the price; of equals old items come first, in order', () => {
    const cheap = option([0.6, 0.4], [0.6, 0.4], 1);
    const dear = option([0.5, 0.5], [0.5, 0.5], 10);
    const settings = { accuracy: 0.8, errorsPerLabel: 0 };
    expect(relabelOrNew([dear, cheap], [cheap], settings).map(({ kind, index }) => [kind, index])).toEqual([
      ['relabel', 1],
      ['new', 0],
      ['relabel', 0],
    ]);
  });

  it('looks as many answers ahead as pay best: one more after an odd number that agree changes nothing, two do', () => {
    const settings = { accuracy: 0.75, errorsPerLabel: 0 };
    const once = option([0.75, 0.25]);
    expect(relabelOrNew([once], [], settings)[0]).toMatchObject({ answers: 1, own: 0 });
    // Two more agree and leave 27/28, agree with the rival and leave 3/4 for that, or with each one and leave 3/4.
    const right = (0.75 * 9 + 0.25) / 16;
    const after = right * (27 / 28) + (1 - right) * 0.75;
    const [ahead] = relabelOrNew([{ ...once, allowed: 2 }], [], settings);
    expect(ahead).toMatchObject({ answers: 2, own: expect.closeTo((after - 0.75) / 2, 12) });
  });

  it('weighs answers that come together as they come', () => {
    const settings = { accuracy: 0.75, errorsPerLabel: 1 };
    const [three] = relabelOrNew([], [{ ...option(flat), atOnce: 3 }], settings);
    // Of three answers two or three are right with 27/32.
    const rise = (27 / 32 - 1 / 2) / 3;
    expect(three).toMatchObject({ answers: 3, own: expect.closeTo(rise, 12), others: expect.closeTo(2 * rise, 12) });
  });

  it('refuses what are no shares, and prices of nothing', () => {
    const settings = { accuracy: 0.8, errorsPerLabel: 0 };
    expect(() => relabelOrNew([option([0.9, 0.9])], [], settings)).toThrow('old item 0');
    expect(() => relabelOrNew([], [option(flat, flat, 0)], settings)).toThrow('new item 0');
    expect(() => relabelOrNew([], [], { ...settings, accuracy: 2 })).toThrow('The accuracy is 2');
  });
});
