import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';

/** What annotators reported of tasks; nothing where nobody did. */
export function Reports({ campaignId, ended }: { campaignId: string; ended: boolean }) {
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'reports'],
    queryFn: () =>
      unwrap(api.GET('/v1/campaigns/{id}/reports', { params: { path: { id: campaignId }, query: { limit: 50 } } })),
    refetchInterval: ended ? false : 10_000,
  });
  if (!error && (!data || data.items.length === 0)) return null;
  return (
    <section className="card" aria-labelledby="reports-title">
      <h2 id="reports-title">Reported by annotators</h2>
      <p className="dim">Tasks that somebody says are broken. The first 50.</p>
      <FaultNotice error={error} />
      <DataTable
        caption="Reported tasks"
        rows={data?.items ?? []}
        keyOf={({ id }) => id}
        columns={[
          { title: 'When', whole: true, cell: ({ createdAt }) => dateText(createdAt) },
          { title: 'Annotator', cell: ({ annotator }) => annotator },
          { title: 'What is wrong', cell: ({ reason }) => reason },
          {
            title: 'Task',
            cell: ({ taskId }) => (
              <Link to="/tasks/$id" params={{ id: taskId }}>
                See the task
              </Link>
            ),
          },
        ]}
      />
    </section>
  );
}
