import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import type { PlannedOption } from '../plan/plan-page';
import { policyWords, roughUsd } from '../plan/words';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import { count, dollarsOf, usd } from '../ui/text';
import { type Body, bodyOf, type Settings } from './settings';
import { configFault, settingsFault } from './settings-fault';

const SETTLED_MS = 800;

interface PlanProps {
  readonly settings: Settings;
  /** The campaign that this is a copy of. */
  readonly old: Body;
  readonly tasks: number;
  /** How many golds there are; undefined where there is no data yet. */
  readonly golds: number | undefined;
  /** The most an answer can earn. */
  readonly answerUsd: number;
  /** What these settings come to is told to whoever shows it; undefined while it is not known. */
  readonly onPlanned: (planned: PlannedOption | undefined) => void;
}

/** Cost, duration and accuracy to expect of these very settings, beside the usual policies, by the planner's simulation. */
export function Plan({ settings, old, tasks, golds, answerUsd, onPlanned }: PlanProps) {
  const [annotators, setAnnotators] = useState<number | null>(20);
  const [rightPercent, setRightPercent] = useState<number | null>(80);
  const campaign = plannable(settings, old);
  const complete = annotators !== null && rightPercent !== null && campaign !== undefined;
  const accuracy = (rightPercent ?? 0) / 100;
  const filledIn = JSON.stringify({
    ...{ tasks: Math.min(tasks, 10_000_000), type: settings.type, annotators, priceUsd: answerUsd.toFixed(6) },
    ...{ accuracy, campaign, golds },
    // Of a judge that answers first nothing else is known here.
    ...(settings.workforces.includes('llm') ? { judge: { accuracy } } : {}),
  });
  const [asked, setAsked] = useState(filledIn);
  // While a field is empty nothing new is asked for.
  const wanted = complete ? filledIn : asked;
  const { data, error, isFetching } = useQuery({
    queryKey: ['plan', asked],
    queryFn: () => unwrap(api.POST('/v1/plan', { body: JSON.parse(asked) as { tasks: number } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  // A simulation takes the server seconds: one at a time, and only of settings that have come to rest.
  useEffect(() => {
    if (wanted === asked || isFetching) return;
    const timer = setTimeout(() => setAsked(wanted), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [wanted, asked, isFetching]);
  // What was asked before is no forecast of what is there now.
  const current = complete && filledIn === asked ? data : undefined;
  const chosen = current?.options.find(({ name }) => name === current.own);
  useEffect(() => onPlanned(chosen), [chosen, onPlanned]);
  return (
    <div className="plan" aria-busy={isFetching || wanted !== asked}>
      <h3>{t('Cost, duration and accuracy')}</h3>
      <div className="fields">
        <NumberField
          label={t('Annotators')}
          description={t('Half at work, 9 to 17 h UTC.')}
          allowDecimal={false}
          min={1}
          max={1000}
          value={annotators}
          onChange={setAnnotators}
        />
        <NumberField
          label={t('Right answers (%)')}
          description={t('Of one annotator alone.')}
          min={1}
          max={99}
          value={rightPercent}
          onChange={setRightPercent}
        />
      </div>
      <FaultNotice error={error} />
      <p className="dim" role="status">
        {campaign === undefined && t('The settings are not complete.')}
        {complete && (isFetching || wanted !== asked ? t('Simulating…') : chosen ? sentenceOf(chosen) : '')}
      </p>
      {current && (
        <DataTable
          caption={t('Forecast of these settings beside the usual policies, medians of simulated campaigns')}
          rows={current.options}
          keyOf={({ name }) => name}
          columns={[
            {
              title: t('Answers a task'),
              cell: ({ name }) => (name === current.own ? <strong>{t('these settings')}</strong> : policyWords(name)),
            },
            { title: t('Cost'), number: true, cell: ({ costUsd }) => usd(costUsd.p50) },
            { title: t('Hours'), number: true, cell: ({ hours }) => hours.p50.toFixed(1) },
            { title: t('Right'), number: true, cell: ({ accuracy }) => `${Math.round(100 * accuracy.p50)}%` },
          ]}
        />
      )}
      {current?.cap && chosen?.cap && chosen.cap.enough < 1 && (
        <p className="notice">
          {t(
            'The budget of {budget} pays for {least} to {most} of {tasks} tasks, and then the campaign ends; for all of them it is enough in {share} of the simulated campaigns.',
            {
              ...{ budget: dollarsOf(current.cap.usd), tasks: count(current.assumptions.tasks) },
              ...{ least: count(Math.round(chosen.cap.tasks.p10)), most: count(Math.round(chosen.cap.tasks.p90)) },
              share: `${Math.round(100 * chosen.cap.enough)}%`,
            },
          )}
        </p>
      )}
      {current?.notes.map((note) => (
        <p key={note} className="dim">
          <InEnglish text={note} />
        </p>
      ))}
    </div>
  );
}

function sentenceOf({ costUsd, hours, accuracy }: PlannedOption): string {
  const percent = (share: number) => `${Math.round(100 * share)}%`;
  return t(
    'With these settings: {leastUsd} to {mostUsd}, done after {leastHours} to {mostHours} hours, {leastRight} to {mostRight} of the labels right (8 of 10 simulated campaigns).',
    {
      ...{ leastUsd: roughUsd(costUsd.p10), mostUsd: roughUsd(costUsd.p90) },
      ...{ leastHours: hours.p10.toFixed(1), mostHours: hours.p90.toFixed(1) },
      ...{ leastRight: percent(accuracy.p10), mostRight: percent(accuracy.p90) },
    },
  );
}

/** Any config does for a plan, which goes by the type's usual time and pay. */
const ANY_CONFIG = { type: 'classification', config: { labels: ['a', 'b'] } } as const;

/** The campaign as it would be made, also before it has a name and labels; undefined while anything else is amiss. */
export function plannable(settings: Settings, old: Body): Body | undefined {
  const named = { ...settings, name: 'Plan', instructions: '' };
  const whole = configFault(settings.type, settings.config) === undefined ? named : { ...named, ...ANY_CONFIG };
  return settingsFault(whole, old) === undefined ? bodyOf(whole, old) : undefined;
}
