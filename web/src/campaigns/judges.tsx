import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { textsOf } from '../forms/read';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { FaultNotice } from '../ui/page-error';
import { counted, dollars, percent, words } from '../ui/text';

const CAUSES = {
  worse: 'It agrees with people less than they do with one another.',
  fell: 'Its agreement with people has fallen.',
  replaced: 'Its model has another version now.',
} as const;

const COLORS = { learning: 'gray', trusted: 'green', distrusted: 'red' } as const;

const shareText = ({ same, of }: { same: number; of: number }) => (of === 0 ? '–' : t('{same} of {of}', { same, of }));

interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}
interface Bias {
  readonly excess: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

const measured = (value: string, from: string, to: string, n: number) => (
  <>
    {value} <span className="dim">{t('{from} to {to}, {n}', { from, to, n: counted(n, 'task') })}</span>
  </>
);
const ofShare = (share: Share | null) =>
  share === null ? '–' : measured(percent(share.share), percent(share.low), percent(share.high), share.n);
const points = (value: number) => `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
const ofBias = (bias: Bias | null) =>
  bias === null
    ? '–'
    : measured(t('{excess} points', { excess: points(bias.excess) }), points(bias.low), points(bias.high), bias.n);

/** How far each LLM judge is trusted, and what judges decided alone; nothing where none is asked. */
export function Judges({ campaign: { id, settings }, ended }: { campaign: Campaign; ended: boolean }) {
  const asked = textsOf(settings.workforces).includes('llm');
  const { data, error } = useQuery({
    queryKey: ['campaign', id, 'judges'],
    enabled: asked,
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/judges', { params: { path: { id } } })),
    refetchInterval: ended ? false : 10_000,
  });
  if (!asked) return null;
  return (
    <section className="card" aria-labelledby="judges-title">
      <h2 id="judges-title">{t('Judges')}</h2>
      <p className="dim">
        {t(
          'A judge decides alone only where audits by people support it. One that falls below stays distrusted, and one whose model has another version is another judge; what leaned on them is asked again.',
        )}
      </p>
      <FaultNotice error={error} />
      {data && (
        <p>
          {t(
            'Judges decided {decidedAlone} alone for {aloneMicros}; with people {decidedWithPeople} decided for {withPeopleMicros}',
            {
              decidedAlone: counted(data.decidedAlone, 'task'),
              aloneMicros: dollars(data.aloneMicros),
              decidedWithPeople: counted(data.decidedWithPeople, 'task was', 'tasks were'),
              withPeopleMicros: dollars(data.withPeopleMicros),
            },
          )}
          {data.reopened > 0 &&
            t('; {reopened} opened again', { reopened: counted(data.reopened, 'task was', 'tasks were') })}
          .
        </p>
      )}
      {data && data.items.length > 0 && (
        <DataTable
          caption={t('Judges of this campaign')}
          rows={data.items}
          keyOf={({ annotatorId }) => annotatorId}
          columns={[
            { title: t('Judge'), cell: ({ judge }) => <span className="label-text">{judge}</span> },
            {
              title: t('Trust'),
              cell: ({ trust, cause, replacedBy }) => (
                <>
                  <Badge variant="light" color={COLORS[trust]}>
                    {words(trust)}
                  </Badge>
                  {cause && <div className="dim">{t(CAUSES[cause])}</div>}
                  {replacedBy !== null && (
                    <div className="dim">{t('{replacedBy} answers in its place.', { replacedBy })}</div>
                  )}
                </>
              ),
            },
            { title: t('Agrees with people'), number: true, cell: ({ agrees }) => shareText(agrees) },
            { title: t('Lately'), number: true, cell: ({ recent }) => shareText(recent) },
            { title: t('People with one another'), number: true, cell: ({ people }) => shareText(people) },
            {
              title: t('Errors like another judge’s'),
              number: true,
              cell: ({ correlation }) => correlation.toFixed(2),
            },
          ]}
        />
      )}
      {data && data.cards.length > 0 && (
        <>
          <h3>{t('Reliability and biases')}</h3>
          <p className="dim">
            {t(
              'Beside the first person who answered the same task, with 95% intervals. A bias is how much more the judge takes that side than the person, the other traits held equal.',
            )}
          </p>
          <DataTable
            caption={t('Reliability and biases of the judges')}
            rows={data.cards}
            keyOf={({ judge }) => judge}
            columns={[
              {
                title: t('Judge'),
                cell: ({ judge, findings }) => (
                  <>
                    <span className="label-text">{judge}</span>
                    {findings.map((finding) => (
                      <div key={finding}>
                        <InEnglish text={finding} />
                      </div>
                    ))}
                  </>
                ),
              },
              { title: t('As people'), number: true, cell: ({ agreesWithPeople }) => ofShare(agreesWithPeople) },
              { title: t('People among them'), number: true, cell: ({ peopleAgree }) => ofShare(peopleAgree) },
              { title: t('Order decides'), number: true, cell: ({ ordersDisagree }) => ofShare(ordersDisagree) },
              { title: t('Longer'), number: true, cell: ({ biases }) => ofBias(biases.length) },
              { title: t('Own family'), number: true, cell: ({ biases }) => ofBias(biases.ownStyle) },
              { title: t('Hedged'), number: true, cell: ({ biases }) => ofBias(biases.hedging) },
              { title: t('Ties'), number: true, cell: ({ biases }) => ofBias(biases.ties) },
              { title: t('Cost'), number: true, cell: ({ costMicros }) => dollars(costMicros) },
            ]}
          />
        </>
      )}
    </section>
  );
}
