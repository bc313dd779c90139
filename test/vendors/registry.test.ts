import { expect, test } from 'vitest';
import { loadVendors } from '../../vendors/registry.ts';

test.each([
  [{ PROLIFIC_TOKEN: 't' }, 'PROLIFIC_TOKEN is set, but PROLIFIC_WORKSPACE_ID is not.'],
  [
    { PROLIFIC_BASE_URL: 'http://x' },
    'PROLIFIC_BASE_URL is set, but PROLIFIC_TOKEN and PROLIFIC_WORKSPACE_ID are not.',
  ],
  [{ QUORATE_VENDOR_TOKEN: 't' }, 'but QUORATE_VENDOR_BASE_URL or QUORATE_VENDOR_URL is not.'],
  [{ QUORATE_VENDOR_URL: 'http://x' }, 'but QUORATE_VENDOR_TOKEN is not.'],
  [{ MTURK_ACCESS_KEY_ID: 'a', MTURK_SECRET_ACCESS_KEY: 's' }, 'but MTURK_BASE_URL or MTURK_ENDPOINT is not.'],
  [{ SCALE_BASE_URL: 'http://x' }, 'SCALE_BASE_URL is set, but SCALE_API_KEY is not.'],
  [{ SURGE_BASE_URL: 'http://x' }, 'SURGE_API_KEY'],
  [{ LABELBOX_BASE_URL: 'http://x' }, 'LABELBOX_API_KEY'],
])('%j alone is said to be half of it', async (env, said) => {
  await expect(loadVendors(env)).rejects.toThrow(said);
});

test('a vendor of which nothing is set is not there, and empty settings are none', async () => {
  const env = { PROLIFIC_TOKEN: '', SCALE_API_KEY: '', MTURK_BASE_URL: '', PROLIFIC_FEE_PERCENT: '40' };
  expect([...(await loadVendors(env)).keys()]).toEqual([]);
});
