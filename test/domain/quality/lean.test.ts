import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leanOf } from '../../../domain/quality/lean.ts';
import { seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';

const spam = getTaskType('classification');
const config = { labels: ['spam', 'ham', 'unsure'], multiple: false };
const many = (count: number, label: string, decided: string) =>
  Array.from({ length: count }, () => ({ label, decided }));

describe('the lean of an annotator', () => {
  test('is towards the label that they give too often, as a share of their answers', () => {
    const answers = [...many(83, 'ham', 'ham'), ...many(15, 'spam', 'ham'), ...many(2, 'unsure', 'spam')];
    expect(leanOf(spam, config, answers)).toEqual({ kind: 'choice', towards: 'spam', excess: 0.13 });
  });

  test('is none where errors go both ways, are few, or are no errors', () => {
    expect(leanOf(spam, config, [...many(20, 'spam', 'ham'), ...many(20, 'ham', 'spam')])).toBeUndefined();
    expect(leanOf(spam, config, [...many(90, 'ham', 'ham'), ...many(4, 'spam', 'ham')])).toBeUndefined();
    expect(leanOf(spam, config, [])).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...config.labels)), (labels) => {
        expect(
          leanOf(
            spam,
            config,
            labels.map((label) => ({ label, decided: label })),
          ),
        ).toBeUndefined();
      }),
    );
  });

  test('on scales is how much higher or lower they score, on the scale where it is most', () => {
    const likert = getTaskType('likert');
    const scale = { min: 1, max: 5, criteria: [{ name: 'clear' }, { name: 'kind' }] };
    const answers = Array.from({ length: 12 }, () => ({
      label: { clear: 2, kind: 4 },
      decided: { clear: 4, kind: 3 },
    }));
    expect(leanOf(likert, scale, answers)).toEqual({ kind: 'scale', scale: 'clear', difference: -2 });
  });

  test('on scales is none where a few great differences go the other way than most', () => {
    const rating = (label: number, decided: number) => ({ label: { q: label }, decided: { q: decided } });
    const answers = [...Array.from({ length: 12 }, () => rating(91, 90)), rating(1, 90)];
    expect(leanOf(getTaskType('likert'), { min: 1, max: 100, criteria: [{ name: 'q' }] }, answers)).toBeUndefined();
  });

  test('on scales is none of one who scores as all others do, however the scores pile up', () => {
    const likert = getTaskType('likert');
    const scale = { min: 1, max: 5, criteria: [{ name: 'q' }] };
    let leaning = 0;
    for (let rater = 0; rater < 200; rater++) {
      const rng = seededRng(rater);
      const draw = () => {
        const at = rng.next();
        return at < 0.02 ? 1 : at < 0.05 ? 2 : at < 0.1 ? 3 : at < 0.2 ? 4 : 5;
      };
      const answers = Array.from({ length: 200 }, () => {
        const [own, one, other] = [draw(), draw(), draw()];
        return { label: { q: own }, decided: { q: (own + one + other) / 3 } };
      });
      if (leanOf(likert, scale, answers)) leaning++;
    }
    // At 5%: 10 of 200, and hardly ever 20. By the signs alone it was nearly half of them.
    expect(leaning).toBeLessThan(20);
  });

  test('is not asked for where labels are neither choices nor scores', () => {
    const answers = Array.from({ length: 12 }, (_, at) => ({ label: `text ${at}`, decided: 'text' }));
    expect(leanOf(getTaskType('free_text'), {}, answers)).toBeUndefined();
  });
});
