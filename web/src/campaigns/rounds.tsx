import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Campaign } from '../api/types';
import { type Text, t } from '../i18n/office';
import { type Column, DataTable } from '../ui/data-table';
import { count, dateText, dollars, percent, words } from '../ui/text';

const SHOWN = 10;
/** What a round is at: the last ones of a campaign end without another fit. */
function stateOf({ state, progress }: Round): Text {
  if (state === 'fitted') return 'learnt from';
  return progress.open + progress.adjudicating > 0 ? 'under way' : 'done';
}

const when = (shown: boolean, column: Column<Round>): Column<Round>[] => (shown ? [column] : []);

/** The rounds, newest first: what was chosen, what it cost, and what the model learnt of it. */
export function Rounds({ campaign: { rounds, budget } }: { campaign: Campaign }) {
  const [all, setAll] = useState(false);
  if (rounds.length === 0) return null;
  const newest = [...rounds].reverse();
  // Columns that say nothing of any round would only push the others out of sight.
  const open = rounds.some(({ progress }) => progress.open > 0);
  const ruled = rounds.some(({ progress }) => progress.adjudicating > 0);
  const unresolved = rounds.some(({ progress }) => progress.unresolved + progress.cancelled > 0);
  return (
    <section className="card" aria-labelledby="rounds-title">
      <h2 id="rounds-title">{t('Rounds')}</h2>
      <DataTable
        caption={t('Rounds of this campaign')}
        rows={all ? newest : newest.slice(0, SHOWN)}
        keyOf={({ round }) => String(round)}
        columns={[
          { title: t('Round'), number: true, cell: ({ round }) => count(round) },
          { title: t('State'), cell: (round) => t(stateOf(round)) },
          { title: t('Chosen by'), cell: ({ strategy }) => words(strategy) },
          { title: t('Tasks'), number: true, cell: ({ tasks }) => count(tasks) },
          { title: t('Progress'), cell: ({ tasks, progress }) => <ProgressBar tasks={tasks} progress={progress} /> },
          ...when(open, { title: t('Open'), number: true, cell: ({ progress }) => count(progress.open) }),
          ...when(ruled, {
            title: t('With an expert'),
            number: true,
            cell: ({ progress }) => count(progress.adjudicating),
          }),
          { title: t('Decided'), number: true, cell: ({ progress }) => count(progress.decided + progress.adjudicated) },
          ...when(unresolved, {
            title: t('Unresolved'),
            number: true,
            cell: ({ progress }) => count(progress.unresolved + progress.cancelled),
          }),
          { title: t('Reserved'), number: true, cell: ({ reservedMicros }) => dollars(reservedMicros) },
          {
            title: t('Campaign spent by then'),
            number: true,
            // A round that goes on has spent what the campaign has.
            cell: (each) => {
              const spent = each.spentMicros ?? (each === newest[0] ? budget.spentMicros : null);
              return spent === null ? '–' : dollars(spent);
            },
          },
          {
            title: t('Accuracy after it'),
            number: true,
            cell: ({ heldOut }) => (heldOut === null ? '–' : percent(heldOut.accuracy)),
          },
          {
            title: t('Chosen'),
            whole: true,
            cell: ({ selectedAt }) => (selectedAt === null ? '–' : dateText(selectedAt)),
          },
        ]}
      />
      {!all && newest.length > SHOWN && (
        <Button mt="sm" size="xs" variant="default" onClick={() => setAll(true)}>
          {t('Show all {length}', { length: count(newest.length) })}
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
