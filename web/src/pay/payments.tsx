import { Badge, Group, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { PayoutRun } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { ReasonModal } from '../ui/reason-modal';
import { RowButton } from '../ui/row-button';
import { count, counted, dateText, dollars, words } from '../ui/text';
import { usdInput } from './usd-input';

const PAYMENT_COLORS = {
  frozen: 'gray',
  sent: 'blue',
  paid: 'green',
  failed: 'red',
  ambiguous: 'orange',
  cancelled: 'gray',
} as const;

interface Chosen {
  readonly paymentId: string;
  readonly reference: string;
  readonly outcome: 'paid' | 'failed';
}

type Payment = PayoutRun['payments'][number];

const throughText = (channel: string, paidBy: Payment['paidBy']): string =>
  paidBy === 'transfer' ? t('bank') : t('{channel}, by {paidBy}', { channel: words(channel), paidBy: words(paidBy) });

/** What is to be known of a payment: a note, and what its vendor says where it is paid by acceptance. */
function Note({ payment: { note, settlement } }: { payment: Payment }) {
  if (!settlement) return <span className="label-text">{note ?? '–'}</span>;
  const { accepted, answers, chargedMicros, refused, refusals } = settlement;
  return (
    <div className="label-text">
      <InEnglish text={note ?? ''} />{' '}
      {t('{accepted} of {answers} accepted there for {chargedMicros}.', {
        accepted: count(accepted),
        answers: counted(answers, 'answer'),
        chargedMicros: dollars(chargedMicros),
      })}
      {refused > 0 && (
        <details>
          <summary>{t('{refused} not paid there', { refused: counted(refused, 'answer') })}</summary>
          <ul>
            {refusals.map(({ orderKey, taskId, responseKey, amountMicros, why }) => (
              <li key={`${orderKey} ${taskId} ${responseKey}`}>
                <Link to="/tasks/$id" params={{ id: taskId }}>
                  {responseKey}
                </Link>
                , {dollars(amountMicros)}: <InEnglish text={why} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** The payments of a run; of one that nobody can tell, a person says what became of it. */
export function Payments({ run, owns }: { run: PayoutRun; owns: boolean }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const over = run.state === 'closed' || run.state === 'cancelled';
  const pages = useInfiniteQuery({
    queryKey: ['payout', run.id, 'payments', run.state],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/v1/payouts/{id}/payments', {
          params: { path: { id: run.id }, query: { limit: 100, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
    refetchInterval: over ? false : 3000,
  });
  const payments = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <section className="card" aria-labelledby="payments-title">
      <h2 id="payments-title">{t('Payments')}</h2>
      <FaultNotice error={pages.error} />
      {pages.data && payments.length === 0 && <p>{t('Nobody is owed anything.')}</p>}
      {payments.length > 0 && (
        <DataTable
          caption={t('Payments of this run')}
          rows={payments}
          keyOf={({ id }) => id}
          columns={[
            { title: t('To'), cell: ({ name, recipient }) => <span className="label-text">{name ?? recipient}</span> },
            { title: t('Through'), cell: ({ channel, paidBy }) => throughText(channel, paidBy) },
            { title: t('Amount'), number: true, cell: ({ amountMicros }) => dollars(amountMicros) },
            {
              title: t('State'),
              cell: ({ state }) => (
                <Badge variant="light" color={PAYMENT_COLORS[state]}>
                  {words(state)}
                </Badge>
              ),
            },
            { title: t('Reference'), cell: ({ reference }) => <code>{reference}</code> },
            { title: t('Note'), cell: (payment) => <Note payment={payment} /> },
            ...(owns && payments.some(({ state }) => state === 'ambiguous')
              ? [
                  {
                    title: t('What became of it'),
                    cell: ({ id, reference, state }: (typeof payments)[number]) =>
                      state !== 'ambiguous' ? (
                        '–'
                      ) : (
                        <Group gap={6} wrap="nowrap">
                          {(['paid', 'failed'] as const).map((outcome) => (
                            <RowButton
                              key={outcome}
                              of={reference}
                              onClick={() => setChosen({ paymentId: id, reference, outcome })}
                            >
                              {outcome === 'paid' ? t('It arrived') : t('It failed')}
                            </RowButton>
                          ))}
                        </Group>
                      ),
                  },
                ]
              : []),
          ]}
        />
      )}
      <MoreButton pages={pages} />
      {run.exportedAt !== null && (
        <p className="dim">
          {t("The bank's file was fixed on {exportedAt}.", { exportedAt: dateText(run.exportedAt) })}
        </p>
      )}
      {chosen && <Resolve runId={run.id} {...chosen} onClose={() => setChosen(null)} />}
    </section>
  );
}

function Resolve({ runId, paymentId, reference, outcome, onClose }: Chosen & { runId: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [arrivedUsd, setArrivedUsd] = useState('');
  const resolve = useMutation({
    mutationFn: (note: string) =>
      unwrap(
        api.POST('/v1/payouts/{id}/resolve', {
          params: { path: { id: runId } },
          body: { paymentId, outcome, note, ...(arrivedUsd.trim() === '' ? {} : { amountUsd: arrivedUsd.trim() }) },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['payout', runId] });
      onClose();
    },
  });
  const arrived = outcome === 'paid';
  return (
    <ReasonModal
      title={arrived ? t('{reference} arrived', { reference }) : t('{reference} failed', { reference })}
      hint={arrived ? t('It is booked as paid.') : t('It is owed again, and part of the next run.')}
      label={t('How you know')}
      confirm={arrived ? t('It arrived') : t('It failed')}
      danger={!arrived}
      pending={resolve.isPending}
      error={resolve.error}
      onConfirm={(note) => resolve.mutate(note)}
      onClose={onClose}
    >
      {arrived && (
        <TextInput
          label={t('What arrived ($)')}
          description={t('Left empty: what its report says, or all of it. What did not arrive is owed again.')}
          {...usdInput(false)}
          value={arrivedUsd}
          onChange={(event) => setArrivedUsd(event.currentTarget.value)}
        />
      )}
    </ReasonModal>
  );
}
