import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dollars, percent, words } from '../ui/text';

const NAMES: Readonly<Record<string, string>> = { internal: 'own people', llm: 'judges' };

/** Seconds in the unit that a person would say them in. */
function timeText(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(1)} min`;
  return seconds < 129_600 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}

const spreadText = (spread: { p50: number; p90: number } | null) =>
  spread === null ? '–' : `${timeText(spread.p50)} · ${timeText(spread.p90)}`;

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
      <h2 id="platforms-title">Platforms</h2>
      <p className="dim">
        Measured here: times and quality on the newest {count(data?.window ?? 0)} answers of each, the money on all.
        Times are the median and what nine in ten stay below; intervals are of 95%. Judges are given no golds: audits
        measure them.
      </p>
      <FaultNotice error={error} />
      {data && (
        <DataTable
          caption="Platforms of this campaign"
          rows={data.items}
          keyOf={({ platform }) => platform}
          columns={[
            {
              title: 'Platform',
              cell: ({ platform, annotators }) => (
                <>
                  {NAMES[platform] ?? words(platform)} <span className="dim">{count(annotators)} answer</span>
                </>
              ),
            },
            { title: 'Answers', number: true, cell: ({ answers }) => count(answers) },
            { title: 'An answer costs', number: true, cell: ({ answerMicros }) => dollars(answerMicros) },
            { title: 'In all', number: true, cell: ({ spentMicros }) => dollars(spentMicros) },
            { title: 'Until the answer', number: true, cell: ({ secondsToAnswer }) => spreadText(secondsToAnswer) },
            { title: 'At work', number: true, cell: ({ workSeconds }) => spreadText(workSeconds) },
            { title: 'Golds', number: true, cell: ({ goldShare }) => percent(goldShare) },
            {
              title: 'Gold accuracy',
              number: true,
              cell: ({ accuracy }) =>
                accuracy === null ? (
                  '–'
                ) : (
                  <>
                    {percent(accuracy.correct / accuracy.total)}{' '}
                    <span className="dim">
                      {percent(accuracy.low)} to {percent(accuracy.high)}, {count(accuracy.total)}
                    </span>
                  </>
                ),
            },
            {
              title: 'Agreement (alpha)',
              number: true,
              cell: ({ agreement }) =>
                agreement === null ? (
                  '–'
                ) : (
                  <>
                    {agreement.alpha.toFixed(2)}{' '}
                    {agreement.low !== null && agreement.high !== null && (
                      <span className="dim">
                        {agreement.low.toFixed(2)} to {agreement.high.toFixed(2)}
                      </span>
                    )}
                  </>
                ),
            },
            {
              title: 'Near the decisions',
              number: true,
              cell: ({ nearDecisions }) => (nearDecisions === null ? '–' : percent(nearDecisions)),
            },
          ]}
        />
      )}
    </section>
  );
}
