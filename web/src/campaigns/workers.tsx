import { Badge, Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { useOnceEach } from '../api/once';
import { BonusDialog } from '../pay/bonus-dialog';
import { type Column, DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { count, dateText, percent, sinceText } from '../ui/text';
import { QuarantineDialog } from './quarantine-dialog';
import { type StandingAct, StandingDialog } from './standing-dialog';

const STANDING_COLORS = { active: 'green', recalibrating: 'yellow', suspended: 'red' } as const;

interface Worker {
  readonly id: string;
  readonly name: string;
  readonly standing: keyof typeof STANDING_COLORS;
}
interface Chosen {
  readonly worker: Worker;
  readonly act: StandingAct | 'bonus' | 'quarantine';
}
type Bias =
  | { readonly kind: 'choice'; readonly towards: string; readonly excess: number }
  | { readonly kind: 'scale'; readonly scale: string; readonly difference: number };

const ACTS: Readonly<Record<Worker['standing'], readonly (readonly [StandingAct, string])[]>> = {
  active: [
    ['recalibrate', 'Recalibrate'],
    ['suspend', 'Suspend'],
  ],
  recalibrating: [
    ['reinstate', 'Reinstate'],
    ['suspend', 'Suspend'],
  ],
  suspended: [['reinstate', 'Reinstate']],
};

function biasText(bias: Bias): string {
  if (bias.kind === 'choice') return `${bias.towards}: ${percent(bias.excess)} too often`;
  return `${bias.scale}: ${Math.abs(bias.difference).toFixed(2)} ${bias.difference > 0 ? 'higher' : 'lower'}`;
}

const BIAS: Column<{ readonly bias: Bias | null }> = {
  title: 'Bias',
  cell: ({ bias }) => (bias === null ? '–' : <span className="label-text">{biasText(bias)}</span>),
};
const CONSISTENCY: Column<{ readonly consistency: { readonly agreement: number } | null }> = {
  title: 'With themselves',
  number: true,
  cell: ({ consistency }) => (consistency === null ? '–' : percent(consistency.agreement)),
};

/** Who answers: speed, agreement with the decisions, gold record, standing. */
export function Workers({ campaignId, manages, ended }: { campaignId: string; manages: boolean; ended: boolean }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [given, setGiven] = useState('');
  const onceEach = useOnceEach();
  const { data, error } = useQuery({
    queryKey: ['campaign', campaignId, 'annotators'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/annotators', { params: { path: { id: campaignId } } })),
    refetchInterval: ended ? false : 5000,
  });
  const rows = data?.items ?? [];
  // A column that says nothing of anybody would only push the acts out of sight.
  const biased = rows.some(({ bias }) => bias !== null);
  const repeated = rows.some(({ consistency }) => consistency !== null);
  return (
    <section className="card" aria-labelledby="workers-title">
      <h2 id="workers-title">Annotators</h2>
      <p className="dim">
        Of the newest {count(data?.answers ?? 0)} answers. Agreement is with the decisions; gold accuracy has its 95%
        interval{biased && '; bias is what differs from the decisions in one direction, where that is no chance'}.
      </p>
      <FaultNotice error={error} />
      <p role="status">{given}</p>
      {data && rows.length === 0 && <p>Nobody has answered yet.</p>}
      {rows.length > 0 && (
        <DataTable
          caption="Annotators of this campaign"
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            {
              title: 'Name',
              cell: ({ name, kind, simulated }) => (
                <>
                  <span className="label-text">{name}</span>{' '}
                  {(simulated || kind !== 'person') && <span className="dim">{simulated ? 'simulated' : kind}</span>}
                </>
              ),
            },
            {
              title: 'Standing',
              cell: ({ standing, standingReason }) => (
                <Badge variant="light" color={STANDING_COLORS[standing]} title={standingReason ?? undefined}>
                  {standing}
                </Badge>
              ),
            },
            { title: 'Answers', number: true, cell: ({ answers }) => count(answers) },
            {
              title: 'Median time',
              number: true,
              cell: ({ medianSeconds: s }) => (s === null ? '–' : `${s.toFixed(1)} s`),
            },
            {
              title: 'Agreement',
              number: true,
              cell: ({ agreement }) => (agreement === null ? '–' : percent(agreement)),
            },
            {
              title: 'Gold accuracy',
              number: true,
              cell: ({ gold }) =>
                gold === null ? (
                  '–'
                ) : (
                  <>
                    {gold.correct} of {gold.total}{' '}
                    <span className="dim">
                      ({Math.round(100 * gold.low)}–{Math.round(100 * gold.high)}%)
                    </span>
                  </>
                ),
            },
            ...(biased ? [BIAS] : []),
            ...(repeated ? [CONSISTENCY] : []),
            { title: 'Flagged', number: true, cell: ({ flagged }) => percent(flagged) },
            {
              title: 'Last answer',
              whole: true,
              cell: ({ lastAnswerAt }) => (
                <time dateTime={lastAnswerAt} title={dateText(lastAnswerAt)}>
                  {sinceText(lastAnswerAt, Date.now())} ago
                </time>
              ),
            },
            ...(manages
              ? [
                  {
                    title: 'Act',
                    cell: ({ id, name, standing }: Worker) => (
                      <Group gap={6} wrap="nowrap">
                        {[
                          ...ACTS[standing],
                          ['quarantine', 'Take out'] as const,
                          ...(ended ? [] : [['bonus', 'Bonus'] as const]),
                        ].map(([act, title]) => (
                          <Button
                            key={act}
                            size="compact-xs"
                            variant="default"
                            onClick={() => setChosen({ worker: { id, name, standing }, act })}
                          >
                            {title}
                          </Button>
                        ))}
                      </Group>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {chosen?.act === 'bonus' && (
        <BonusDialog
          campaignId={campaignId}
          worker={chosen.worker}
          once={onceEach(chosen.worker.id)}
          onGiven={setGiven}
          onClose={() => setChosen(null)}
        />
      )}
      {chosen?.act === 'quarantine' && (
        <QuarantineDialog campaignId={campaignId} worker={chosen.worker} onClose={() => setChosen(null)} />
      )}
      {chosen && chosen.act !== 'bonus' && chosen.act !== 'quarantine' && (
        <StandingDialog
          worker={chosen.worker}
          act={chosen.act}
          campaignId={campaignId}
          onClose={() => setChosen(null)}
        />
      )}
    </section>
  );
}
