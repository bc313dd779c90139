import { describe, expect, test } from 'vitest';
import { type VendorWork, vendorFault } from '../../../domain/vendors/capabilities.ts';
import { rulingsOn } from '../../../domain/vendors/incidents.ts';

const work: VendorWork = {
  ...{ workforces: ['labelbox'], type: 'span', config: { allowOverlap: false } },
  ...{ name: 'Names', instructions: 'Mark them.', priceMicros: '100000' },
};

describe('a campaign that its vendors cannot do', () => {
  test.each<[string, Partial<VendorWork>, string, string]>([
    ['a price of which nothing is left', { workforces: ['mturk'], priceMicros: '19999' }, 'priceUsd', 'at least $0.02'],
    [
      'less than a cent',
      { workforces: ['internal', 'prolific'], type: 'likert', priceMicros: '9000' },
      'priceUsd',
      '$0.01',
    ],
    [
      'terms of which nothing is left',
      { workforces: ['mturk'], vendors: { mturk: { priceMicros: '1' } } },
      'vendors',
      '$0.02',
    ],
    ['instructions that are not shown', { instructions: 'x'.repeat(1994) }, 'workforces', '2000 characters'],
    [
      'a task that is too large',
      { workforces: ['mturk'], instructions: 'é'.repeat(32_768) },
      'workforces',
      '65535 bytes',
    ],
  ])('is refused: %s', (_what, more, field, said) => {
    const fault = vendorFault({ ...work, ...more });
    expect(fault?.field).toBe(field);
    expect(fault?.message).toContain(said);
  });

  test.each<Partial<VendorWork>>([
    { workforces: ['mturk'], priceMicros: '20000' },
    { workforces: ['mturk'], priceMicros: '0', vendors: { mturk: { priceMicros: '20000' } } },
    { workforces: ['surge_ai'], priceMicros: '1' },
    { instructions: 'x'.repeat(1993) },
    { type: 'likert', instructions: 'x'.repeat(5000) },
    { workforces: ['mturk'], instructions: 'é'.repeat(30_000) },
  ])('is not this one: %j', (more) => {
    expect(vendorFault({ ...work, ...more })).toBeUndefined();
  });
});

test('an answer is rejected where its vendor has such an act', () => {
  const allow = (vendor: string) => rulingsOn({ kind: 'invalid_answer', vendor }).includes('reject');
  expect(['scale_ai', 'mturk', 'surge_ai', 'labelbox', 'llm'].map(allow)).toEqual([true, true, false, false, false]);
});
