import { Badge, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { usePages } from '../api/pages';
import type { Ok } from '../api/types';
import { t } from '../i18n/office';
import { Fact } from '../ui/fact';
import { PagedTable } from '../ui/paged-table';
import { ReasonModal } from '../ui/reason-modal';
import { RowButton } from '../ui/row-button';
import { dateText, dollars, words } from '../ui/text';
import { ItsTask } from './its-task';

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

/** What can be ruled now: whoever would lose by a deduction is heard first, or has had the time to speak. */
function verdictsOn({ kind, statement, disputableUntil }: Adjustment) {
  const isUnheard = statement === null && disputableUntil !== null && Date.parse(disputableUntil) > serverNow();
  return VERDICTS[kind].filter(([verdict]) => kind === 'bonus' || verdict === 'dismissed' || !isUnheard);
}

function mayBeRuledOn({ kind, state, vendorBonus }: Adjustment): boolean {
  return state === 'proposed' && (kind === 'deduction' || vendorBonus?.state === 'ambiguous');
}

function stateOf({ state, vendorBonus }: Adjustment): { readonly name: string; readonly color: string } {
  if (state === 'proposed' && vendorBonus?.state === 'ambiguous')
    return { name: t('outcome unknown'), color: 'orange' };
  if (state === 'proposed' && vendorBonus) return { name: t('on its way'), color: 'blue' };
  return { name: words(state), color: COLORS[state] };
}

/** Bonuses and deductions. A deduction is ruled on by somebody else than who proposed it, after the annotator's say. */
export function Adjustments() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const pages = usePages(['adjustments'], (page) =>
    unwrap(api.GET('/v1/adjustments', { params: { query: { limit: 50, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="adjustments-title">
      <h2 id="adjustments-title">{t('Bonuses and deductions')}</h2>
      <p className="dim">
        {t(
          "A bonus is given on a campaign's page, a deduction is proposed on a task's. Whoever would lose by a deduction has 7 days to say why not; then somebody else than who proposed it rules. Where a vendor did not say whether it has paid a bonus, a person looks there and says so here.",
        )}
      </p>
      <PagedTable
        pages={pages}
        empty={<p>{t('There are none.')}</p>}
        caption={t('Bonuses and deductions')}
        columns={[
          { title: t('What'), cell: ({ kind }) => words(kind) },
          { title: t('Annotator'), cell: ({ annotator }) => <span className="label-text">{annotator}</span> },
          {
            title: t('Answer'),
            cell: ({ campaign, campaignId, taskId }) => (
              <>
                <Link to="/campaigns/$id" params={{ id: campaignId }} className="label-text">
                  {campaign}
                </Link>
                <ItsTask taskId={taskId} />
              </>
            ),
          },
          {
            title: t('State'),
            cell: (row) => (
              <>
                <Badge variant="light" color={stateOf(row).color}>
                  {stateOf(row).name}
                </Badge>
                {row.note !== null && (
                  <div className="dim label-text" dir="auto">
                    {row.note}
                  </div>
                )}
              </>
            ),
          },
          {
            title: t('Amount'),
            number: true,
            cell: ({ amountMicros, vendorBonus }) => (
              <>
                {dollars(amountMicros)}
                {(vendorBonus?.feeMicros ?? 0) > 0 && (
                  <small className="dim">
                    {' '}
                    {t('and a fee of {value}', { value: dollars(vendorBonus?.feeMicros ?? 0) })}
                  </small>
                )}
              </>
            ),
          },
          { title: t('Why'), cell: ({ reason }) => <span className="label-text">{reason}</span> },
          {
            title: t('What the annotator says'),
            cell: ({ statement }) => (statement === null ? '–' : <span className="label-text">{statement}</span>),
          },
          {
            title: t('Can be disputed until'),
            whole: true,
            cell: ({ disputableUntil }) => (disputableUntil === null ? '–' : dateText(disputableUntil)),
          },
          {
            title: t('Rule'),
            cell: (adjustment) =>
              mayBeRuledOn(adjustment) ? (
                <Group gap={6} wrap="nowrap">
                  {verdictsOn(adjustment).map(([verdict, title]) => (
                    <RowButton
                      key={verdict}
                      of={adjustment.annotator}
                      onClick={() => setChosen({ adjustment, verdict })}
                    >
                      {t(title)}
                    </RowButton>
                  ))}
                </Group>
              ) : (
                '–'
              ),
          },
        ]}
      />
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
      // What is booked is in the ledger, and drawn of the cap.
      const shown = ['adjustments', 'ledger', 'organisation-budget'];
      await Promise.all(shown.map((what) => queries.invalidateQueries({ queryKey: [what] })));
      onClose();
    },
  });
  const applies = verdict === 'applied';
  if (kind === 'bonus' && vendorBonus) {
    return (
      <ReasonModal
        title={applies ? t('The bonus was paid') : t('The bonus was not paid')}
        hint={
          applies
            ? t("It is booked as spent. Look at the vendor's own page first: it is never sent again.")
            : t('Its money is free again. It is not sent again by itself; give a new bonus if they shall have it.')
        }
        label={t('How you know')}
        confirm={applies ? t('It was paid') : t('It was not paid')}
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
      title={applies ? t('Apply the deduction') : t('Dismiss the deduction')}
      hint={
        applies
          ? t('It is taken of what has not been paid out yet.')
          : t('Nothing is taken, and what was held back is owed.')
      }
      label={t('Why it is ruled so')}
      confirm={applies ? t('Apply') : t('Dismiss')}
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
        <Fact name={t('Vendor')} value={words(bonus.vendor)} />
        <Fact name={t('Amount')} value={dollars(adjustment.amountMicros)} />
        <Fact name={t('Given for')} value={adjustment.reason} />
        <Fact name={t('Asked at')} value={dateText(adjustment.createdAt)} />
        <Fact name={t('Their worker')} value={bonus.workerId} />
        <Fact name={t('Their answer')} value={bonus.responseKey} />
        <Fact name={t('Our key of the payment')} value={bonus.key} />
      </dl>
    </>
  );
}
