import { Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { mayManage, sessionQuery } from '../auth/session';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { dateText, STATE_COLORS, typeName, words } from '../ui/text';

/** All campaigns, newest first, page by page. */
export function CampaignsPage() {
  useOffice();
  const { data: session } = useQuery(sessionQuery);
  const pages = usePages(['campaigns'], (page) =>
    unwrap(api.GET('/v1/campaigns', { params: { query: { limit: 50, ...page } } })),
  );
  const campaigns = pages.items;
  const manages = session != null && mayManage(session.role);
  return (
    <div className="page">
      <PageTitle of={t('Campaigns')} />
      <div className="page-head">
        <h1>{t('Campaigns')}</h1>
        <span className="spacer" />
        {manages && (
          <Button component="a" href="/campaigns/new">
            {t('New campaign')}
          </Button>
        )}
      </div>
      <FaultNotice error={pages.error} />
      {pages.isSuccess && campaigns.length === 0 && (
        <section className="card waiting">
          <p className="waiting-words">{t('There are no campaigns yet')}</p>
          <p className="dim">
            {t('A campaign takes your rows, asks your annotators, and gives you labels with a confidence.')}
          </p>
        </section>
      )}
      {campaigns.length > 0 && (
        <section className="card table-scroll">
          <table className="data">
            <thead>
              <tr>
                <th scope="col">{t('Name')}</th>
                <th scope="col">{t('Task type')}</th>
                <th scope="col">{t('State')}</th>
                <th scope="col">{t('Chosen by')}</th>
                <th scope="col">{t('Created')}</th>
              </tr>
            </thead>
            <tbody>
              {campaigns.map(({ id, name, type, state, strategy, simulated, createdAt }) => (
                <tr key={id}>
                  <td>
                    <a href={`/campaigns/${id}`} className="label-text">
                      {name}
                    </a>{' '}
                    {simulated && (
                      <Badge size="sm" color="yellow" variant="light">
                        {t('simulated')}
                      </Badge>
                    )}
                  </td>
                  <td>{typeName(type)}</td>
                  <td>
                    <Badge variant="light" color={STATE_COLORS[state]}>
                      {words(state)}
                    </Badge>
                  </td>
                  <td>{words(strategy)}</td>
                  <td>{dateText(createdAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <MoreButton pages={pages} />
    </div>
  );
}
