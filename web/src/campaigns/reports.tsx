import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ComponentProps, ReactNode } from 'react';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import type { Ok } from '../api/types';
import { type Say, useSay } from '../i18n';
import { t } from '../i18n/office';
import type { Column } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { PagedTable } from '../ui/paged-table';
import { RowButton } from '../ui/row-button';
import { dateText } from '../ui/text';
import { WaitingCount } from '../ui/waiting-count';
import { campaignColumn } from './campaign-link';
import { reasonText } from './reason-text';
import { TaskLink } from './task-link';

type Report = Ok<'/v1/reports', 'get'>['items'][number];

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

/** Notes that a report was seen to; then it is asked for anew, among all and in its campaign. */
function useClose() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id: reportId, campaignId: id }: Report) =>
      unwrap(api.POST('/v1/campaigns/{id}/reports/{reportId}/done', { params: { path: { id, reportId } } })),
    onSuccess: (_, { campaignId }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['rulings', 'reports'] }),
        queries.invalidateQueries({ queryKey: ['campaign', campaignId, 'reports'] }),
      ]),
  });
}

interface OpenReportsProps {
  readonly pages: ComponentProps<typeof PagedTable<Report>>['pages'];
  readonly empty: string;
  /** Columns before those of the report. */
  readonly before?: readonly Column<Report>[];
  readonly children?: ReactNode;
}

/** The reports that wait, which can be noted as seen to. */
function OpenReports({ pages, empty, before = [], children }: OpenReportsProps) {
  const say = useSay();
  const close = useClose();
  return (
    <section className="card" aria-labelledby="reports-title">
      <h2 id="reports-title">
        {t('Reported by annotators')} <WaitingCount pages={pages} />
      </h2>
      <p className="dim">{t('Tasks that somebody says are broken, newest first.')}</p>
      <FaultNotice error={close.error} />
      <PagedTable
        pages={pages}
        empty={<p>{empty}</p>}
        caption={t('Reported tasks')}
        columns={[...before, ...columns(say), doneColumn((report) => close.mutate(report))]}
      />
      {children}
    </section>
  );
}

/** What annotators reported of tasks of all campaigns, and nobody has seen to. */
export function ReportsOfAll() {
  const pages = usePages(
    ['rulings', 'reports'],
    (page) => unwrap(api.GET('/v1/reports', { params: { query: { limit: 20, state: 'open', ...page } } })),
    10_000,
  );
  return <OpenReports pages={pages} empty={t('Nothing waits.')} before={[campaignColumn()]} />;
}

/** What annotators reported of a campaign's tasks: what waits, and what was seen to; nothing where nobody did. */
export function Reports({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const say = useSay();
  const open = useReports(campaignId, 'open', ended ? false : 10_000);
  const done = useReports(campaignId, 'done', false);
  if (!open.error && !done.error && open.items.length === 0 && done.items.length === 0) return null;
  return (
    <OpenReports pages={open} empty={t('All of them were seen to.')}>
      {(done.error || done.items.length > 0) && (
        <details>
          <summary>{t('Seen to')}</summary>
          <PagedTable
            pages={done}
            empty={null}
            caption={t('Reported tasks that were seen to')}
            columns={columns(say)}
          />
        </details>
      )}
    </OpenReports>
  );
}

const columns = (say: Say): Column<Report>[] => [
  { title: t('Task'), cell: ({ taskId, key }) => <TaskLink id={taskId} name={key} /> },
  {
    title: t('What is wrong'),
    cell: ({ reason }) => (
      <span className="label-text" dir="auto">
        {reasonText(reason, say)}
      </span>
    ),
  },
  { title: t('Annotator'), cell: ({ annotator }) => annotator },
  { title: t('When'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
];

const doneColumn = (onDone: (report: Report) => void): Column<Report> => ({
  title: t('Act'),
  cell: (report) => (
    <RowButton of={report.annotator} onClick={() => onDone(report)}>
      {t('It is seen to')}
    </RowButton>
  ),
});
