import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, unwrap } from '../api/client';
import type { PlannedOption } from '../plan/plan-page';
import { DataTable } from '../ui/data-table';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import type { Settings } from './settings';

const SETTLED_MS = 800;

interface PlanProps {
  readonly settings: Settings;
  readonly tasks: number;
  /** What an answer costs, where that is not the usual pay. */
  readonly answerUsd: number | undefined;
}

/** Duration and accuracy to expect, policy by policy, by the planner's simulation. */
export function Plan({ settings, tasks, answerUsd }: PlanProps) {
  const [annotators, setAnnotators] = useState<number | null>(20);
  const [rightPercent, setRightPercent] = useState<number | null>(80);
  const price = answerUsd === undefined ? {} : { priceUsd: answerUsd.toFixed(6) };
  const complete = annotators !== null && rightPercent !== null;
  const filledIn = JSON.stringify({
    ...{ tasks: Math.min(tasks, 10_000_000), type: settings.type, tier: settings.tier, annotators, ...price },
    ...{ accuracy: (rightPercent ?? 0) / 100, goldRatio: (settings.goldPercent ?? 0) / 100 },
  });
  const [asked, setAsked] = useState(filledIn);
  // While a field is empty nothing new is asked for.
  const wanted = complete ? filledIn : asked;
  const { data, error, isFetching } = useQuery({
    queryKey: ['plan', asked],
    queryFn: () => unwrap(api.POST('/v1/plan', { body: JSON.parse(asked) as { tasks: number } })),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  });
  // A simulation takes the server seconds: one at a time, and only of settings that have come to rest.
  useEffect(() => {
    if (wanted === asked || isFetching) return;
    const timer = setTimeout(() => setAsked(wanted), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [wanted, asked, isFetching]);
  const own = settings.redundancyPolicy === 'adaptive' ? 'adaptive' : `fixed:${settings.redundancy}`;
  const chosen = data?.options.find(({ name }) => name === own);
  return (
    <div className="plan" aria-busy={isFetching || wanted !== asked}>
      <h3>Duration and accuracy</h3>
      <div className="fields">
        <NumberField
          label="Annotators"
          description="Half at work, 9 to 17 h UTC."
          allowDecimal={false}
          min={1}
          max={1000}
          value={annotators}
          onChange={setAnnotators}
        />
        <NumberField
          label="Right answers (%)"
          description="Of one annotator alone."
          min={1}
          max={99}
          value={rightPercent}
          onChange={setRightPercent}
        />
      </div>
      <FaultNotice error={error} />
      <p className="dim" role="status">
        {isFetching || wanted !== asked ? 'Simulating…' : complete && chosen ? sentenceOf(chosen) : ''}
      </p>
      {data && complete && (
        <DataTable
          caption="Forecast by redundancy, medians of simulated campaigns"
          rows={data.options}
          keyOf={({ name }) => name}
          columns={[
            {
              title: 'Answers a task',
              cell: ({ name }) => (name === own ? <strong>{policyWords(name)}</strong> : policyWords(name)),
            },
            { title: 'Cost', number: true, cell: ({ costUsd }) => `$${costUsd.p50.toFixed(2)}` },
            { title: 'Hours', number: true, cell: ({ hours }) => hours.p50.toFixed(1) },
            { title: 'Right', number: true, cell: ({ accuracy }) => `${Math.round(100 * accuracy.p50)}%` },
          ]}
        />
      )}
    </div>
  );
}

const policyWords = (name: string) => (name.startsWith('fixed:') ? name.slice('fixed:'.length) : 'as many as it takes');

function sentenceOf({ hours, accuracy }: PlannedOption): string {
  const percent = (share: number) => `${Math.round(100 * share)}%`;
  return (
    `With these settings: done after ${hours.p10.toFixed(1)} to ${hours.p90.toFixed(1)} hours, ` +
    `${percent(accuracy.p10)} to ${percent(accuracy.p90)} of the labels right (8 of 10 simulated campaigns).`
  );
}
