import { Badge } from '@mantine/core';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, dollars, words } from '../ui/text';
import { CircuitNotice } from '../vendors/circuit-notice';
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
  const orders = usePages(
    ['campaign', campaignId, 'vendor-orders'],
    (page) =>
      unwrap(
        api.GET('/v1/campaigns/{id}/vendor-orders', {
          params: { path: { id: campaignId }, query: { limit: 20, ...page } },
        }),
      ),
    ended ? false : 10_000,
  );
  if (orders.items.length === 0 && !orders.error) return null;
  const circuits = new Map(
    orders.data?.pages.flatMap((page) => page.circuits.map((circuit) => [circuit.vendor, circuit] as const)),
  );
  return (
    <section className="card" aria-labelledby="vendors-title">
      <h2 id="vendors-title">{t('Vendor orders')}</h2>
      <p className="dim">
        {t('What is bought of outside workforces. The price is what one answer may cost, fees included.')}
      </p>
      <FaultNotice error={orders.error} />
      {[...circuits].map(([vendor, circuit]) => (
        <CircuitNotice key={vendor} vendor={vendor} circuit={circuit} />
      ))}
      {orders.items.length > 0 && (
        <DataTable
          caption={t('Vendor orders of this campaign')}
          rows={orders.items}
          keyOf={({ id }) => id}
          columns={[
            { title: t('Vendor'), cell: ({ vendor }) => words(vendor) },
            {
              title: t('State'),
              cell: ({ state, lastError }) => (
                <>
                  <Badge variant="light" color={ORDER_COLORS[state]}>
                    {words(state)}
                  </Badge>
                  {lastError !== null && <div className="dim label-text">{lastError}</div>}
                </>
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
                  <>
                    {dollars(estimateMicros)}
                    {estimateBasis !== null && <div className="dim">{estimateBasis}</div>}
                  </>
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
      <MoreButton pages={orders} />
      <Incidents campaignId={campaignId} manages={manages} ended={ended} />
    </section>
  );
}
