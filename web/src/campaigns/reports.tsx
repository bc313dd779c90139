import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import type { Ok } from '../api/types';
import { useSay } from '../i18n';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { RowButton } from '../ui/row-button';
import { dateText } from '../ui/text';
import { reasonText } from './reason-text';

type Report = Ok<'/v1/campaigns/{id}/reports', 'get'>['items'][number];

function useReports(campaignId: string, state: 'open' | 'done', everyMs: number | false) {
  return usePages(
    ['campaign', campaignId, 'reports', state],
    (page) =>
      unwrap(
        api.GET('/v1/campaigns/{id}/reports', {
          params: { path: { id: campaignId }, query: { limit: 20, state, ...page } },
        }),
      ),
    everyMs,
  );
}

/** What annotators reported of tasks: what waits, and what was seen to; nothing where nobody did. */
export function Reports({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const open = useReports(campaignId, 'open', ended ? false : 10_000);
  const done = useReports(campaignId, 'done', false);
  const queries = useQueryClient();
  const close = useMutation({
    mutationFn: (reportId: string) =>
      unwrap(
        api.POST('/v1/campaigns/{id}/reports/{reportId}/done', {
          params: { path: { id: campaignId, reportId } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['campaign', campaignId, 'reports'] }),
  });
  const error = open.error ?? done.error ?? close.error;
  if (!error && open.items.length === 0 && done.items.length === 0) return null;
  return (
    <section className="card" aria-labelledby="reports-title">
      <h2 id="reports-title">{t('Reported by annotators')}</h2>
      <p className="dim">{t('Tasks that somebody says are broken, newest first.')}</p>
      <FaultNotice error={error} />
      {open.items.length === 0 ? (
        open.isSuccess && <p>{t('All of them were seen to.')}</p>
      ) : (
        <ReportTable caption={t('Reported tasks')} rows={open.items} onDone={(id) => close.mutate(id)} />
      )}
      <MoreButton pages={open} />
      {done.items.length > 0 && (
        <details>
          <summary>{t('Seen to')}</summary>
          <ReportTable caption={t('Reported tasks that were seen to')} rows={done.items} />
          <MoreButton pages={done} />
        </details>
      )}
    </section>
  );
}

interface ReportTableProps {
  readonly caption: string;
  readonly rows: readonly Report[];
  readonly onDone?: (id: string) => void;
}

function ReportTable({ caption, rows, onDone }: ReportTableProps) {
  const say = useSay();
  return (
    <DataTable
      caption={caption}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: t('When'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
        { title: t('Annotator'), cell: ({ annotator }) => annotator },
        {
          title: t('What is wrong'),
          cell: ({ reason }) => (
            <span className="label-text" dir="auto">
              {reasonText(reason, say)}
            </span>
          ),
        },
        {
          title: t('Task'),
          cell: ({ taskId }) => (
            <Link to="/tasks/$id" params={{ id: taskId }}>
              {t('See the task')}
            </Link>
          ),
        },
        ...(onDone
          ? [
              {
                title: t('Act'),
                cell: ({ id, annotator }: Report) => (
                  <RowButton of={annotator} onClick={() => onDone(id)}>
                    {t('It is seen to')}
                  </RowButton>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}
