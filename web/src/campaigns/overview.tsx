import { lazy, Suspense } from 'react';
import type { Campaign } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { aboutDollars, count, counted, dollars, percent } from '../ui/text';
import { useBudget } from './budget';
import { useQuality, VERDICTS } from './quality';
import { spendPoints } from './spend-points';

const LearningCurve = lazy(() => import('./charts').then(({ LearningCurve: chart }) => ({ default: chart })));
const SpendCurve = lazy(() => import('./charts').then(({ SpendCurve: chart }) => ({ default: chart })));

interface Agreement {
  readonly alpha: number | null;
  readonly undefinedBecause: string | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly answers: number;
}

/** The figures of a campaign. */
export function Tiles({
  campaign,
  agreement,
  ended,
}: {
  campaign: Campaign;
  agreement: Agreement | undefined;
  ended: boolean;
}) {
  const { data: quality } = useQuality(campaign.id, ended);
  const { counts, eligibleAnnotators } = campaign;
  const { alpha, undefinedBecause, answers } = agreement?.alpha == null ? campaign.agreement : agreement;
  const within = agreement?.interval;
  const range = within ? t('95%: {low} to {high}; ', { low: within.low.toFixed(2), high: within.high.toFixed(2) }) : '';
  return (
    <dl className="tiles">
      <Tile name={t('Tasks decided')} value={count(counts.tasksDecided)}>
        {t('{tasksOpen} open, {tasksUnresolved} unresolved', {
          tasksOpen: count(counts.tasksOpen),
          tasksUnresolved: count(counts.tasksUnresolved),
        })}
        {counts.tasksAdjudicating > 0 &&
          t(', {tasksAdjudicating} with an expert', { tasksAdjudicating: count(counts.tasksAdjudicating) })}
      </Tile>
      <Tile name={t('Pool')} value={count(counts.pool)}>
        {t('items not chosen yet; round {round}', { round: campaign.round })}
        {counts.gold > 0 && t('; golds beside them: {gold}', { gold: count(counts.gold) })}
      </Tile>
      {campaign.autoLabeling && (
        <Tile name={t('Labelled by the model')} value={count(campaign.autoLabeling.labels)}>
          {campaign.autoLabeling.threshold === null
            ? t('none: {audited} audits by people do not support it', { audited: count(campaign.autoLabeling.audited) })
            : t('from {threshold} on; {agreed} of {audited} audits agree', {
                threshold: percent(campaign.autoLabeling.threshold),
                agreed: count(campaign.autoLabeling.agreed),
                audited: count(campaign.autoLabeling.audited),
              })}
        </Tile>
      )}
      <Tile name={t('Answers')} value={count(counts.annotations)}>
        {t('and {goldAnnotations} to gold tasks', { goldAnnotations: count(counts.goldAnnotations) })}
      </Tile>
      <Tile name={t('Agreement (α)')} value={alpha === null ? '–' : alpha.toFixed(3)}>
        {alpha === null ? (
          <>
            {t('not measurable yet')}: <InEnglish text={undefinedBecause ?? ''} />
          </>
        ) : (
          [
            ...(quality ? [t(VERDICTS[quality.verdict][1])] : []),
            `${range}${t('of the newest {answers}', { answers: counted(answers, 'answer') })}`,
          ].join('; ')
        )}
      </Tile>
      <Tile name={t('Annotators')} value={count(eligibleAnnotators)}>
        {t('may work on it')}
      </Tile>
      <Tile name={t('Time-outs')} value={count(counts.expiredLeases + counts.windowsElapsed)}>
        {t('{expiredLeases} leases, {windowsElapsed} windows', {
          expiredLeases: count(counts.expiredLeases),
          windowsElapsed: count(counts.windowsElapsed),
        })}
      </Tile>
      <Tile name={t('Escalations')} value={count(counts.escalations)}>
        {t('steps taken where answers did not come, or did not agree')}
      </Tile>
    </dl>
  );
}

function Tile({ name, value, children }: { name: string; value: string; children: React.ReactNode }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>
        {value}
        <small>{children}</small>
      </dd>
    </div>
  );
}

