import { useEffect, useRef } from 'react';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { count, percent } from '../ui/text';
import { FrontierChart } from './frontier-chart';
import type { PlanAnswer, PlannedOption } from './plan-page';
import { policyWords, roughUsd } from './words';

type Band = PlannedOption['hours'];

/** What each policy would come to, which one is recommended, and what was assumed for it. */
export function Planned({ plan }: { plan: PlanAnswer }) {
  const { options, leftOut, recommended, frontier, runs, played, own, assumptions } = plan;
  const title = useRef<HTMLHeadingElement>(null);
  // Whoever asked hears at once what came of it.
  useEffect(() => {
    if (plan) title.current?.focus();
  }, [plan]);
  const chosen = options.find(({ name }) => name === recommended);
  return (
    <>
      <section className="card" aria-labelledby="planned-title">
        <h2 id="planned-title" ref={title} tabIndex={-1}>
          {chosen ? `Recommended: ${policyWords(chosen.name)}` : 'No policy meets what is wanted'}
        </h2>
        {chosen && <p>{sentenceOf(chosen)}</p>}
        <p className="dim">
          Simulated: {runs} campaigns of each policy, none of them real
          {played.tasks < assumptions.tasks &&
            `; ${count(played.tasks)} tasks of each were played, the others are taken to go like these`}
          .{own !== null && ` As the campaign is set now: ${policyWords(own)}.`}
        </p>
        {options.length > 0 && <FrontierChart options={options} frontier={frontier} />}
        <DataTable
          caption="What each policy comes to: the median, and eight of ten simulated campaigns"
          rows={options}
          keyOf={({ name }) => name}
          columns={[
            {
              title: 'Answers a task',
              cell: ({ name }) => (name === recommended ? <strong>{policyWords(name)}</strong> : policyWords(name)),
            },
            { title: 'Cost', number: true, cell: ({ costUsd }) => banded(costUsd, roughUsd) },
            { title: 'Days', number: true, cell: ({ hours }) => banded(hours, (value) => (value / 24).toFixed(1)) },
            { title: 'Done', cell: ({ finishAt }) => `${dayOf(finishAt.p50)}, by ${dayOf(finishAt.p90)} at 90%` },
            { title: 'Labels right', number: true, cell: ({ accuracy }) => banded(accuracy, percent) },
            { title: 'Answers', number: true, cell: ({ answersPerTask }) => answersPerTask.p50.toFixed(2) },
            {
              title: 'Given up',
              number: true,
              cell: ({ unresolved }) => (unresolved.p50 > 0 ? percent(unresolved.p50) : 'none'),
            },
          ]}
        />
        {leftOut.map(({ name, reason }) => (
          <p key={name} className="dim">
            {policyWords(name)}: left out; it {reason}.
          </p>
        ))}
      </section>
      <Assumptions plan={plan} />
    </>
  );
}

function Assumptions({ plan: { assumptions, options, startAt } }: { plan: PlanAnswer }) {
  const { atWork, judge } = assumptions;
  return (
    <section className="card" aria-labelledby="assumed-title">
      <h2 id="assumed-title">What was assumed</h2>
      <dl className="legend">
        <Fact name="Crowd" value={assumptions.source} />
        <Fact name="Single answers right" value={percent(assumptions.accuracy)} />
        <Fact name="Choices" value={String(assumptions.choices)} />
        <Fact name="Annotators differ by" value={`${assumptions.skillSd.toFixed(2)} log-odds`} />
        <Fact name="Their preferences differ by" value={`${assumptions.leanSd.toFixed(2)} log-odds`} />
        <Fact name="Tasks differ by" value={`${assumptions.easeSd.toFixed(2)} log-odds`} />
        <Fact name="Wrong answers that fall for the same choice" value={percent(assumptions.lureShare)} />
        <Fact
          name="An answer"
          value={`$${assumptions.priceUsd}, ${assumptions.secondsMedian.toFixed(1)} s (median; spread ${assumptions.secondsLogSd.toFixed(2)} of its logarithm)`}
        />
        <Fact name="Annotators" value={count(assumptions.annotators)} />
        <Fact name="At work (UTC)" value={hoursOf(atWork)} />
        <Fact name="Begins" value={startAt === null ? '' : `${dayOf(startAt)}, ${startAt.slice(11, 16)} UTC`} />
        <Fact
          name="Golds"
          value={`${percent(assumptions.goldRatio)}, and newcomers' first ${assumptions.goldFloor} sooner`}
        />
        <Fact name="Fee" value={percent(assumptions.feeRatio)} />
        <Fact name="Leases that run out" value={percent(assumptions.lapses)} />
        <Fact name="A day's turnout" value={`varies by ${percent(assumptions.turnoutLogSd)}`} />
        {options.map(({ name, judge: judged, asks: { least, most, minConfidence } }) =>
          judged || least === most ? null : (
            <Fact
              key={name}
              name={name === 'adaptive' ? 'Adaptive' : `From ${least} answers`}
              value={`${least} to ${most}, until a label is ${percent(minConfidence)} probable`}
            />
          ),
        )}
        {assumptions.unsure !== null && <Fact name="Unsure by" value={`${assumptions.unsure} log-odds`} />}
        {judge && <Fact name="Judge" value={`${percent(judge.accuracy)} right, $${judge.priceUsd} an answer`} />}
      </dl>
    </section>
  );
}

function sentenceOf({ costUsd, finishAt, accuracy }: PlannedOption): string {
  return (
    `It costs ${roughUsd(costUsd.p10)} to ${roughUsd(costUsd.p90)}, is done between ${dayOf(finishAt.p10)} and ${dayOf(finishAt.p90)}, ` +
    `and ${percent(accuracy.p10)} to ${percent(accuracy.p90)} of its labels are right: each held in eight of ten simulated campaigns.`
  );
}

const banded = ({ p10, p50, p90 }: Band, show: (value: number) => string) =>
  `${show(p50)} (${show(p10)} to ${show(p90)})`;

function dayOf(moment: string | null): string {
  if (moment === null) return 'after 9999';
  return new Date(moment).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
}

/** Hours of a day with as many at work, put together: "9-17: 10". */
function hoursOf(atWork: readonly number[]): string {
  const parts: string[] = [];
  for (let from = 0; from < atWork.length; ) {
    let to = from + 1;
    while (to < atWork.length && atWork[to] === atWork[from]) to++;
    if (atWork[from]) parts.push(`${from}-${to}: ${atWork[from]}`);
    from = to;
  }
  return parts.join(', ');
}
