import { Button } from '@mantine/core';
import { useState } from 'react';
import { useOnceEach } from '../api/once';
import type { TaskView } from '../api/types';
import { DeductionDialog } from '../pay/deduction-dialog';
import { DataTable } from '../ui/data-table';
import { labelText } from '../ui/label-text';
import { dollars, words } from '../ui/text';

/** All answers to a task: what each weighs, and what it pays. */
export function Answers({ task: { story }, manages }: { task: TaskView; manages: boolean }) {
  const [chosen, setChosen] = useState<{ id: string; annotator: string } | null>(null);
  const onceEach = useOnceEach();
  if (!story || story.annotations.length === 0) return null;
  return (
    <section className="card" aria-labelledby="answers-title">
      <h2 id="answers-title">Answers</h2>
      <DataTable
        caption="Answers to this task"
        rows={story.annotations}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Annotator', cell: ({ annotator }) => annotator },
          {
            title: 'Answer',
            cell: ({ label }) => (
              <span className="label-text" dir="auto">
                {labelText(label, 300)}
              </span>
            ),
          },
          { title: 'Weight', number: true, cell: ({ score }) => (score === null ? '–' : score.toFixed(2)) },
          {
            title: 'Time',
            number: true,
            cell: ({ timeSpentS }) => (timeSpentS === null ? '–' : `${timeSpentS.toFixed(1)} s`),
          },
          { title: 'Flags', cell: ({ flags }) => (flags.length === 0 ? '–' : flags.map(words).join(', ')) },
          { title: 'Counted', cell: ({ counted }) => (counted ? 'yes' : 'no, late') },
          { title: 'Pay', number: true, cell: ({ priceMicros }) => dollars(priceMicros) },
          ...(manages
            ? [
                {
                  title: 'Act',
                  cell: ({ id, annotator }: { id: string; annotator: string }) => (
                    <Button size="compact-xs" variant="default" onClick={() => setChosen({ id, annotator })}>
                      Propose a deduction
                    </Button>
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
