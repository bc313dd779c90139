import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { labelText } from '../ui/label-text';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, percent } from '../ui/text';

/** Of a paused campaign: that it paused by itself, since when and why; nothing where somebody paused it. */
export function PausedByItself({ campaignId }: { campaignId: string }) {
  const { data } = useQuery({
    queryKey: ['campaign', campaignId, 'quality-reports'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/quality/reports', { params: { path: { id: campaignId } } })),
  });
  const paused = data?.items.find(({ closedAt }) => closedAt === null);
  if (!paused) return null;
  const { alpha, answers, comments } = paused.report;
  return (
    <section className="notice" aria-label={t('Paused by itself')}>
      <strong>{t('Paused by itself since {since}:', { since: dateText(paused.openedAt) })}</strong>{' '}
      {t("annotators agreed too little: Krippendorff's alpha was {alpha} on the newest {answers} answers.", {
        alpha: alpha === null ? '–' : alpha.toFixed(2),
        answers: count(answers),
      })}{' '}
      {t('Make the instructions clearer, then resume it.')}
      {comments.length > 0 && (
        <details>
          <summary>{t('What annotators wrote')}</summary>
          <ul>
            {comments.map(({ taskId, annotatorId, on, text, at }) => (
              <li key={`${taskId} ${annotatorId} ${on}`}>
                <span dir="auto">{text}</span>{' '}
                <Link to="/tasks/$id" params={{ id: taskId }}>
                  {t('See the task')}
                </Link>{' '}
                <span className="dim">{dateText(at)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

export const VERDICTS = {
  unknown: ['gray', 'Too early to tell'],
  ambiguous: ['red', 'The task itself is unclear'],
  usable: ['yellow', 'Usable, with care'],
  calibrated: ['green', 'Sound'],
} as const;

/** How a campaign's answers agree, and what that means. */
export function useQuality(campaignId: string, ended: boolean) {
  return useQuery({
    queryKey: ['campaign', campaignId, 'quality'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/quality', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 10_000,
  });
}

/** Whether the task is sound, which labels are taken for each other, and what to do about it. */
export function Quality({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const { data, error } = useQuality(campaignId, ended);
  const most = Math.max(1, ...(data?.confused ?? []).map((pair) => pair.count));
  return (
    <section className="card" aria-labelledby="quality-title">
      <h2 id="quality-title">
        {t('Is the task sound?')}{' '}
        {data && (
          <Badge variant="light" color={VERDICTS[data.verdict][0]}>
            {t(VERDICTS[data.verdict][1])}
          </Badge>
        )}
      </h2>
      <FaultNotice error={error} />
      {data && (
        <>
          <p className="dim">
            {t('Measured on the newest {answers} answers, {tasks} tasks with two or more of them.', {
              answers: count(data.answers),
              tasks: count(data.tasks),
            })}
          </p>
          <ul>
            {data.advice.map((line) => (
              <li key={line}>
                <InEnglish text={line} />
              </li>
            ))}
          </ul>
          {data.confused.length > 0 && (
            <>
              <h3>{t('Labels taken for each other')}</h3>
              <DataTable
                caption={t('Confusion between labels')}
                rows={data.confused}
                keyOf={({ labels }) => JSON.stringify(labels)}
                columns={[
                  {
                    title: t('Labels'),
                    cell: ({ labels: [a, b] }) => (
                      <>
                        <span className="label-text">{labelText(a, 60)}</span> {t('and')}{' '}
                        <span className="label-text">{labelText(b, 60)}</span>
                      </>
                    ),
                  },
                  {
                    title: t('Pairs of answers'),
                    number: true,
                    cell: (pair) => (
                      <span className="count-bar">
                        <span className="bar" aria-hidden="true">
                          <span className="spent" style={{ width: `${(100 * pair.count) / most}%` }} />
                        </span>
                        {count(pair.count)}
                      </span>
                    ),
                  },
                  { title: t('Of all disagreement'), number: true, cell: ({ share }) => percent(share) },
                  {
                    title: t('See'),
                    whole: true,
                    cell: ({ taskIds }) =>
                      taskIds.slice(0, 3).map((id, at) => (
                        <span key={id}>
                          {at > 0 && ', '}
                          <Link to="/tasks/$id" params={{ id }}>
                            {t('task {at}', { at: at + 1 })}
                          </Link>
                        </span>
                      )),
                  },
                ]}
              />
            </>
          )}
        </>
      )}
    </section>
  );
}
