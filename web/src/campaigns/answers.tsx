import { useState } from 'react';
import { useOnceEach } from '../api/once';
import type { TaskView } from '../api/types';
import { t } from '../i18n/office';
import { DeductionDialog } from '../pay/deduction-dialog';
import { DataTable } from '../ui/data-table';
import { labelText } from '../ui/label-text';
import { RowButton } from '../ui/row-button';
import { dollars, percent, words } from '../ui/text';
import { weightsOf } from './decision-record';

/** All answers to a task: how each was assessed, what it weighed in the decision, and what it pays. */
export function Answers({ task: { story, decision }, manages }: { task: TaskView; manages: boolean }) {
  const [chosen, setChosen] = useState<{ id: string; annotator: string } | null>(null);
  const onceEach = useOnceEach();
  if (!story || story.annotations.length === 0) return null;
  const { judgement } = story;
  const now = new Map(judgement?.answers.map((answer) => [answer.annotationId, answer]));
  const weights = judgement
    ? new Map([...now].map(([id, { weight }]) => [id, weight]))
    : weightsOf(story.revisions.find(({ id }) => id === decision?.id)?.evidence);
  const withoutOf = ({ id, confidenceWithout }: { id: string; confidenceWithout: number | null }) =>
    (judgement ? now.get(id)?.confidenceWithout : confidenceWithout) ?? null;
  const byModel = story.annotations.some((answer) => withoutOf(answer) !== null);
  return (
    <section className="card" aria-labelledby="answers-title">
      <h2 id="answers-title">{t('Answers')}</h2>
      <DataTable
        caption={t('Answers to this task')}
        rows={story.annotations}
        keyOf={({ id }) => id}
        columns={[
          { title: t('Annotator'), cell: ({ annotator }) => annotator },
          {
            title: t('Answer'),
            cell: ({ label, comment }) => (
              <>
                <span className="label-text" dir="auto">
                  {labelText(label, 300)}
                </span>
                {comment !== null && (
                  <div className="dim label-text" dir="auto">
                    {comment}
                  </div>
                )}
              </>
            ),
          },
          ...(story.annotations.every(({ confidence }) => confidence === null)
            ? []
            : [
                {
                  title: t('Sure of it'),
                  number: true,
                  cell: ({ confidence }: { confidence: number | null }) =>
                    confidence === null ? '–' : percent(confidence),
                },
              ]),
          { title: t('Score'), number: true, cell: ({ score }) => (score === null ? '–' : score.toFixed(2)) },
          ...(byModel
            ? [
                {
                  title: t('Decision without it'),
                  number: true,
                  cell: (answer: { id: string; confidenceWithout: number | null }) => {
                    const without = withoutOf(answer);
                    return without === null ? '–' : percent(without);
                  },
                },
              ]
            : []),
          ...(weights.size === 0 || byModel
            ? []
            : [
                {
                  title: judgement ? t('Weight now') : t('Weight in the decision'),
                  number: true,
                  cell: ({ id }: { id: string }) => weights.get(id)?.toFixed(3) ?? '–',
                },
              ]),
          {
            title: t('Time'),
            number: true,
            cell: ({ timeSpentS }) => (timeSpentS === null ? '–' : t('{value} s', { value: timeSpentS.toFixed(1) })),
          },
          { title: t('Flags'), cell: ({ flags }) => (flags.length === 0 ? '–' : flags.map(words).join(', ')) },
          { title: t('Counted'), cell: ({ counted }) => (counted ? t('yes') : t('no, late')) },
          { title: t('Pay'), number: true, cell: ({ priceMicros }) => dollars(priceMicros) },
          ...(manages
            ? [
                {
                  title: t('Act'),
                  cell: ({ id, annotator }: { id: string; annotator: string }) => (
                    <RowButton of={annotator} onClick={() => setChosen({ id, annotator })}>
                      {t('Propose a deduction')}
                    </RowButton>
                  ),
                },
              ]
            : []),
        ]}
      />
      {chosen && <DeductionDialog answer={chosen} once={onceEach(chosen.id)} onClose={() => setChosen(null)} />}
    </section>
  );
}
