import { expect, it } from 'vitest';
import { classProbabilities, fitCampaignModel, modelAnswers } from '../../../domain/learning/campaign-model.ts';
import { hashFeatures } from '../../../domain/learning/features.ts';
import { fitLogistic } from '../../../domain/learning/logistic.ts';
import { softLabel } from '../../../domain/learning/targets.ts';

it('labels that teach nothing give no model, no probabilities and no answers', () => {
  const target = { kind: 'none' } as const;
  const matrix = hashFeatures(['one text', 'another text']);
  expect(softLabel(target, { distribution: { x: 1 }, value: 'x', confidence: 1 })).toBeUndefined();
  expect(fitCampaignModel(target, { matrix }, [])).toBeNull();
  expect(
    fitCampaignModel(target, { matrix }, [
      { shares: [1, 0], weight: 1 },
      { shares: [0, 1], weight: 1 },
    ]),
  ).toBeNull();
  const { model } = fitLogistic(matrix, Float64Array.from([1, 0, 0, 1]), 2);
  expect(classProbabilities(target, { matrix }, model)).toBeUndefined();
  expect(modelAnswers(target, { matrix }, model)).toEqual([]);
});
