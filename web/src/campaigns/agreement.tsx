import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dateText } from '../ui/text';
import { itemsOf } from './budget';

const AgreementCurve = lazy(() => import('./charts').then(({ AgreementCurve: chart }) => ({ default: chart })));

/** Two points of 20 tasks each. */
const LEAST_TASKS = 40;

/** How the annotators' agreement goes, window by window. */
export function AgreementOverTime({ campaign, ended }: { campaign: Campaign; ended: boolean }) {
  const { id: campaignId } = campaign;
  const items = itemsOf(campaign);
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'agreement', 'history'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/agreement/history', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 15_000,
  });
  const windows = data?.windows ?? [];
  const points = windows.flatMap(({ to, alpha, interval }) =>
    alpha === null ? [] : [{ at: Date.parse(to), alpha, low: interval?.low ?? null, high: interval?.high ?? null }],
  );
  return (
    <section className="card" aria-labelledby="agreement-title">
      <h2 id="agreement-title">{t('Agreement over time')}</h2>
      <p className="dim">
        {t(
          "Krippendorff's alpha of the newest 5,000 answers, as many tasks in each point; the band is the 95% interval.",
        )}
      </p>
      <FaultNotice error={error} />
      {data && points.length < 2 && (
        <p>
          {items < LEAST_TASKS
            ? t('Too few items: it needs 40 tasks with two answers or more, and there are {items}.', {
                items: count(items),
              })
            : t('Not measured yet: it needs 40 tasks with two answers or more.')}
        </p>
      )}
      {points.length > 1 && (
        <>
          <Suspense fallback={<div className="chart" />}>
            <AgreementCurve points={points} />
          </Suspense>
          <details>
            <summary>{t('The same as a table')}</summary>
            <DataTable
              caption={t('Agreement over time')}
              rows={windows}
              keyOf={({ from, to }) => `${from} ${to}`}
              columns={[
                { title: t('From'), whole: true, cell: ({ from }) => dateText(from) },
                { title: t('To'), whole: true, cell: ({ to }) => dateText(to) },
                { title: t('Alpha'), number: true, cell: ({ alpha }) => alpha?.toFixed(2) ?? '–' },
                {
                  title: t('95% interval'),
                  number: true,
                  cell: ({ interval }) =>
                    interval
                      ? t('{low} to {high}', { low: interval.low.toFixed(2), high: interval.high.toFixed(2) })
                      : '–',
                },
                { title: t('Tasks'), number: true, cell: ({ tasks }) => count(tasks) },
                { title: t('Answers'), number: true, cell: ({ answers }) => count(answers) },
              ]}
            />
          </details>
        </>
      )}
    </section>
  );
}
