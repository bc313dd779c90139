import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, dollars, words } from '../ui/text';
import { Incidents } from './incidents';

const ORDER_COLORS = {
  intent: 'gray',
  submitting: 'blue',
  placed: 'blue',
  closed: 'green',
  failed: 'red',
  ambiguous: 'orange',
} as const;

/** What is bought of outside workforces; nothing where the campaign buys nothing. */
export function VendorOrders({ campaignId, manages, ended }: { campaignId: string; manages: boolean; ended: boolean }) {
  const params = { path: { id: campaignId } };
  const refetchInterval = ended ? (false as const) : 10_000;
  const orders = useQuery({
    queryKey: ['campaign', campaignId, 'vendor-orders'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/vendor-orders', { params })),
    refetchInterval,
  });
  const buys = (orders.data?.items.length ?? 0) > 0;
  if (!buys && !orders.error) return null;
  const circuits = orders.data?.circuits.filter(({ failures }) => failures > 0) ?? [];
  return (
    <section className="card" aria-labelledby="vendors-title">
      <h2 id="vendors-title">{t('Vendor orders')}</h2>
      <p className="dim">
        {t('What is bought of outside workforces. The price is what one answer may cost, fees included.')}
      </p>
      <FaultNotice error={orders.error} />
      {circuits.map(({ vendor, failures, openUntil, lastError }) => (
        <p key={vendor} className="notice" role="note">
          <strong>{words(vendor)}:</strong> {t('{failures} calls failed in a row', { failures: count(failures) })}
          {openUntil !== null &&
            t('; nothing more is asked of it until {openUntil}', { openUntil: dateText(openUntil) })}
          {lastError !== null && <span className="label-text"> ({lastError})</span>}
        </p>
      ))}
      {orders.data && (
        <DataTable
          caption={t('Vendor orders of this campaign')}
          rows={orders.data.items}
          keyOf={({ id }) => id}
          columns={[
            { title: t('Vendor'), cell: ({ vendor }) => words(vendor) },
            {
              title: t('State'),
              cell: ({ state, lastError }) => (
                <Badge variant="light" color={ORDER_COLORS[state]} title={lastError ?? undefined}>
                  {words(state)}
                </Badge>
              ),
            },
            { title: t('Price'), number: true, cell: ({ priceMicros }) => dollars(priceMicros) },
            {
              title: t('Estimate'),
              number: true,
              cell: ({ estimateMicros, estimateBasis }) =>
                estimateMicros === null ? (
                  '–'
                ) : (
                  <span title={estimateBasis ?? undefined}>{dollars(estimateMicros)}</span>
                ),
            },
            { title: t('Tasks'), number: true, cell: ({ tasks }) => count(tasks) },
            {
              title: t('Answers'),
              number: true,
              cell: ({ answersIn, answersWanted }) =>
                t('{answersIn} of {answersWanted}', {
                  answersIn: count(answersIn),
                  answersWanted: count(answersWanted),
                }),
            },
            { title: t('Attempts'), number: true, cell: ({ attempts }) => count(attempts) },
            { title: t('Ordered'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
            { title: t('Deadline'), whole: true, cell: ({ deadlineAt }) => dateText(deadlineAt) },
          ]}
        />
      )}
      <Incidents campaignId={campaignId} manages={manages} ended={ended} />
    </section>
  );
}
