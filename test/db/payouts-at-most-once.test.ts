import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { importReport, itemViews, resolveItem } from '../../db/queries/payout-reports.ts';
import { approveRun, askPerson, cancelRun, closeRun, collectRun, exportRun } from '../../db/queries/payouts.ts';
import { QuorateError } from '../../domain/failures.ts';
import { createTestDatabase } from '../support/database.ts';
import { bea, roles } from '../support/payers.ts';
import { payDesk } from './pay-desk.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { begin, earned, expectBooks, owedTo, person } = payDesk(db);

const paidTo = async (annotatorId: string) => {
  const rows = await db<{ micros: bigint }[]>`
    select coalesce(sum(amount_micros), 0)::bigint as micros from payout_items
    where annotator_id = ${annotatorId} and state in ('sent', 'paid', 'ambiguous')`;
  return rows[0]?.micros ?? 0n;
};

it('a run never pays twice and loses nothing, whatever meets, dies and is repeated', { timeout: 240_000 }, async () => {
  const acts = ['collect', 'approve', 'export', 'cancel', 'paid', 'failed', 'ask', 'settle', 'close', 'again'] as const;
  const waves = fc.array(fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 7,
  });
  await fc.assert(
    fc.asyncProperty(waves, async (plays) => {
      const ann = await person();
      await earned(ann, 2);
      const runs = [await begin()];
      const act = async (what: (typeof acts)[number]) => {
        const runId = runs.at(-1) ?? '';
        const items = await itemViews(db, runId);
        switch (what) {
          case 'collect':
            return collectRun(db, runId);
          case 'approve':
            return approveRun(db, { runId, by: bea, roles });
          case 'export':
            return exportRun(db, runId);
          case 'cancel':
            return cancelRun(db, { runId, by: bea, reason: 'test' });
          case 'paid':
          case 'failed': {
            const lines = items.map(({ reference, amountMicros }, at) => ({
              reference,
              amountMicros,
              status: what,
              line: at,
            }));
            return lines.length > 0 ? importReport(db, { runId, by: bea, lines }) : undefined;
          }
          case 'ask':
            return askPerson(db, runId);
          case 'settle':
            for (const { id } of items) {
              await resolveItem(db, { runId, itemId: id, outcome: 'paid', note: 'test', by: bea });
            }
            return;
          case 'close':
            return closeRun(db, runId);
          case 'again':
            runs.push(await begin());
        }
      };
      for (const wave of plays) {
        const done = await Promise.allSettled(wave.map(act));
        const wrong = done.flatMap((each) =>
          each.status === 'rejected' && !(each.reason instanceof QuorateError) ? [each.reason] : [],
        );
        expect(wrong).toEqual([]);
        const [out, owed] = [await paidTo(ann), await owedTo(ann)];
        expect(out <= 200_000n && owed >= 0n).toBe(true);
        const [waiting] = await db<{ micros: bigint }[]>`
          select coalesce(sum(amount_micros), 0)::bigint as micros from payout_items
          where annotator_id = ${ann} and state = 'frozen'`;
        // Said to have failed, and then to have been paid: owed again, and a person is asked.
        const [twice] = await db<{ micros: bigint }[]>`
          select coalesce(sum(l.amount_micros), 0)::bigint as micros from payout_items i
          join ledger l on l.payout_item_id = i.id and l.kind = 'payout_failed'
          where i.annotator_id = ${ann} and i.state = 'ambiguous'`;
        expect(out + owed + (waiting?.micros ?? 0n) - (twice?.micros ?? 0n)).toBe(200_000n);
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
  await expectBooks();
});
