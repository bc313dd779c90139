import { lazy, Suspense } from 'react';
import type { Campaign } from '../api/types';
import { DataTable } from '../ui/data-table';
import { aboutDollars, count, dollars, percent } from '../ui/text';
import { spendPoints } from './spend-points';

const LearningCurve = lazy(() => import('./charts').then(({ LearningCurve: chart }) => ({ default: chart })));
const SpendCurve = lazy(() => import('./charts').then(({ SpendCurve: chart }) => ({ default: chart })));

interface Agreement {
  readonly alpha: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly answers: number;
}

/** What a value of Krippendorff's alpha means, by the limits that Krippendorff gives (2004): 0.8 and 0.667. */
function meaningOf(alpha: number): string {
  if (alpha >= 0.8) return 'reliable';
  if (alpha >= 0.667) return 'fair: tentative conclusions';
  if (alpha > 0.05) return 'low: annotators often disagree';
  return alpha >= -0.05 ? 'no better than chance' : 'systematic disagreement';
}

/** The figures of a campaign. */
export function Tiles({ campaign, agreement }: { campaign: Campaign; agreement: Agreement | undefined }) {
  const { counts, eligibleAnnotators } = campaign;
  const alpha = agreement?.alpha ?? campaign.agreement.alpha;
  const within = agreement?.interval;
  const range = within ? `95%: ${within.low.toFixed(2)} to ${within.high.toFixed(2)}; ` : '';
  return (
    <dl className="tiles">
      <Tile name="Tasks decided" value={count(counts.tasksDecided)}>
        {count(counts.tasksOpen)} open, {count(counts.tasksUnresolved)} unresolved
        {counts.tasksAdjudicating > 0 && `, ${count(counts.tasksAdjudicating)} with an expert`}
      </Tile>
      <Tile name="Pool" value={count(counts.pool)}>
        items not chosen yet; round {campaign.round}
      </Tile>
      {campaign.autoLabeling && (
        <Tile name="Labelled by the model" value={count(campaign.autoLabeling.labels)}>
          {campaign.autoLabeling.threshold === null
            ? `none: ${count(campaign.autoLabeling.audited)} audits by people do not support it`
            : `from ${percent(campaign.autoLabeling.threshold)} on; ${count(campaign.autoLabeling.agreed)} of ${count(campaign.autoLabeling.audited)} audits agree`}
        </Tile>
      )}
      <Tile name="Answers" value={count(counts.annotations)}>
        and {count(counts.goldAnnotations)} to gold tasks
      </Tile>
      <Tile name="Agreement (α)" value={alpha === null ? '–' : alpha.toFixed(3)}>
        {alpha === null ? 'not measurable yet' : `${range}${meaningOf(alpha)}`}
      </Tile>
      <Tile name="Annotators" value={count(eligibleAnnotators)}>
        may work on it
      </Tile>
      <Tile name="Time-outs" value={count(counts.expiredLeases + counts.windowsElapsed)}>
        {count(counts.expiredLeases)} leases, {count(counts.windowsElapsed)} windows
      </Tile>
      <Tile name="Escalations" value={count(counts.escalations)}>
        steps taken where answers did not come
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
      <h2 id="spend-title">Spend</h2>
      <p className="dim">
        Reserved is what open tasks could cost at most. The database refuses anything beyond the cap.
      </p>
      <div
        className="bar"
        role="img"
        aria-label={`Spent ${dollars(spentMicros)}, reserved ${dollars(reservedMicros)}, of ${dollars(capMicros)}`}
      >
        <span className="spent" style={share(spentMicros)} />
        <span className="reserved" style={share(reservedMicros)} />
      </div>
      <dl className="legend">
        {(
          [
            ['spent', 'Spent', spentMicros],
            ['reserved', 'Reserved', reservedMicros],
            ['free', 'Free', freeMicros],
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
          <dt>Cap</dt>
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
            <summary>The same as a table</summary>
            <DataTable
              caption="Spend by round"
              keyOf={({ round }) => String(round)}
              rows={points}
              columns={[
                { title: 'Round', number: true, cell: ({ round }) => count(round) },
                { title: 'Spent so far', number: true, cell: ({ usd }) => dollars(usd * 1e6) },
              ]}
            />
          </details>
        </>
      )}
    </section>
  );
}

/** What is left of the pool, at what a decided task has come to so far. */
function SpendForecast({ campaign: { budget, counts } }: { campaign: Campaign }) {
  const left = counts.pool + counts.tasksOpen;
  if (counts.tasksDecided === 0 || left === 0) return null;
  const eachMicros = budget.spentMicros / counts.tasksDecided;
  const restMicros = eachMicros * left;
  const covered = Math.floor((budget.capMicros - budget.spentMicros) / Math.max(1, eachMicros));
  return (
    <p className="dim">
      Forecast: a decided task has cost {dollars(eachMicros)}; the {count(left)} tasks that are left would cost{' '}
      {aboutDollars(restMicros)} more
      {covered < left ? `, and the cap pays for ${count(covered)} of them.` : ', which the cap covers.'}
    </p>
  );
}

/** How the model learns, round by round. */
export function Learning({ campaign }: { campaign: Campaign }) {
  const points = campaign.rounds
    .flatMap(({ round, labels, heldOut }) => (heldOut && labels !== null ? [{ round, labels, ...heldOut }] : []))
    .sort((a, b) => a.labels - b.labels);
  return (
    <section className="card" aria-labelledby="learning-title">
      <h2 id="learning-title">Learning curve</h2>
      <p className="dim">
        How often the model is right on items it never trained on (a random slice of the pool, or gold); the band is the
        95% interval.
      </p>
      {campaign.forecast && <p>{campaign.forecast.text}</p>}
      {points.length === 0 ? (
        <p>Not measured yet: it needs labels of the evaluation slice, or gold, and a first fit of the model.</p>
      ) : (
        <>
          <Suspense fallback={<div className="chart" />}>
            <LearningCurve points={points} />
          </Suspense>
          <details>
            <summary>The same as a table</summary>
            <DataTable
              caption="Held-out accuracy by labels"
              keyOf={({ round }) => String(round)}
              rows={points}
              columns={[
                { title: 'Round', number: true, cell: ({ round }) => count(round) },
                { title: 'Labels', number: true, cell: ({ labels }) => count(labels) },
                { title: 'Accuracy', number: true, cell: ({ accuracy }) => percent(accuracy) },
                { title: '95% interval', number: true, cell: ({ low, high }) => `${percent(low)} to ${percent(high)}` },
                { title: 'Items', number: true, cell: (point) => count(point.count) },
              ]}
            />
          </details>
        </>
      )}
    </section>
  );
}
