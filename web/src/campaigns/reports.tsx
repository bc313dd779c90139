import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';

/** What annotators reported of tasks; nothing where nobody did. */
export function Reports({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const pages = usePages(
    ['campaign', campaignId, 'reports'],
    (page) =>
      unwrap(
        api.GET('/v1/campaigns/{id}/reports', { params: { path: { id: campaignId }, query: { limit: 20, ...page } } }),
      ),
    ended ? false : 10_000,
  );
  const rows = pages.items;
  if (!pages.error && rows.length === 0) return null;
  return (
    <section className="card" aria-labelledby="reports-title">
      <h2 id="reports-title">{t('Reported by annotators')}</h2>
      <p className="dim">{t('Tasks that somebody says are broken, oldest first.')}</p>
      <FaultNotice error={pages.error} />
      <DataTable
        caption={t('Reported tasks')}
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { title: t('When'), whole: true, cell: ({ createdAt }) => dateText(createdAt) },
          { title: t('Annotator'), cell: ({ annotator }) => annotator },
          { title: t('What is wrong'), cell: ({ reason }) => reason },
          {
            title: t('Task'),
            cell: ({ taskId }) => (
              <Link to="/tasks/$id" params={{ id: taskId }}>
                {t('See the task')}
              </Link>
            ),
          },
        ]}
      />
      <MoreButton pages={pages} />
    </section>
  );
}
