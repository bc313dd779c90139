import { describe, expect, it } from 'vitest';
import { weightsOf } from '../../web/src/campaigns/decision-record';
import { whyChosen } from '../../web/src/campaigns/story';

describe('why an item was chosen, in words', () => {
  it('names the strategy, the place and the parts of the score that played a part', () => {
    const selection = {
      strategy: 'combined',
      seed: 's',
      rank: 2,
      candidates: 5000,
      uncertainty: 0.91234,
      distance: null,
    };
    expect(whyChosen({ ...selection, novelty: 0.25, score: 0.0001234 })).toBe(
      'by combined · number 3 of the batch · of 5000 candidates · uncertainty 0.912 · novelty 0.25 · score 0.000123',
    );
    const start = { ...selection, uncertainty: null, candidates: null, by: 'diverse_start', because: 'no_model' };
    expect(whyChosen(start)).toBe(
      'by combined · in its place a diverse start · there was no model · number 3 of the batch',
    );
    expect(whyChosen({ ...selection, uncertainty: null, model: 'not heard: it is late' })).toBe(
      'by combined · number 3 of the batch · of 5000 candidates · model not heard: it is late',
    );
  });

  it('says that chance chose what measures the model, and nothing where no strategy did', () => {
    expect(whyChosen({ strategy: 'evaluation', seed: 's', rank: 0 })).toBe('at random, to measure the model');
    expect(whyChosen(null)).toBe('');
    expect(whyChosen({})).toBe('');
  });
});

it('what answers weighed in a decision is what its record says', () => {
  const votes = [{ annotationId: 'a', weight: 0.18 }, { annotationId: 'b' }];
  expect([...weightsOf({ votes })]).toEqual([['a', 0.18]]);
  expect(weightsOf(null).size).toBe(0);
});
