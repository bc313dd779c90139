import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { useI18n } from '../i18n';
import type { Words } from '../i18n/en';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { FaultNotice } from '../ui/page-error';
import { useMoney } from './use-money';

/** What one's answers of a month come to, by campaign, and what was sent for them. */
export function Earnings() {
  const { say, language } = useI18n();
  const money = useMoney();
  const [period, setPeriod] = useState(() => new Date().toISOString().slice(0, 7));
  const { data, error } = useQuery({
    queryKey: ['me', 'earnings', period],
    enabled: /^\d{4}-\d{2}$/.test(period),
    queryFn: () => unwrap(api.GET('/v1/me/earnings', { params: { query: { period } } })),
    placeholderData: (before) => before,
  });
  return (
    <section className="card" aria-labelledby="earnings-title">
      <h2 id="earnings-title">{say('pay.statement')}</h2>
      <p className="dim">{say('pay.statementHint')}</p>
      <TextInput
        type="month"
        label={say('pay.month')}
        maw={220}
        value={period}
        onChange={(event) => setPeriod(event.currentTarget.value)}
      />
      <FaultNotice error={error} />
      {data && (
        <>
          <dl className="legend">
            <Fact name={say('pay.accrued')} value={money(data.accruedUsd)} />
            <Fact name={say('pay.adjusted')} value={money(data.adjustedUsd)} />
            <Fact name={say('pay.answers')} value={data.answers.toLocaleString(language)} />
            <Fact
              name={say('pay.hours')}
              value={data.focusedHours.toLocaleString(language, { maximumFractionDigits: 2 })}
            />
            <Fact name={say('pay.perHour')} value={data.perHourUsd === null ? '–' : money(data.perHourUsd)} />
          </dl>
          {data.campaigns.length > 0 && (
            <DataTable
              caption={say('pay.byCampaign')}
              rows={data.campaigns}
              keyOf={({ campaignId }) => campaignId}
              columns={[
                {
                  title: say('pay.campaign'),
                  cell: ({ name }) => (
                    <span className="label-text" dir="auto">
                      {name}
                    </span>
                  ),
                },
                { title: say('pay.answers'), number: true, cell: ({ answers }) => answers.toLocaleString(language) },
                { title: say('pay.accrued'), number: true, cell: ({ accruedUsd }) => money(accruedUsd) },
              ]}
            />
          )}
          {data.payouts.length === 0 && <p className="dim">{say('pay.notSent')}</p>}
          {data.payouts.length > 0 && (
            <DataTable
              caption={say('pay.sent')}
              rows={data.payouts}
              keyOf={({ reference }) => reference}
              columns={[
                { title: say('pay.reference'), cell: ({ reference }) => <code>{reference}</code> },
                { title: say('pay.amount'), number: true, cell: ({ amountUsd }) => money(amountUsd) },
                { title: say('pay.state'), cell: ({ state }) => say(`pay.state.${state}` as keyof Words) },
              ]}
            />
          )}
        </>
      )}
    </section>
  );
}
