import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import type { PlannedOption } from '../plan/plan-page';
import { PlatformCosts } from '../plan/platform-costs';
import { InEnglish } from '../ui/in-english';
import { FaultNotice } from '../ui/page-error';
import { count, counted, dollars, usd } from '../ui/text';
import { amountOf, payOf } from './pay-of';
import { Plan, plannable } from './plan';
import type { Body, Settings } from './settings';

interface ForecastProps {
  readonly settings: Settings;
  /** The campaign that this is a copy of. */
  readonly old: Body;
  readonly rows: number;
  readonly golds: number;
}

/** What the campaign will cost, here and elsewhere, as it stands on the page. */
export function Forecast({ settings, old, rows, golds }: ForecastProps) {
  const tasks = rows > 0 ? rows - golds : 1000;
  const { redundancy, goldPercent } = settings;
  const adaptive = settings.redundancyPolicy === 'adaptive';
  const hourly = amountOf(settings.hourlyUsd);
  const asked = useDeferredValue(
    JSON.stringify({
      type: settings.type,
      tier: settings.tier,
      tasks,
      redundancy: redundancy ?? 1,
      // Where no answer is known there is no gold to mix in.
      gold: rows > 0 && golds === 0 ? 0 : (goldPercent ?? 0) / 100,
      review: 0,
      ...(hourly === undefined ? {} : { hourlyUsd: settings.hourlyUsd.trim() }),
    }),
  );
  const { data, error } = useQuery({
    queryKey: ['cost', asked],
    enabled: tasks > 0 && redundancy !== null && goldPercent !== null,
    queryFn: () =>
      unwrap(
        api.GET('/v1/cost', { params: { query: JSON.parse(asked) as { type: Settings['type']; tasks: number } } }),
      ),
    placeholderData: (before) => before,
  });
  const own = data?.estimates.find(({ platform }) => platform === 'self_hosted');
  const price = amountOf(settings.priceUsd);
  const pay = payOf(own?.costPerAnnotation ?? 0, price, hourly);
  const [planned, setPlanned] = useState<PlannedOption>();
  // Simulated campaigns know how many golds people answer who are new; by the hour they only know the most an answer earns.
  const simulated = hourly === undefined && planned !== undefined && pay.usualUsd > 0;
  const total = simulated ? planned.costUsd.p50 : (own?.totalAnnotations ?? 0) * pay.usualUsd;
  const answers = simulated ? Math.round(total / pay.usualUsd) : (own?.totalAnnotations ?? 0);
  return (
    <section className="card" aria-labelledby="forecast-title">
      <h2 id="forecast-title">{t('Forecast')}</h2>
      <FaultNotice error={error} />
      {(redundancy === null || goldPercent === null) && <p className="dim">{t('A number is missing.')}</p>}
      {tasks === 0 && <p className="dim">{t('Every row has a known answer: there is no task to be done.')}</p>}
      {own && tasks > 0 && redundancy !== null && goldPercent !== null && (
        <>
          <p className="total">{usd(total)}</p>
          <p className="dim">
            {t('to annotators for {tasks}', { tasks: counted(tasks, 'task') })}
            {rows === 0 && t(' (an example: no data yet)')}
            {simulated ? t(', the middle of simulated campaigns') : t(', by the usual share of golds')}
            {adaptive &&
              t(', with {redundancy} answers each; hard tasks take up to {value}', {
                redundancy,
                value: settings.maxRedundancy ?? '…',
              })}
            .{golds > 0 && ` ${t('Golds, which are no tasks: {golds}.', { golds: count(golds) })}`}
          </p>
          <dl className="legend">
            <div>
              <dt>{t('Answers, with gold')}</dt>
              <dd>{count(answers)}</dd>
            </div>
            <div>
              <dt>{t('An answer')}</dt>
              <dd>{usd(pay.usualUsd, 3)}</dd>
            </div>
            <div>
              <dt>{t('A task')}</dt>
              <dd>{usd(total / tasks, 3)}</dd>
            </div>
          </dl>
          {hourly !== undefined && (
            <p className="dim">
              {t(
                'An answer earns its time, here the usual one. Until it is given, the most it can earn is reserved: {mostUsd}.',
                { mostUsd: usd(pay.mostUsd, 3) },
              )}
            </p>
          )}
          <StartDemand settings={settings} old={old} tasks={tasks} golds={golds} />
          <Plan
            settings={settings}
            old={old}
            tasks={tasks}
            golds={rows > 0 ? golds : undefined}
            answerUsd={pay.mostUsd}
            onPlanned={setPlanned}
          />
          <details>
            <summary>{t('What it would cost on other platforms')}</summary>
            {data && <PlatformCosts cost={data} />}
          </details>
        </>
      )}
    </section>
  );
}

interface StartDemandProps {
  readonly settings: Settings;
  readonly old: Body;
  readonly tasks: number;
  readonly golds: number;
}

/** What the server will demand when the campaign is started, and why it would refuse. */
function StartDemand({ settings, old, tasks, golds }: StartDemandProps) {
  const campaign = plannable(settings, old);
  const asked = useDeferredValue(campaign && JSON.stringify({ campaign, items: tasks, golds }));
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['plan', 'start', asked],
    enabled: asked !== undefined,
    queryFn: () =>
      unwrap(api.POST('/v1/plan/start', { body: JSON.parse(asked ?? '') as { campaign: never; items: number } })),
    placeholderData: (before) => before,
  });
  if (error) return <FaultNotice error={error} />;
  if (!data || campaign === undefined) return null;
  return (
    <div className={data.reasons.length + data.warnings.length > 0 ? 'notice' : 'dim'} aria-busy={isPlaceholderData}>
      {t('To start, the budget must pay for at most {needs}: every answer to {tasks}, at its dearest, and golds.', {
        needs: dollars(data.needsMicros),
        tasks: counted(data.tasks, 'task'),
      })}
      {data.reasons.length > 0 && (
        <>
          {' '}
          <strong>{t('As it stands it will not start:')}</strong> <InEnglish text={data.reasons.join(' ')} />
        </>
      )}
      {data.warnings.length > 0 && (
        <>
          {' '}
          <InEnglish text={data.warnings.join(' ')} />
        </>
      )}
    </div>
  );
}
