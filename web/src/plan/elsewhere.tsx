import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../api/client';
import { t } from '../i18n/office';
import { amountOf } from '../new/pay-of';
import { NumberField } from '../ui/number-field';
import { FaultNotice } from '../ui/page-error';
import type { Asked } from './asked';
import { CostFigures } from './cost-figures';
import { PlatformCosts } from './platform-costs';

/** What the same work costs on every platform, by the formula; a campaign's measured figures replace the usual ones. */
export function Elsewhere({ asked, tasks }: { readonly asked: Asked; readonly tasks: number | null }) {
  const [redundancy, setRedundancy] = useState<number | null>(3);
  const { type, tier, priceUsd, goldPercent, seconds, from, campaignId } = asked;
  const measured = from === 'campaign' && campaignId !== '';
  const price = amountOf(priceUsd);
  const query = {
    tasks: tasks ?? 1,
    redundancy: redundancy ?? 1,
    // Of a campaign what is not said is as it is there.
    ...(type !== '' ? { type } : measured ? {} : { type: 'classification' as const }),
    ...(tier !== '' ? { tier } : measured ? {} : { tier: 'crowd' as const }),
    ...(price === undefined ? {} : { priceUsd: priceUsd.trim() }),
    ...(goldPercent === null ? {} : { gold: goldPercent / 100 }),
    ...(seconds === null ? {} : { seconds }),
    ...(measured ? { campaignId } : {}),
  };
  const { data, error } = useQuery({
    queryKey: ['cost', query],
    enabled: tasks !== null && redundancy !== null,
    queryFn: () => unwrap(api.GET('/v1/cost', { params: { query } })),
    placeholderData: (before) => before,
  });
  return (
    <section className="card" aria-labelledby="elsewhere-title">
      <h2 id="elsewhere-title">{t('What it costs elsewhere')}</h2>
      <div className="fields">
        <NumberField
          label={t('Answers a task')}
          allowDecimal={false}
          min={1}
          max={100}
          value={redundancy}
          onChange={setRedundancy}
        />
      </div>
      <FaultNotice error={error} />
      {data && tasks !== null && redundancy !== null && <PlatformCosts cost={data} />}
      <CostFigures />
    </section>
  );
}
