import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { t } from '../i18n/office';
import { PagedTable } from '../ui/paged-table';
import { dateText, dollars, words } from '../ui/text';
import { ItsTask } from './its-task';

/** The entries of the books, newest first: what moved from where to where, and what it was about. */
export function Ledger() {
  const pages = usePages(['ledger'], (page) =>
    unwrap(api.GET('/v1/ledger/entries', { params: { query: { limit: 25, ...page } } })),
  );
  return (
    <section className="card" aria-labelledby="ledger-title">
      <h2 id="ledger-title">{t('Ledger')}</h2>
      <p className="dim">
        {t(
          'Every amount that moved, newest first, from one account to another. Nothing is ever changed or deleted here.',
        )}
      </p>
      <PagedTable
        pages={pages}
        empty={<p>{t('Nothing has been booked yet.')}</p>}
        caption={t('Entries of the ledger')}
        columns={[
          { title: t('When'), whole: true, cell: ({ at }) => dateText(at) },
          { title: t('What'), cell: ({ kind }) => words(kind) },
          { title: t('For whom'), cell: ({ payee }) => words(payee) },
          { title: t('From'), cell: ({ fromAccount }) => words(fromAccount) },
          { title: t('To'), cell: ({ toAccount }) => words(toAccount) },
          { title: t('Amount'), number: true, cell: ({ amountMicros }) => dollars(amountMicros) },
          {
            title: t('About'),
            cell: ({ campaignId, taskId }) => (
              <>
                <Link to="/campaigns/$id" params={{ id: campaignId }}>
                  {t('the campaign')}
                </Link>
                <ItsTask taskId={taskId} />
              </>
            ),
          },
        ]}
      />
    </section>
  );
}
