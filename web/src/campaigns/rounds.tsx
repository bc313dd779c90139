import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Campaign } from '../api/types';
import { DataTable } from '../ui/data-table';
import { count, dateText, dollars, percent, words } from '../ui/text';

const SHOWN = 10;

/** The rounds, newest first: what was chosen, what it cost, and what the model learnt of it. */
export function Rounds({ campaign: { rounds } }: { campaign: Campaign }) {
  const [all, setAll] = useState(false);
  if (rounds.length === 0) return null;
  const newest = [...rounds].reverse();
  return (
    <section className="card" aria-labelledby="rounds-title">
      <h2 id="rounds-title">Rounds</h2>
      <DataTable
        caption="Rounds of this campaign"
        rows={all ? newest : newest.slice(0, SHOWN)}
        keyOf={({ round }) => String(round)}
        columns={[
          { title: 'Round', number: true, cell: ({ round }) => count(round) },
          { title: 'State', cell: ({ state }) => words(state) },
          { title: 'Chosen by', cell: ({ strategy }) => words(strategy) },
          { title: 'Tasks', number: true, cell: ({ tasks }) => count(tasks) },
          { title: 'Progress', cell: ({ tasks, progress }) => <ProgressBar tasks={tasks} progress={progress} /> },
          { title: 'Open', number: true, cell: ({ progress }) => count(progress.open) },
          { title: 'With an expert', number: true, cell: ({ progress }) => count(progress.adjudicating) },
          { title: 'Decided', number: true, cell: ({ progress }) => count(progress.decided + progress.adjudicated) },
          {
            title: 'Unresolved',
            number: true,
            cell: ({ progress }) => count(progress.unresolved + progress.cancelled),
          },
          { title: 'Reserved', number: true, cell: ({ reservedMicros }) => dollars(reservedMicros) },
          {
            title: 'Spent so far',
            number: true,
            cell: ({ spentMicros }) => (spentMicros === null ? '–' : dollars(spentMicros)),
          },
          {
            title: 'Accuracy after it',
            number: true,
            cell: ({ heldOut }) => (heldOut === null ? '–' : percent(heldOut.accuracy)),
          },
          {
            title: 'Chosen',
            whole: true,
            cell: ({ selectedAt }) => (selectedAt === null ? '–' : dateText(selectedAt)),
          },
        ]}
      />
      {!all && newest.length > SHOWN && (
        <Button mt="sm" size="xs" variant="default" onClick={() => setAll(true)}>
          Show all {count(newest.length)}
        </Button>
      )}
    </section>
  );
}

type Round = Campaign['rounds'][number];

/** How much of a round is decided, and with an expert; the figures are in the columns after it. */
function ProgressBar({ tasks, progress }: Pick<Round, 'tasks' | 'progress'>) {
  const share = (part: number) => ({ width: `${tasks === 0 ? 0 : (100 * part) / tasks}%` });
  return (
    <div className="count-bar" aria-hidden="true">
      <div className="bar">
        <span className="spent" style={share(progress.decided + progress.adjudicated)} />
        <span className="reserved" style={share(progress.adjudicating)} />
      </div>
    </div>
  );
}
