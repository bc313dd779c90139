import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import type { Campaign } from '../api/types';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { FaultNotice } from '../ui/page-error';
import { dollars, words } from '../ui/text';
import { Warnings } from '../ui/warnings';
import { answersOf, type Budget } from './budget';
import { LimitsDialog } from './limits-dialog';

interface LimitsProps {
  readonly campaign: Campaign;
  readonly manages: boolean;
  readonly ended: boolean;
}

/** The worst case, the limits beside the cap, and what has been warned of; who manages changes them here. */
export function Limits({ campaign, manages, ended }: LimitsProps) {
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['campaign', campaign.id, 'budget'],
    queryFn: () => unwrap(api.GET('/v1/campaigns/{id}/budget', { params: { path: { id: campaign.id } } })),
    refetchInterval: ended ? false : 10_000,
  });
  return (
    <section className="card" aria-labelledby="limits-title">
      <div className="page-head">
        <h2 id="limits-title">Budget and limits</h2>
        <span className="spacer" />
        {manages && !ended && data && (
          <Button size="xs" variant="default" onClick={() => setOpen(true)}>
            Change
          </Button>
        )}
      </div>
      <FaultNotice error={error} />
      {data && (
        <>
          <dl className="legend">
            <Fact name="If nothing more is chosen" value={`at most ${dollars(data.exposure.committedMicros)}`} />
            <Fact name="If the whole pool is" value={`at most ${dollars(data.exposure.wholePoolMicros)}`} />
            <Fact name="Under the caps" value={`at most ${dollars(data.exposure.atMostMicros)}`} />
            <Fact name="Answers a task" value={answersText(campaign)} />
            {data.owedMicros > 0 && <Fact name="Owed for late answers" value={dollars(data.owedMicros)} />}
          </dl>
          <LimitTable budget={data} />
          <Warnings warnings={data.warnings} />
        </>
      )}
      {open && data && <LimitsDialog campaign={campaign} budget={data} onClose={() => setOpen(false)} />}
    </section>
  );
}

function answersText(campaign: Campaign): string {
  const { redundancy, maxRedundancy } = answersOf(campaign);
  return maxRedundancy > redundancy ? `${redundancy} to ${maxRedundancy}` : `${redundancy}`;
}

function LimitTable({ budget: { daily, limits, organisation } }: { budget: Budget }) {
  const rows = [
    ...(daily === null ? [] : [{ name: 'A day (UTC)', used: daily.usedMicros, cap: daily.capMicros }]),
    ...limits.map(({ scope, name, drawnMicros, capMicros }) => ({
      name: scope === 'hedge' ? 'Hedges' : `Workforce ${words(name)}`,
      used: drawnMicros,
      cap: capMicros,
    })),
    ...(organisation === null
      ? []
      : [{ name: 'All campaigns together', used: organisation.drawnMicros, cap: organisation.capMicros }]),
  ];
  if (rows.length === 0) return <p className="dim">There is no limit beside the cap.</p>;
  return (
    <DataTable
      caption="Limits beside the cap"
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { title: 'Limit', whole: true, cell: ({ name }) => name },
        { title: 'Spent or reserved', number: true, cell: ({ used }) => dollars(used) },
        { title: 'Of', number: true, cell: ({ cap }) => dollars(cap) },
      ]}
    />
  );
}
