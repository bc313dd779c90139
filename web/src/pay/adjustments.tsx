import { Badge, Button, Group } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Ok } from '../api/types';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { dateText, dollars, words } from '../ui/text';

const COLORS = { proposed: 'yellow', applied: 'green', dismissed: 'gray' } as const;
type Verdict = 'applied' | 'dismissed';

type Adjustment = Ok<'/v1/adjustments', 'get'>['items'][number];
type VendorBonus = NonNullable<Adjustment['vendorBonus']>;

interface Chosen {
  readonly adjustment: Adjustment;
  readonly verdict: Verdict;
}

/** A deduction is taken or not; of a vendor's bonus a person says whether it was paid. */
const VERDICTS = {
  deduction: [
    ['applied', 'Apply'],
    ['dismissed', 'Dismiss'],
  ],
  bonus: [
    ['applied', 'It was paid'],
    ['dismissed', 'It was not paid'],
  ],
} as const;

function mayBeRuledOn({ kind, state, vendorBonus }: Adjustment): boolean {
  return state === 'proposed' && (kind === 'deduction' || vendorBonus?.state === 'ambiguous');
}

function stateOf({ state, vendorBonus }: Adjustment): { readonly name: string; readonly color: string } {
  if (state === 'proposed' && vendorBonus?.state === 'ambiguous') return { name: 'outcome unknown', color: 'orange' };
  if (state === 'proposed' && vendorBonus) return { name: 'on its way', color: 'blue' };
  return { name: state, color: COLORS[state] };
}

/** Bonuses and deductions. A deduction is ruled on by somebody else than who proposed it, after the annotator's say. */
export function Adjustments() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const pages = useInfiniteQuery({
    queryKey: ['adjustments'],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/v1/adjustments', {
          params: { query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="card" aria-labelledby="adjustments-title">
      <h2 id="adjustments-title">Bonuses and deductions</h2>
      <p className="dim">
        A bonus is given on a campaign's page, a deduction is proposed on a task's. Whoever would lose by a deduction
        has 7 days to say why not; then somebody else than who proposed it rules. Where a vendor did not say whether it
        has paid a bonus, a person looks there and says so here.
      </p>
      <FaultNotice error={pages.error} />
      {pages.isSuccess && rows.length === 0 && <p>There are none.</p>}
      {rows.length > 0 && (
        <DataTable
          caption="Bonuses and deductions"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { title: 'What', cell: ({ kind }) => kind },
            {
              title: 'State',
              cell: (row) => (
                <Badge variant="light" color={stateOf(row).color} title={row.note ?? undefined}>
                  {stateOf(row).name}
                </Badge>
              ),
            },
            {
              title: 'Amount',
              number: true,
              cell: ({ amountMicros, vendorBonus }) => (
                <>
                  {dollars(amountMicros)}
                  {(vendorBonus?.feeMicros ?? 0) > 0 && (
                    <small className="dim"> and a fee of {dollars(vendorBonus?.feeMicros ?? 0)}</small>
                  )}
                </>
              ),
            },
            { title: 'Why', cell: ({ reason }) => <span className="label-text">{reason}</span> },
            {
              title: 'What the annotator says',
              cell: ({ statement }) => (statement === null ? '–' : <span className="label-text">{statement}</span>),
            },
            {
              title: 'Can be disputed until',
              whole: true,
              cell: ({ disputableUntil }) => (disputableUntil === null ? '–' : dateText(disputableUntil)),
            },
            {
              title: 'Rule',
              cell: (adjustment) =>
                mayBeRuledOn(adjustment) ? (
                  <Group gap={6} wrap="nowrap">
                    {VERDICTS[adjustment.kind].map(([verdict, title]) => (
                      <Button
                        key={verdict}
                        size="compact-xs"
                        variant="default"
                        onClick={() => setChosen({ adjustment, verdict })}
                      >
                        {title}
                      </Button>
                    ))}
                  </Group>
                ) : (
                  '–'
                ),
            },
          ]}
        />
      )}
      <MoreButton pages={pages} />
      {chosen && <Review {...chosen} onClose={() => setChosen(null)} />}
    </section>
  );
}

function Review({ adjustment, verdict, onClose }: Chosen & { onClose: () => void }) {
  const { id, kind, vendorBonus } = adjustment;
  const queries = useQueryClient();
  const review = useMutation({
    mutationFn: (note: string) =>
      unwrap(api.POST('/v1/adjustments/{id}/review', { params: { path: { id } }, body: { verdict, note } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['adjustments'] });
      onClose();
    },
  });
  const applies = verdict === 'applied';
  if (kind === 'bonus' && vendorBonus) {
    return (
      <ReasonModal
        title={applies ? 'The bonus was paid' : 'The bonus was not paid'}
        hint={
          applies
            ? "It is booked as spent. Look at the vendor's own page first: it is never sent again."
            : 'Its money is free again. It is not sent again by itself; give a new bonus if they shall have it.'
        }
        label="How you know"
        confirm={applies ? 'It was paid' : 'It was not paid'}
        pending={review.isPending}
        error={review.error}
        onConfirm={(note) => review.mutate(note)}
        onClose={onClose}
      >
        <Evidence bonus={vendorBonus} adjustment={adjustment} />
      </ReasonModal>
    );
  }
  return (
    <ReasonModal
      title={applies ? 'Apply the deduction' : 'Dismiss the deduction'}
      hint={
        applies ? 'It is taken of what has not been paid out yet.' : 'Nothing is taken, and what was held back is owed.'
      }
      label="Why it is ruled so"
      confirm={applies ? 'Apply' : 'Dismiss'}
      danger={applies}
      pending={review.isPending}
      error={review.error}
      onConfirm={(note) => review.mutate(note)}
      onClose={onClose}
    />
  );
}

/** What to look for at the vendor. */
function Evidence({ bonus, adjustment }: { bonus: VendorBonus; adjustment: Adjustment }) {
  return (
    <>
      {bonus.detail !== null && <p className="notice">{bonus.detail}</p>}
      <dl className="payload">
        <Fact name="Vendor" value={words(bonus.vendor)} />
        <Fact name="Amount" value={dollars(adjustment.amountMicros)} />
        <Fact name="Given for" value={adjustment.reason} />
        <Fact name="Asked at" value={dateText(adjustment.createdAt)} />
        <Fact name="Their worker" value={bonus.workerId} />
        <Fact name="Their answer" value={bonus.responseKey} />
        <Fact name="Our key of the payment" value={bonus.key} />
      </dl>
    </>
  );
}
