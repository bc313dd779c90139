import type { Ok } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { InEnglish } from '../ui/in-english';
import { counted, dollars, percent } from '../ui/text';

type Card = Ok<'/v1/judges', 'get'>['items'][number];
type Share = NonNullable<Card['agreesWithPeople']>;
type Bias = NonNullable<Card['biases']['length']>;

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

/** How reliable each judge is and what it leans to; nothing where none has answered beside people. */
export function JudgeCards({ cards }: { cards: readonly Card[] }) {
  if (cards.length === 0) return null;
  return (
    <>
      <h3>{t('Reliability and biases')}</h3>
      <p className="dim">
        {t(
          'Beside the first person who answered the same task, with 95% intervals. A bias is how much more the judge takes that side than the person, the other traits held equal.',
        )}
      </p>
      <DataTable
        caption={t('Reliability and biases of the judges')}
        rows={cards}
        keyOf={({ judge }) => judge}
        columns={[
          {
            title: t('Judge'),
            cell: ({ judge, findings, unknown }) => (
              <>
                <span className="label-text">{judge}</span>
                {findings.map((finding) => (
                  <div key={finding}>
                    <InEnglish text={finding} />
                  </div>
                ))}
                {unknown.map((each) => (
                  <div key={each} className="dim">
                    <InEnglish text={each} />
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
          { title: t('Own wording'), number: true, cell: ({ biases }) => ofBias(biases.ownWording) },
          { title: t('Markdown'), number: true, cell: ({ biases }) => ofBias(biases.markdown) },
          { title: t('Hedged'), number: true, cell: ({ biases }) => ofBias(biases.hedging) },
          { title: t('Ties'), number: true, cell: ({ biases }) => ofBias(biases.ties) },
          { title: t('Cost'), number: true, cell: ({ costMicros }) => dollars(costMicros) },
        ]}
      />
    </>
  );
}
