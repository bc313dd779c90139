import { Badge, Button, Group } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { dateText, dollars } from '../ui/text';

const COLORS = { proposed: 'yellow', applied: 'green', dismissed: 'gray' } as const;
type Verdict = 'applied' | 'dismissed';

interface Chosen {
  readonly id: string;
  readonly verdict: Verdict;
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
        has 7 days to say why not; then somebody else than who proposed it rules.
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
              cell: ({ state, note }) => (
                <Badge variant="light" color={COLORS[state]} title={note ?? undefined}>
                  {state}
                </Badge>
              ),
            },
            { title: 'Amount', number: true, cell: ({ amountMicros }) => dollars(amountMicros) },
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
              cell: ({ id, kind, state }) =>
                kind === 'deduction' && state === 'proposed' ? (
                  <Group gap={6} wrap="nowrap">
                    {(['applied', 'dismissed'] as const).map((verdict) => (
                      <Button
                        key={verdict}
                        size="compact-xs"
                        variant="default"
                        onClick={() => setChosen({ id, verdict })}
                      >
                        {verdict === 'applied' ? 'Apply' : 'Dismiss'}
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

function Review({ id, verdict, onClose }: Chosen & { onClose: () => void }) {
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
