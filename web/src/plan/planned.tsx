import { useEffect, useRef } from 'react';
import { locale, t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { InEnglish } from '../ui/in-english';
import { count, dollarsOf, percent } from '../ui/text';
import { FrontierChart } from './frontier-chart';
import type { PlanAnswer, PlannedOption } from './plan-page';
import { policyWords, roughUsd } from './words';

type Band = PlannedOption['hours'];

/** What each policy would come to, which one is recommended, and what was assumed for it. */
export function Planned({ plan }: { plan: PlanAnswer }) {
  const { options, leftOut, recommended, frontier, runs, played, own, cap, notes, assumptions } = plan;
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
          {chosen ? t('Recommended: {name}', { name: policyWords(chosen.name) }) : t('No policy meets what is wanted')}
        </h2>
        {chosen && <p>{sentenceOf(chosen)}</p>}
        <p className="dim">
          {t('Simulated: {runs} campaigns of each policy, none of them real', { runs })}
          {played.tasks < assumptions.tasks &&
            t('; {tasks} tasks of each were played, the others are taken to go like these', {
              tasks: count(played.tasks),
            })}
          .{own !== null && t(' As the campaign is set now: {own}.', { own: policyWords(own) })}
        </p>
        <p className="dim">
          {t('`quorate plan --workflows` plays them by the very workflows, on a server that skips time, in minutes.')}
        </p>
        {options.length > 0 && <FrontierChart options={options} frontier={frontier} />}
        <DataTable
          caption={t('What each policy comes to: the median, and eight of ten simulated campaigns')}
          rows={options}
          keyOf={({ name }) => name}
          columns={[
            {
              title: t('Answers a task'),
              cell: ({ name }) => (name === recommended ? <strong>{policyWords(name)}</strong> : policyWords(name)),
            },
            { title: t('Cost'), number: true, cell: ({ costUsd }) => banded(costUsd, roughUsd) },
            { title: t('Days'), number: true, cell: ({ hours }) => banded(hours, (value) => (value / 24).toFixed(1)) },
            {
              title: t('Done'),
              cell: ({ finishAt }) =>
                t('{p50}, by {p90} at 90%', { p50: dayOf(finishAt.p50), p90: dayOf(finishAt.p90) }),
            },
            { title: t('Labels right'), number: true, cell: ({ accuracy }) => banded(accuracy, percent) },
            { title: t('Answers'), number: true, cell: ({ answersPerTask }) => answersPerTask.p50.toFixed(2) },
            ...(cap === null
              ? []
              : [
                  {
                    title: t('Tasks that {budget} pay for', { budget: dollarsOf(cap.usd) }),
                    number: true,
                    cell: ({ cap: paid }: PlannedOption) =>
                      paid ? banded(paid.tasks, (value) => count(Math.round(value))) : '',
                  },
                ]),
            {
              title: t('Given up'),
              number: true,
              cell: ({ unresolved }) => (unresolved.p90 > 0 ? banded(unresolved, percent) : t('none')),
            },
          ]}
        />
        {leftOut.map(({ name, reason }) => (
          <p key={name} className="dim">
            {t('{name}: left out; it {reason}.', { name: policyWords(name), reason })}
          </p>
        ))}
        {notes.map((note) => (
          <p key={note} className="dim">
            <InEnglish text={note} />
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
      <h2 id="assumed-title">{t('What was assumed')}</h2>
      <dl className="legend">
        <Fact name={t('Crowd')} value={assumptions.source} />
        <Fact name={t('Single answers right')} value={percent(assumptions.accuracy)} />
        <Fact name={t('Choices')} value={String(assumptions.choices)} />
        <Fact
          name={t('Annotators differ by')}
          value={t('{value} log-odds', { value: assumptions.skillSd.toFixed(2) })}
        />
        <Fact
          name={t('Their preferences differ by')}
          value={t('{value} log-odds', { value: assumptions.leanSd.toFixed(2) })}
        />
        <Fact name={t('Tasks differ by')} value={t('{value} log-odds', { value: assumptions.easeSd.toFixed(2) })} />
        <Fact name={t('Wrong answers that fall for the same choice')} value={percent(assumptions.lureShare)} />
        <Fact
          name={t('An answer')}
          value={t('{usd}, {seconds} s (median; spread {spread} of its logarithm)', {
            usd:
              assumptions.hourlyUsd === null
                ? dollarsOf(assumptions.priceUsd)
                : t('{rate} an hour, at most {price}', {
                    rate: dollarsOf(assumptions.hourlyUsd),
                    price: dollarsOf(assumptions.priceUsd),
                  }),
            seconds: assumptions.secondsMedian.toFixed(1),
            spread: assumptions.secondsLogSd.toFixed(2),
          })}
        />
        <Fact name={t('Annotators')} value={count(assumptions.annotators)} />
        <Fact name={t('At work (UTC)')} value={hoursOf(atWork)} />
        <Fact name={t('Begins')} value={startAt === null ? '' : `${dayOf(startAt)}, ${startAt.slice(11, 16)} UTC`} />
        <Fact
          name={t('Golds')}
          value={t("{share}, and newcomers' first {first} sooner", {
            share: percent(assumptions.goldRatio),
            first: assumptions.goldFloor,
          })}
        />
        <Fact name={t('Fee')} value={percent(assumptions.feeRatio)} />
        <Fact name={t('Leases that run out')} value={percent(assumptions.lapses)} />
        <Fact
          name={t("A day's turnout")}
          value={t('varies by {share}', { share: percent(assumptions.turnoutLogSd) })}
        />
        {options.map(({ name, judge: judged, asks: { least, most, minConfidence } }) =>
          judged || least === most ? null : (
            <Fact
              key={name}
              name={name === 'adaptive' ? t('Adaptive') : t('From {least} answers', { least })}
              value={t('{least} to {most}, until a label is {share} probable', {
                least,
                most,
                share: percent(minConfidence),
              })}
            />
          ),
        )}
        {assumptions.unsure !== null && (
          <Fact name={t('Unsure by')} value={t('{value} log-odds', { value: assumptions.unsure })} />
        )}
        {judge && (
          <Fact
            name={t('Judge')}
            value={t('{share} right, {usd} an answer', {
              share: percent(judge.accuracy),
              usd: dollarsOf(judge.priceUsd),
            })}
          />
        )}
      </dl>
    </section>
  );
}

function sentenceOf({ costUsd, finishAt, accuracy }: PlannedOption): string {
  return t(
    'It costs {leastUsd} to {mostUsd}, is done between {first} and {last}, and {leastRight} to {mostRight} of its labels are right: each held in eight of ten simulated campaigns.',
    {
      ...{ leastUsd: roughUsd(costUsd.p10), mostUsd: roughUsd(costUsd.p90) },
      ...{ first: dayOf(finishAt.p10), last: dayOf(finishAt.p90) },
      ...{ leastRight: percent(accuracy.p10), mostRight: percent(accuracy.p90) },
    },
  );
}

const banded = ({ p10, p50, p90 }: Band, show: (value: number) => string) =>
  t('{p50} ({p10} to {p90})', { p50: show(p50), p10: show(p10), p90: show(p90) });

function dayOf(moment: string | null): string {
  if (moment === null) return t('after 9999');
  return new Date(moment).toLocaleDateString(locale(), { dateStyle: 'medium', timeZone: 'UTC' });
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
