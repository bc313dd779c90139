import { afterEach, expect, test } from 'vitest';
import { createMturk } from '../../vendors/mturk.ts';
import { createProlific } from '../../vendors/prolific.ts';
import { type Asked, FakeServer, type Reply } from './fake.ts';
import { orderOf } from './orders.ts';

const servers: FakeServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(answer: (asked: Asked) => Reply) {
  const server = new FakeServer({ admit: () => undefined, answer });
  servers.push(server);
  return { baseUrl: await server.start(), asked: server.asked };
}

const order = orderOf('classification', { units: 1 });
const unitKey = order.units[0]?.key ?? '';
const placement = { externalId: 's', units: { [unitKey]: 's' } };
const bonus = { act: 'bonus', unitKey, responseId: 'r', workerId: 'w', reason: 'good', key: 'k' } as const;

test('prolific: a bonus is set up in dollars, paid once, in whole cents; the fee comes on top', async () => {
  const { baseUrl, asked } = await serve(({ path }) => ({
    status: 200,
    body: path.endsWith('/bonus-payments/') ? { id: 'b' } : {},
  }));
  const vendor = createProlific({ baseUrl, token: 't', workspaceId: 'w' });
  expect(await vendor.bonus(order, placement, { ...bonus, amountMicros: 1_050_000n })).toBe('done');
  expect(asked.map(({ path, body }) => [path, body])).toEqual([
    ['/api/v1/submissions/bonus-payments/', { study_id: 's', csv_bonuses: 'r,1.05\n' }],
    ['/api/v1/bulk-bonus-payments/b/pay/', {}],
  ]);
  await expect(vendor.bonus(order, placement, { ...bonus, amountMicros: 1_055_000n })).rejects.toMatchObject({
    kind: 'permanent',
    message: 'Prolific pays bonuses in whole cents; this one is of $1.055.',
  });
  expect(asked).toHaveLength(2);
  expect(vendor.bonusFeeMicros(1_000_000n)).toBe(430_000n);
  const academic = createProlific({ baseUrl, token: 't', workspaceId: 'w', feePercent: 33.3 });
  expect(academic.bonusFeeMicros(1_000_000n)).toBe(333_000n);
});

test('prolific: a bonus is among those of its amount where there are more than the others alike', async () => {
  const { baseUrl } = await serve(() => ({ status: 200, body: { bonus_payments: [100, 250, 100] } }));
  const vendor = createProlific({ baseUrl, token: 't', workspaceId: 'w' });
  const look = (amountMicros: bigint, others: number) =>
    vendor.findBonus(order, placement, { ...bonus, amountMicros, others });
  expect([await look(1_000_000n, 0), await look(1_000_000n, 1), await look(1_000_000n, 2)]).toEqual([
    ...[true, true, undefined],
  ]);
  expect([await look(2_500_000n, 0), await look(2_500_000n, 1)]).toEqual([true, undefined]);
});

test('mturk: a bonus is sent in dollars under our key; the fee is a fifth, and a cent at least', async () => {
  const { baseUrl, asked } = await serve(() => ({
    status: 200,
    body: {},
    headers: { 'content-type': 'application/x-amz-json-1.1' },
  }));
  const vendor = createMturk({ baseUrl, accessKeyId: 'AKIA1', secretAccessKey: 'sesame' });
  expect(await vendor.bonus(order, placement, { ...bonus, amountMicros: 1_050_000n })).toBe('done');
  expect(JSON.parse(asked[0]?.raw.toString('utf8') ?? '')).toMatchObject({
    BonusAmount: '1.05',
    UniqueRequestToken: 'k',
  });
  const odd = vendor.bonus(order, placement, { ...bonus, amountMicros: 5_000n });
  await expect(odd).rejects.toMatchObject({ kind: 'permanent' });
  expect(asked).toHaveLength(1);
  expect([1_000_000n, 50_000n, 10_000n].map((amount) => vendor.bonusFeeMicros(amount))).toEqual([
    200_000n,
    10_000n,
    10_000n,
  ]);
});
