import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { labelText } from '../ui/label-text';
import { FaultNotice } from '../ui/page-error';
import { dateText } from '../ui/text';
import { WaitingCount } from '../ui/waiting-count';
import { campaignColumn } from './campaign-link';

const PAIRS = 3;
/** The most that the server lists. */
const MOST = 50;

/** Campaigns that low agreement has paused: each waits for somebody to make its task clearer. */
export function PausedCampaigns() {
  const { data, error } = useQuery({
    queryKey: ['rulings', 'paused'],
    queryFn: () => unwrap(api.GET('/v1/quality/reports')),
    refetchInterval: 10_000,
  });
  const items = data?.items ?? [];
  return (
    <section className="card" aria-labelledby="paused-title">
      <h2 id="paused-title">
        {t('Paused, as annotators agree too little')}{' '}
        <WaitingCount pages={{ items, hasNextPage: items.length === MOST }} />
      </h2>
      <p className="dim">{t('Make the instructions clearer where labels are taken for each other, then resume it.')}</p>
      <FaultNotice error={error} />
      {data && items.length === 0 && <p>{t('Nothing waits.')}</p>}
      {items.length > 0 && (
        <DataTable
          caption={t('Campaigns that paused by themselves')}
          rows={items}
          keyOf={({ id }) => id}
          columns={[
            campaignColumn(),
            { title: t('Alpha'), number: true, cell: ({ report: { alpha } }) => alpha?.toFixed(2) ?? '–' },
            {
              title: t('Labels taken for each other'),
              cell: ({ report: { confused } }) =>
                confused.length === 0
                  ? '–'
                  : confused.slice(0, PAIRS).map(({ labels: [a, b], taskIds }) => (
                      <div key={JSON.stringify([a, b])}>
                        <span dir="auto">{labelText(a, 40)}</span> {t('and')} <span dir="auto">{labelText(b, 40)}</span>
                        {taskIds[0] !== undefined && (
                          <>
                            {': '}
                            <Link to="/tasks/$id" params={{ id: taskIds[0] }}>
                              {t('See the task')}
                            </Link>
                          </>
                        )}
                      </div>
                    )),
            },
            { title: t('Since'), whole: true, cell: ({ openedAt }) => dateText(openedAt) },
          ]}
        />
      )}
    </section>
  );
}