/** Spent, reserved and free, of the cap. */
export function Spend({ campaign }: { campaign: Campaign }) {
  const { spentMicros, reservedMicros, freeMicros, capMicros } = campaign.budget;
  const share = (micros: number) => ({ width: `${capMicros === 0 ? 0 : (100 * micros) / capMicros}%` });
  const points = spendPoints(campaign.rounds);
  return (
    <section className="card" aria-labelledby="spend-title">
      <h2 id="spend-title">{t('Spend')}</h2>
      <p className="dim">
        {t('Reserved is what open tasks could cost at most. The database refuses anything beyond the cap.')}
      </p>
      <div
        className="bar"
        role="img"
        aria-label={t('Spent {spentMicros}, reserved {reservedMicros}, of {capMicros}', {
          spentMicros: dollars(spentMicros),
          reservedMicros: dollars(reservedMicros),
          capMicros: dollars(capMicros),
        })}
      >
        <span className="spent" style={share(spentMicros)} />
        <span className="reserved" style={share(reservedMicros)} />
      </div>
      <dl className="legend">
        {(
          [
            ['spent', t('Spent'), spentMicros],
            ['reserved', t('Reserved'), reservedMicros],
            ['free', t('Free'), freeMicros],
          ] as const
        ).map(([kind, name, micros]) => (
          <div key={kind}>
            <dt>
              <span className={`key ${kind}`} aria-hidden="true" />
              {name}
            </dt>
            <dd>{dollars(micros)}</dd>
          </div>
        ))}
        <div>
          <dt>{t('Cap')}</dt>
          <dd>{dollars(capMicros)}</dd>
        </div>
      </dl>
      <SpendForecast campaign={campaign} />
      {points.length > 1 && (
        <>
          <Suspense fallback={<div className="chart" />}>
            <SpendCurve points={points} />
          </Suspense>
          <details>
            <summary>{t('The same as a table')}</summary>
            <DataTable
              caption={t('Spend by round')}
              keyOf={({ round }) => String(round)}
              rows={points}
              columns={[
                { title: t('Round'), number: true, cell: ({ round }) => count(round) },
                { title: t('Spent so far'), number: true, cell: ({ usd }) => dollars(usd * 1e6) },
              ]}
            />
          </details>
        </>
      )}
    </section>
  );
}

/** What the tasks that are left are likely to cost; nothing where that is not known, or none is left. */
function SpendForecast({ campaign }: { campaign: Campaign }) {
  const { data } = useBudget(campaign);
  if (!data?.forecast) return null;
  const { tasksLeft, costPerTaskMicros, restMicros, tasksCovered } = data.forecast;
  return (
    <p className="dim">
      {t(
        'Forecast: a task that has ended came to {each}, with its usual share of golds, not the first ones of people who are new; what is left, {left} at most, would cost {rest} more{covered}',
        {
          each: dollars(costPerTaskMicros),
          left: counted(tasksLeft, 'task'),
          rest: aboutDollars(restMicros),
          covered:
            tasksCovered < tasksLeft
              ? t(', and the cap pays for {covered} of them.', { covered: count(tasksCovered) })
              : t(', which the cap covers.'),
        },
      )}
      {campaign.autoLabeling !== null && ` ${t('What the model labels costs nothing.')}`}
    </p>
  );
}

/** How the model learns, round by round. */
export function Learning({ campaign }: { campaign: Campaign }) {
  const points = campaign.rounds
    .flatMap(({ round, labels, heldOut }) => (heldOut && labels !== null ? [{ round, labels, ...heldOut }] : []))
    .sort((a, b) => a.labels - b.labels);
  const { count: measured = 0, leftOut } = points.at(-1) ?? {};
  const { unresolved = 0, ties = 0, severalOrNone = 0 } = leftOut ?? {};
  return (
    <section className="card" aria-labelledby="learning-title">
      <h2 id="learning-title">{t('Learning curve')}</h2>
      <p className="dim">
        {t(
          'How often the model is right on items it never trained on (a random slice of the pool, or gold); the band is the 95% interval.',
        )}
      </p>
      {unresolved + ties + severalOrNone > 0 && (
        <p>
          {t(
            'The last figure is of {measured} items. It is not of {unresolved} unresolved ones, {ties} ties and {severalOrNone} with several labels or none, of which the model can say nothing.',
            {
              measured: count(measured),
              unresolved: count(unresolved),
              ties: count(ties),
              severalOrNone: count(severalOrNone),
            },
          )}
        </p>
      )}
      {campaign.forecast && campaign.counts.pool > 0 && (
        <p>
          <InEnglish text={campaign.forecast.text} />
        </p>
      )}
      {points.length === 0 ? (
        <p>{t('Not measured yet: it needs labels of the evaluation slice, or gold, and a first fit of the model.')}</p>
      ) : (
        <>
          <Suspense fallback={<div className="chart" />}>
            <LearningCurve points={points} />
          </Suspense>
          <details>
            <summary>{t('The same as a table')}</summary>
            <DataTable
              caption={t('Held-out accuracy by labels')}
              keyOf={({ round }) => String(round)}
              rows={points}
              columns={[
                { title: t('Round'), number: true, cell: ({ round }) => count(round) },
                { title: t('Labels'), number: true, cell: ({ labels }) => count(labels) },
                { title: t('Accuracy'), number: true, cell: ({ accuracy }) => percent(accuracy) },
                {
                  title: t('95% interval'),
                  number: true,
                  cell: ({ low, high }) => t('{low} to {high}', { low: percent(low), high: percent(high) }),
                },
                { title: t('Items'), number: true, cell: (point) => count(point.count) },
              ]}
            />
          </details>
        </>
      )}
    </section>
  );
}
