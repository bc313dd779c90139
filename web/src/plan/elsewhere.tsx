import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import type { Asked } from './asked';
import { PlatformCosts } from './platform-costs';

/** What the same work costs on every platform, by the formula; a campaign's measured figures replace the usual ones. */
export function Elsewhere({ asked }: { asked: Asked }) {
  const [redundancy, setRedundancy] = useState<number | null>(3);
  const { tasks, type, tier, goldPercent, seconds, from, campaignId } = asked;
  const query = {
    type: type === '' ? ('classification' as const) : type,
    tasks: tasks ?? 1,
    redundancy: redundancy ?? 1,
    ...{ tier: tier === '' ? ('crowd' as const) : tier },
    ...(goldPercent === null ? {} : { gold: goldPercent / 100 }),
    ...(seconds === null ? {} : { seconds }),
    ...(from === 'campaign' && campaignId !== '' ? { campaignId } : {}),
  };
  const { data, error } = useQuery({
    queryKey: ['cost', query],
    enabled: tasks !== null && redundancy !== null,
    queryFn: () => unwrap(api.GET('/v1/cost', { params: { query } })),
    placeholderData: (before) => before,
  });
  return (
    <section className="card" aria-labelledby="elsewhere-title">
      <h2 id="elsewhere-title">What it costs elsewhere</h2>
      <div className="fields">
        <NumberField
          label="Answers a task"
          allowDecimal={false}
          min={1}
          max={100}
          value={redundancy}
          onChange={setRedundancy}
        />
      </div>
      <FaultNotice error={error} />
      {data && <PlatformCosts cost={data} />}
    </section>
  );
}
