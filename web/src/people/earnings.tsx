import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { useI18n } from '../i18n';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { FaultNotice } from '../ui/page-error';
import { useMoney } from './use-money';

const PAYMENT_TEXTS = {
  frozen: 'being prepared',
  sent: 'on its way',
  paid: 'arrived',
  failed: 'came back; it is owed again',
  ambiguous: 'being looked into',
  cancelled: 'taken back; it is owed again',
} as const;

/** What one's answers of a month come to, by campaign, and what was sent for them. */
export function Earnings() {
  const { language } = useI18n();
  const money = useMoney();
  const [period, setPeriod] = useState(() => new Date().toISOString().slice(0, 7));
  const { data, error } = useQuery({
    queryKey: ['me', 'earnings', period],
    enabled: /^\d{4}-\d{2}$/.test(period),
    queryFn: () => unwrap(api.GET('/v1/me/earnings', { params: { query: { period } } })),
  });
  return (
    <section className="card" aria-labelledby="earnings-title">
      <h2 id="earnings-title">{t('Statement of a month')}</h2>
      <p className="dim">{t('Answers count in the month in which they were given (UTC).')}</p>
      <TextInput
        type="month"
        label={t('Month')}
        maw={220}
        value={period}
        onChange={(event) => setPeriod(event.currentTarget.value)}
      />
      <FaultNotice error={error} />
      {data && (
        <>
          <dl className="legend">
            <Fact name={t('Comes to')} value={money(data.accruedUsd)} />
            <Fact name={t('Bonuses less deductions')} value={money(data.adjustedUsd)} />
            <Fact name={t('Answers')} value={data.answers.toLocaleString(language)} />
            <Fact
              name={t('Focused hours')}
              value={data.focusedHours.toLocaleString(language, { maximumFractionDigits: 2 })}
            />
            <Fact name={t('For a focused hour')} value={data.perHourUsd === null ? '–' : money(data.perHourUsd)} />
          </dl>
          {data.perHourUsd === null && data.answers > 0 && (
            <p className="dim">{t('What an hour comes to is said from five focused minutes on.')}</p>
          )}
          {data.campaigns.length > 0 && (
            <DataTable
              caption={t('Earnings by campaign')}
              rows={data.campaigns}
              keyOf={({ campaignId }) => campaignId}
              columns={[
                {
                  title: t('Campaign'),
                  cell: ({ name }) => (
                    <span className="label-text" dir="auto">
                      {name}
                    </span>
                  ),
                },
                { title: t('Answers'), number: true, cell: ({ answers }) => answers.toLocaleString(language) },
                { title: t('Comes to'), number: true, cell: ({ accruedUsd }) => money(accruedUsd) },
              ]}
            />
          )}
          {data.payouts.length === 0 && <p className="dim">{t('Nothing has been sent for this month yet.')}</p>}
          {data.payouts.length > 0 && (
            <DataTable
              caption={t('Payments of this month')}
              rows={data.payouts}
              keyOf={({ reference }) => reference}
              columns={[
                { title: t('Reference'), cell: ({ reference }) => <code>{reference}</code> },
                { title: t('Amount'), number: true, cell: ({ amountUsd }) => money(amountUsd) },
                { title: t('State'), cell: ({ state }) => t(PAYMENT_TEXTS[state]) },
              ]}
            />
          )}
        </>
      )}
    </section>
  );
}
