import { NativeSelect, Switch, TextInput } from '@mantine/core';
import type { TaskType } from '../api/types';
import { t } from '../i18n/office';
import { TIERS, type Tier } from '../new/settings';
import { usdInput } from '../pay/usd-input';
import { NumberField } from '../ui/number-field';
import { options } from '../ui/options';
import { TASK_TYPES, typeName } from '../ui/text';
import type { Asked } from './asked';

export interface FieldsProps {
  readonly asked: Asked;
  readonly set: (change: Partial<Asked>) => void;
}

/** The campaign, its judge, and what is wanted of it. */
export function PlanFields({ asked, set }: FieldsProps) {
  const ofCampaign = asked.from === 'campaign';
  const usual = ofCampaign ? t("the campaign's") : typeName('classification').toLowerCase();
  return (
    <>
      <section className="card" aria-labelledby="campaign-title">
        <h2 id="campaign-title">{t('The campaign')}</h2>
        <div className="fields">
          <NumberField
            label={t('Tasks')}
            allowDecimal={false}
            min={1}
            max={10_000_000}
            thousandSeparator=","
            {...(ofCampaign ? { description: t("Empty: all the campaign's.") } : { required: true })}
            value={asked.tasks}
            onChange={(tasks) => set({ tasks })}
          />
          <NativeSelect
            label={t('Task type')}
            value={asked.type}
            onChange={(event) => set({ type: event.currentTarget.value as TaskType | '' })}
            data={[
              { value: '', label: t('{usual} (usual)', { usual }) },
              ...TASK_TYPES.map((value) => ({ value, label: typeName(value) })),
            ]}
          />
          <NativeSelect
            label={t('Tier')}
            value={asked.tier}
            onChange={(event) => set({ tier: event.currentTarget.value as Tier | '' })}
            data={[
              { value: '', label: asked.from === 'campaign' ? t("the campaign's (usual)") : t('crowd (usual)') },
              ...options(TIERS),
            ]}
          />
          <TextInput
            label={t('Pay for an answer ($)')}
            description={asked.from === 'campaign' ? t("Empty: as the campaign's.") : t('Empty: by tier and type.')}
            {...usdInput(false)}
            value={asked.priceUsd}
            onChange={(event) => set({ priceUsd: event.currentTarget.value })}
          />
          <NumberField
            label={t('Gold answers (%)')}
            description={t('Empty: as usual, 5.')}
            min={0}
            max={100}
            value={asked.goldPercent}
            onChange={(goldPercent) => set({ goldPercent })}
          />
          <NumberField
            label={t("Platform's fee (%)")}
            min={0}
            max={1000}
            value={asked.feePercent}
            onChange={(feePercent) => set({ feePercent })}
          />
          <NumberField
            label={t('Annotators')}
            allowDecimal={false}
            min={1}
            max={1000}
            {...(ofCampaign ? { description: t('Empty: those who may work on it.') } : { required: true })}
            value={asked.annotators}
            onChange={(annotators) => set({ annotators })}
          />
          <TextInput
            label={t('At work, by hour (UTC)')}
            description={t('Such as 9-17:5,20-22:2. Empty: half of them, 9 to 17.')}
            placeholder="9-17:10"
            maxLength={500}
            value={asked.atWork}
            onChange={(event) => set({ atWork: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={t('Begins on')}
            description={t('Empty: tomorrow (UTC).')}
            value={asked.start}
            onChange={(event) => set({ start: event.currentTarget.value })}
          />
        </div>
        <div className="fields fields-apart">
          <Switch
            label={t('Also with a judge that answers first')}
            description={t('It gives one of the answers of each task.')}
            checked={asked.judges}
            onChange={(event) => set({ judges: event.currentTarget.checked })}
          />
          {asked.judges && (
            <>
              <NumberField
                label={t('Right answers of the judge (%)')}
                min={1}
                max={99}
                value={asked.judgePercent}
                onChange={(judgePercent) => set({ judgePercent })}
              />
              <TextInput
                label={t('An answer of the judge ($)')}
                {...usdInput(false)}
                value={asked.judgeUsd}
                onChange={(event) => set({ judgeUsd: event.currentTarget.value })}
              />
            </>
          )}
        </div>
      </section>
      <section className="card" aria-labelledby="wanted-title">
        <h2 id="wanted-title">{t('What is wanted')}</h2>
        <p className="dim">
          {t('With nothing here, the policy is recommended at which more money begins to buy little.')}
        </p>
        <div className="fields">
          <TextInput
            label={t('At most ($, optional)')}
            description={t('The most accurate policy within it.')}
            {...usdInput(false)}
            value={asked.budgetUsd}
            onChange={(event) => set({ budgetUsd: event.currentTarget.value })}
          />
          <NumberField
            label={t('Labels right, at least (%, optional)')}
            description={t('The cheapest policy that reaches it.')}
            min={0}
            max={100}
            value={asked.wantedPercent}
            onChange={(wantedPercent) => set({ wantedPercent })}
          />
        </div>
      </section>
    </>
  );
}
