import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Campaign } from '../api/types';
import { t } from '../i18n/office';
import { DataTable } from '../ui/data-table';
import { Fact } from '../ui/fact';
import { InEnglish } from '../ui/in-english';
import { FaultNotice } from '../ui/page-error';
import { dollars, words } from '../ui/text';
import { Warnings } from '../ui/warnings';
import { answersOf, type Budget, useBudget } from './budget';
import { LimitsDialog } from './limits-dialog';

interface LimitsProps {
  readonly campaign: Campaign;
  readonly manages: boolean;
  readonly ended: boolean;
}

/** The worst case, the limits beside the cap, and what has been warned of; who manages changes them here. */
export function Limits({ campaign, manages, ended }: LimitsProps) {
  const [open, setOpen] = useState(false);
  const { data, error } = useBudget(campaign);
  return (
    <section className="card" aria-labelledby="limits-title">
      <div className="page-head">
        <h2 id="limits-title">{t('Budget and limits')}</h2>
        <span className="spacer" />
        {manages && data && (!ended || data.owedMicros > 0) && (
          <Button size="xs" variant="default" onClick={() => setOpen(true)}>
            {t('Change')}
          </Button>
        )}
      </div>
      <FaultNotice error={error} />
      {data && (
        <>
          {data.waiting && (
            <p className="notice">
              <InEnglish text={data.waiting} />
            </p>
          )}
          <dl className="legend">
            <Fact
              name={t('Cost if no more items are chosen')}
              value={t('at most {usd}', { usd: dollars(data.exposure.committedMicros) })}
            />
            <Fact
              name={t('Cost if every item is chosen')}
              value={t('at most {usd}', { usd: dollars(data.exposure.wholePoolMicros) })}
            />
            <Fact
              name={t('Cost under the caps as they are')}
              value={t('at most {usd}', { usd: dollars(data.exposure.atMostMicros) })}
            />
            <Fact name={t('Answers to each task')} value={answersText(campaign)} />
            {data.owedMicros > 0 && <Fact name={t('Owed for late answers')} value={dollars(data.owedMicros)} />}
          </dl>
          <LimitTable budget={data} />
          <Warnings warnings={data.warnings.filter((warning) => matters(warning, data))} />
        </>
      )}
      {open && data && <LimitsDialog campaign={campaign} budget={data} ended={ended} onClose={() => setOpen(false)} />}
    </section>
  );
}

/** What is reserved of a budget that pays for the whole pool is nothing to be warned of. */
function matters({ scope, reachedBy }: Budget['warnings'][number], { exposure, capMicros }: Budget): boolean {
  return scope !== 'campaign' || reachedBy === 'spent' || exposure.wholePoolMicros > capMicros;
}

function answersText(campaign: Campaign): string {
  const { redundancy, maxRedundancy } = answersOf(campaign);
  return maxRedundancy > redundancy
    ? t('{redundancy} to {maxRedundancy}', { redundancy, maxRedundancy })
    : `${redundancy}`;
}

function LimitTable({ budget: { daily, limits, organisation } }: { budget: Budget }) {
  const rows = [
    ...(daily === null ? [] : [{ name: t('A day (UTC)'), used: daily.usedMicros, cap: daily.capMicros }]),
    ...limits.map(({ scope, name, drawnMicros, capMicros }) => ({
      name: scope === 'hedge' ? t('Hedges') : t('Workforce {name}', { name: words(name) }),
      used: drawnMicros,
      cap: capMicros,
    })),
    ...(organisation === null
      ? []
      : [{ name: t('All campaigns together'), used: organisation.drawnMicros, cap: organisation.capMicros }]),
  ];
  if (rows.length === 0) return <p className="dim">{t('There is no limit beside the cap.')}</p>;
  return (
    <DataTable
      caption={t('Limits beside the cap')}
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { title: t('Limit'), whole: true, cell: ({ name }) => name },
        { title: t('Spent or reserved'), number: true, cell: ({ used }) => dollars(used) },
        { title: t('Of'), number: true, cell: ({ cap }) => dollars(cap) },
      ]}
    />
  );
}
