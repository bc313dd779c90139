import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { usePages } from '../api/pages';
import { useI18n } from '../i18n';
import { t } from '../i18n/office';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';
import { OwnSay } from './own-say';
import { useMoney } from './use-money';

const KIND_TEXTS = { bonus: 'Bonus', deduction: 'Deduction' } as const;
const STATE_TEXTS = {
  proposed: 'proposed; nothing is taken yet',
  applied: 'booked',
  dismissed: 'dismissed; nothing is taken',
} as const;

/** Own bonuses and deductions; against a deduction one says once, and in time, why nothing should be taken. */
export function OwnAdjustments() {
  const { language } = useI18n();
  const money = useMoney();
  const pages = usePages(['me', 'adjustments'], (page) =>
    unwrap(api.GET('/v1/me/adjustments', { params: { query: { limit: 20, ...page } } })),
  );
  const rows = pages.items;
  if (rows.length === 0 && !pages.error) return null;
  return (
    <section className="card" aria-labelledby="own-adjustments-title">
      <h2 id="own-adjustments-title">{t('Bonuses and deductions')}</h2>
      <FaultNotice error={pages.error} />
      <ol className="timeline">
        {rows.map(({ id, kind, state, amountUsd, reason, createdAt, disputableUntil, statement, note }) => {
          const open = kind === 'deduction' && state === 'proposed' && statement === null;
          const inTime = disputableUntil !== null && Date.parse(disputableUntil) > serverNow();
          return (
            <li key={id} tabIndex={-1}>
              <time dateTime={createdAt}>
                {new Date(createdAt).toLocaleDateString(language, { dateStyle: 'medium' })}
              </time>{' '}
              <strong>
                {t(KIND_TEXTS[kind])} {money(amountUsd)}
              </strong>{' '}
              <span className="dim">{t(STATE_TEXTS[state])}</span>
              <div className="label-text" dir="auto">
                {reason}
              </div>
              {statement !== null && (
                <div className="dim" dir="auto">
                  {t('You said: {statement}', { statement })}
                </div>
              )}
              {note !== null && (
                <div className="dim" dir="auto">
                  {t('Ruling: {note}', { note })}
                </div>
              )}
              {open && inTime && <Dispute id={id} until={dateText(disputableUntil, language)} />}
            </li>
          );
        })}
      </ol>
      <MoreButton pages={pages} />
    </section>
  );
}

function Dispute({ id, until }: { id: string; until: string }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const dispute = useMutation({
    mutationFn: (statement: string) =>
      unwrap(api.POST('/v1/adjustments/{id}/dispute', { params: { path: { id } }, body: { statement } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['me', 'adjustments'] }),
  });
  if (!open) {
    return (
      <p>
        <span className="dim">{t('You can object until {time}.', { time: until })}</span>{' '}
        <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
          {t('Say why not')}
        </Button>
      </p>
    );
  }
  return (
    <OwnSay
      label={t('Why should nothing be taken?')}
      maxLength={5000}
      pending={dispute.isPending}
      error={dispute.error}
      onSend={(statement) => dispute.mutate(statement)}
      onClose={() => setOpen(false)}
    />
  );
}
