import { api, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { usePages } from '../api/pages';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { labelText } from '../ui/label-text';
import { PageTitle } from '../ui/page-title';
import { PagedTable } from '../ui/paged-table';
import { dateText, percent, sinceText, typeName } from '../ui/text';
import { WaitingCount } from '../ui/waiting-count';
import { Appeals } from './appeals';
import { campaignColumn } from './campaign-link';
import { PausedCampaigns } from './paused-campaigns';
import { ReportsOfAll } from './reports';
import { ruleColumn, taskColumn } from './task-link';

/** What waits for a reviewer, in all campaigns. */
export function RulingsPage() {
  useOffice();
  return (
    <div className="page">
      <PageTitle of={t('Rulings')} />
      <div className="page-head">
        <h1>{t('Rulings')}</h1>
      </div>
      <div className="stack">
        <Contested />
        <Appeals />
        <PausedCampaigns />
        <ReportsOfAll />
      </div>
    </div>
  );
}

function Contested() {
  const pages = usePages(
    ['rulings', 'tasks'],
    (page) => unwrap(api.GET('/v1/adjudications', { params: { query: { limit: 20, ...page } } })),
    10_000,
  );
  return (
    <section className="card" aria-labelledby="contested-title">
      <h2 id="contested-title">
        {t('Waiting for a ruling')} <WaitingCount pages={pages} />
      </h2>
      <p className="dim">
        {t(
          'Annotators disagree about these tasks, and their campaigns leave the decision to an expert. First what is given up on first: without a ruling it ends unresolved then, and its answers are paid.',
        )}
      </p>
      <PagedTable
        pages={pages}
        empty={<p>{t('Nothing waits.')}</p>}
        caption={t('Tasks waiting for a ruling')}
        columns={[
          taskColumn(),
          campaignColumn(),
          { title: t('Task type'), cell: ({ type }) => typeName(type) },
          { title: t('Answers'), number: true, cell: ({ answers }) => answers.length },
          {
            title: t('They come to'),
            cell: ({ vote }) =>
              vote.label === null ? (
                '–'
              ) : (
                <>
                  {labelText(vote.label, 60)} <span className="dim">{percent(vote.confidence)}</span>
                </>
              ),
          },
          {
            title: t('Waiting'),
            number: true,
            cell: ({ createdAt, waitingSince }) => sinceText(waitingSince ?? createdAt, serverNow()),
          },
          { title: t('Given up on'), cell: ({ rulingBy }) => (rulingBy === null ? '–' : dateText(rulingBy)) },
          ruleColumn(),
        ]}
      />
    </section>
  );
}
