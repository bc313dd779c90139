import { api, unwrap } from '../api/client';
import { usePages } from '../api/pages';
import { useOffice } from '../i18n';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { MoreButton } from '../ui/more-button';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { count, dollars, percent, spanText, words } from '../ui/text';
import { CircuitNotice } from './circuit-notice';
import { JudgeCards } from './judge-cards';

/** What was bought of each vendor and what it was worth, whether it answers, and how far judges can be trusted. */
export function VendorsPage() {
  useOffice();
  return (
    <div className="page">
      <PageTitle of={t('Vendors')} />
      <div className="page-head">
        <h1>{t('Vendors')}</h1>
      </div>
      <div className="stack">
        <Vendors />
        <AllJudges />
      </div>
    </div>
  );
}

function Vendors() {
  const vendors = usePages(['vendors'], (query) => unwrap(api.GET('/v1/vendors', { params: { query } })), 10_000);
  return (
    <section className="card" aria-labelledby="bought-title">
      <h2 id="bought-title">{t('What was bought')}</h2>
      <p className="dim">{t('Of all campaigns. Golds and agreement are as measured here, not as the vendor says.')}</p>
      <FaultNotice error={vendors.error} />
      {vendors.items.map(({ vendor, circuit }) => (
        <CircuitNotice key={vendor} vendor={vendor} circuit={circuit} />
      ))}
      {vendors.isSuccess && vendors.items.length === 0 && (
        <p>{t('Nothing was bought yet. A campaign buys of a vendor that is among its workforces.')}</p>
      )}
      {vendors.items.length > 0 && (
        <DataTable
          caption={t('Vendors')}
          rows={vendors.items}
          keyOf={({ vendor }) => vendor}
          columns={[
            { title: t('Vendor'), cell: ({ vendor }) => words(vendor) },
            {
              title: t('Calls'),
              cell: ({ circuit }) =>
                (circuit?.openUntil ?? null) !== null
                  ? t('paused')
                  : (circuit?.failures ?? 0) > 0
                    ? t('failing')
                    : t('working'),
            },
            { title: t('Orders'), number: true, cell: ({ orders }) => count(orders) },
            { title: t('Open'), number: true, cell: ({ openOrders }) => count(openOrders) },
            { title: t('Tasks'), number: true, cell: ({ tasks }) => count(tasks) },
            { title: t('Answers'), number: true, cell: ({ answers }) => count(answers) },
            { title: t('Spent'), number: true, cell: ({ spentMicros }) => dollars(spentMicros) },
            {
              title: t('Until the answer'),
              number: true,
              cell: ({ meanSecondsToAnswer }) => (meanSecondsToAnswer === null ? '–' : spanText(meanSecondsToAnswer)),
            },
            {
              title: t('Golds'),
              number: true,
              cell: ({ goldCorrect, goldTotal }) =>
                goldTotal === 0
                  ? '–'
                  : t('{correct} of {total}', { correct: count(goldCorrect), total: count(goldTotal) }),
            },
            {
              title: t('Near the decisions'),
              number: true,
              cell: ({ agreesWithDecision }) => (agreesWithDecision === null ? '–' : percent(agreesWithDecision)),
            },
          ]}
        />
      )}
      <MoreButton pages={vendors} />
    </section>
  );
}

/** Of all campaigns; each campaign's page has those that it asked. */
function AllJudges() {
  const judges = usePages(['judges'], (query) => unwrap(api.GET('/v1/judges', { params: { query } })));
  return (
    <section className="card" aria-labelledby="judges-title">
      <h2 id="judges-title">{t('Judges')}</h2>
      <FaultNotice error={judges.error} />
      {judges.isSuccess && judges.items.length === 0 && (
        <p>{t('No judge has answered yet. A campaign asks judges where llm is among its workforces.')}</p>
      )}
      <JudgeCards cards={judges.items} />
      <MoreButton pages={judges} />
    </section>
  );
}
