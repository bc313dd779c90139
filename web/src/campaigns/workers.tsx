import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { serverNow } from '../api/clock';
import { useOnceEach } from '../api/once';
import type { TaskType } from '../api/types';
import { t } from '../i18n/office';
import { BonusDialog } from '../pay/bonus-dialog';
import { type Column, DataTable } from '../ui/data-table';
import { FaultNotice } from '../ui/page-error';
import { RowMenu } from '../ui/row-menu';
import { count, dateText, percent, sinceText } from '../ui/text';
import { QuarantineDialog } from './quarantine-dialog';
import { nameColumn, STANDING_ACTS, type Standing, standingColumn } from './standing';
import { type StandingAct, StandingDialog } from './standing-dialog';

interface Worker {
  readonly id: string;
  readonly name: string;
  readonly standing: Standing;
  readonly standingOf: TaskType | null;
}
interface Chosen {
  readonly worker: Worker;
  readonly act: StandingAct | 'bonus' | 'quarantine';
}
type Bias =
  | { readonly kind: 'choice'; readonly towards: string; readonly excess: number }
  | { readonly kind: 'scale'; readonly scale: string; readonly difference: number };

function biasText(bias: Bias): string {
  if (bias.kind === 'choice')
    return t('{towards}: {excess} too often', { towards: bias.towards, excess: percent(bias.excess) });
  const values = { scale: bias.scale, difference: Math.abs(bias.difference).toFixed(2) };
  return bias.difference > 0 ? t('{scale}: {difference} higher', values) : t('{scale}: {difference} lower', values);
}

const bias = (): Column<{ readonly bias: Bias | null }> => ({
  title: t('Bias'),
  cell: ({ bias: found }) => (found === null ? '–' : <span className="label-text">{biasText(found)}</span>),
});
const consistency = (): Column<{ readonly consistency: { readonly agreement: number } | null }> => ({
  title: t('With themselves'),
  number: true,
  cell: ({ consistency: found }) => (found === null ? '–' : percent(found.agreement)),
});

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
      <h2 id="workers-title">{t('Annotators')}</h2>
      <p className="dim">
        {t('Of the newest {value} answers. Agreement is with the decisions; gold accuracy has its 95% interval', {
          value: count(data?.answers ?? 0),
        })}
        {biased && t('; bias is what differs from the decisions in one direction, where that is no chance')}.
      </p>
      <FaultNotice error={error} />
      <p role="status">{given}</p>
      {data && rows.length === 0 && <p>{t('Nobody has answered yet.')}</p>}
      {rows.length > 0 && (
        <DataTable
          caption={t('Annotators of this campaign')}
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            nameColumn(),
            standingColumn(),
            { title: t('Answers'), number: true, cell: ({ answers }) => count(answers) },
            {
              title: t('Median time'),
              number: true,
              cell: ({ medianSeconds: s }) => (s === null ? '–' : t('{value} s', { value: s.toFixed(1) })),
            },
            {
              title: t('Agreement'),
              number: true,
              cell: ({ agreement }) => (agreement === null ? '–' : percent(agreement)),
            },
            {
              title: t('Gold accuracy'),
              number: true,
              cell: ({ gold }) =>
                gold === null ? (
                  '–'
                ) : (
                  <>
                    {t('{correct} of {total}', { correct: gold.correct, total: gold.total })}{' '}
                    <span className="dim">
                      ({Math.round(100 * gold.low)}–{Math.round(100 * gold.high)}%)
                    </span>
                  </>
                ),
            },
            ...(biased ? [bias()] : []),
            ...(repeated ? [consistency()] : []),
            { title: t('Flagged'), number: true, cell: ({ flagged }) => percent(flagged) },
            {
              title: t('Last answer'),
              whole: true,
              cell: ({ lastAnswerAt }) => (
                <time dateTime={lastAnswerAt} title={dateText(lastAnswerAt)}>
                  {t('{lastAnswerAt} ago', { lastAnswerAt: sinceText(lastAnswerAt, serverNow()) })}
                </time>
              ),
            },
            ...(manages
              ? [
                  {
                    title: t('Act'),
                    cell: ({ id, name, standing, standingOf }: Worker) => (
                      <RowMenu
                        of={name}
                        acts={[
                          ...STANDING_ACTS[standing],
                          ['quarantine', 'Take out'] as const,
                          ...(ended ? [] : [['bonus', 'Bonus'] as const]),
                        ].map(([act, title]) => ({
                          title: t(title),
                          onAct: () => setChosen({ worker: { id, name, standing, standingOf }, act }),
                        }))}
                      />
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
        <StandingDialog worker={chosen.worker} act={chosen.act} onClose={() => setChosen(null)} />
      )}
    </section>
  );
}
