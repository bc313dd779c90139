import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { type Text, t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dollars, percent, spanText, words } from '../ui/text';

const NAMES: Readonly<Record<string, Text>> = { internal: 'own people', llm: 'judges' };

function platformName(platform: string): string {
  const name = NAMES[platform];
  return name === undefined ? words(platform) : t(name);
}

const spreadText = (spread: { p50: number; p90: number } | null) =>
  spread === null ? '–' : `${spanText(spread.p50)} · ${spanText(spread.p90)}`;

/** What each platform costs and is worth, as this campaign has measured it; nothing before any answer. */
export function Platforms({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'platforms'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/platforms', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 10_000,
  });
  if (!error && (data?.items.length ?? 0) === 0) return null;
  return (
    <section className="card" aria-labelledby="platforms-title">
      <h2 id="platforms-title">{t('Platforms')}</h2>
      <p className="dim">
        {t(
          'Measured here: times and quality on the newest {value} answers of each, the money on all. Times are the median and what nine in ten stay below; intervals are of 95%. Judges are given no golds: audits measure them.',
          { value: count(data?.window ?? 0) },
        )}
      </p>
      <FaultNotice error={error} />
      {data && (
        <DataTable
          caption={t('Platforms of this campaign')}
          rows={data.items}
          keyOf={({ platform }) => platform}
          columns={[
            {
              title: t('Platform'),
              cell: ({ platform, annotators }) => (
                <>
                  {platformName(platform)}{' '}
                  <span className="dim">{t('{annotators} answer', { annotators: count(annotators) })}</span>
                </>
              ),
            },
            { title: t('Answers'), number: true, cell: ({ answers }) => count(answers) },
            { title: t('An answer costs'), number: true, cell: ({ answerMicros }) => dollars(answerMicros) },
            { title: t('In all'), number: true, cell: ({ spentMicros }) => dollars(spentMicros) },
            { title: t('Until the answer'), number: true, cell: ({ secondsToAnswer }) => spreadText(secondsToAnswer) },
            { title: t('At work'), number: true, cell: ({ workSeconds }) => spreadText(workSeconds) },
            { title: t('Golds'), number: true, cell: ({ goldShare }) => percent(goldShare) },
            {
              title: t('Gold accuracy'),
              number: true,
              cell: ({ accuracy }) =>
                accuracy === null ? (
                  '–'
                ) : (
                  <>
                    {percent(accuracy.correct / accuracy.total)}{' '}
                    <span className="dim">
                      {t('{low} to {high}, {total}', {
                        low: percent(accuracy.low),
                        high: percent(accuracy.high),
                        total: count(accuracy.total),
                      })}
                    </span>
                  </>
                ),
            },
            {
              title: t('Agreement (alpha)'),
              number: true,
              cell: ({ agreement }) =>
                agreement === null ? (
                  '–'
                ) : (
                  <>
                    {agreement.alpha.toFixed(2)}{' '}
                    {agreement.low !== null && agreement.high !== null && (
                      <span className="dim">
                        {t('{low} to {high}', { low: agreement.low.toFixed(2), high: agreement.high.toFixed(2) })}
                      </span>
                    )}
                  </>
                ),
            },
            {
              title: t('Near the decisions'),
              number: true,
              cell: ({ nearDecisions }) => (nearDecisions === null ? '–' : percent(nearDecisions)),
            },
          ]}
        />
      )}
    </section>
  );
}
