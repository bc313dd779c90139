import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { type Text, t } from '../i18n/office';
import { NumberField } from '../ui/number-field';
import { inWords } from '../ui/options';
import { hasChoices, type Settings } from './settings';

interface MoreFieldsProps {
  readonly settings: Settings;
  readonly set: (change: Partial<Settings>) => void;
  /** Of a campaign that has started there are only the fields that can still be changed. */
  readonly started?: boolean;
}

export const MODE_WORDS: Readonly<Record<Settings['mode'], Text>> = {
  streaming: 'as old ones end',
  rounds: 'once the whole batch has ended',
};

/** When it stops by itself, how work is chosen and given out, and whatever else a campaign can be told. */
export function MoreFields({ settings, set, started = false }: MoreFieldsProps) {
  return (
    <section className="card" aria-labelledby="more-title">
      <h2 id="more-title">{t('More')}</h2>
      <details open={started}>
        <summary>{t('When it stops by itself')}</summary>
        <p className="dim">{t('It ends in any case when no item or no money is left. Empty: no such rule.')}</p>
        <StopFields settings={settings} set={set} />
      </details>
      {started ? (
        <div className="fields fields-apart">
          <RepeatField settings={settings} set={set} />
          <CalibrationSwitch settings={settings} set={set} />
        </div>
      ) : (
        <>
          <details>
            <summary>{t('How tasks are chosen and given out')}</summary>
            <WorkFields settings={settings} set={set} />
          </details>
          <details>
            <summary>{t('Anything else')}</summary>
            <Textarea
              label={t('Further settings, as the API has them (JSON)')}
              description={t(
                'Whatever POST /v1/campaigns takes and this page has no field for, such as {"seed": "mine"}.',
              )}
              autosize
              minRows={2}
              maxRows={12}
              value={settings.further}
              onChange={(event) => set({ further: event.currentTarget.value })}
            />
          </details>
        </>
      )}
    </section>
  );
}

function StopFields({ settings, set }: MoreFieldsProps) {
  return (
    <div className="fields">
      <NumberField
        label={t('After so many tasks')}
        allowDecimal={false}
        min={1}
        value={settings.stopTasks}
        onChange={(stopTasks) => set({ stopTasks })}
      />
      <NumberField
        label={t('When the model is right (%)')}
        description={t('The lower end of its 95% interval.')}
        min={0}
        max={100}
        value={settings.stopAccuracyPercent}
        onChange={(stopAccuracyPercent) => set({ stopAccuracyPercent })}
      />
      <NumberField
        label={t('When so many rounds more gain nothing')}
        allowDecimal={false}
        min={1}
        max={15}
        value={settings.stopPlateauRounds}
        onChange={(stopPlateauRounds) => set({ stopPlateauRounds })}
      />
      {settings.stopPlateauRounds !== null && (
        <NumberField
          label={t('Nothing is less than (points)')}
          min={0}
          max={100}
          value={settings.stopPlateauPoints}
          onChange={(stopPlateauPoints) => set({ stopPlateauPoints })}
        />
      )}
      <NumberField
        label={t('When a dollar brings fewer points than')}
        min={0}
        max={1_000_000}
        value={settings.stopPointsPerUsd}
        onChange={(stopPointsPerUsd) => set({ stopPointsPerUsd })}
      />
      <TextInput
        label={t('At this time (yours)')}
        type="datetime-local"
        value={settings.stopDeadline}
        onChange={(event) => set({ stopDeadline: event.currentTarget.value })}
      />
    </div>
  );
}

function WorkFields({ settings, set }: MoreFieldsProps) {
  return (
    <div className="fields">
      <NativeSelect
        label={t('New tasks come')}
        value={settings.mode}
        onChange={(event) => set({ mode: event.currentTarget.value as Settings['mode'] })}
        data={inWords(MODE_WORDS)}
      />
      <NumberField
        label={t('Most tasks chosen at once')}
        description={t('By default 100.')}
        allowDecimal={false}
        min={1}
        max={1000}
        value={settings.batchSize}
        onChange={(batchSize) => set({ batchSize })}
      />
      <NumberField
        label={t('Most tasks a person holds at once')}
        description={t('By default 5.')}
        allowDecimal={false}
        min={1}
        max={50}
        value={settings.maxLeases}
        onChange={(maxLeases) => set({ maxLeases })}
      />
      <NumberField
        label={t('Gold answers every newcomer gives early')}
        description={t('By default 10.')}
        allowDecimal={false}
        min={0}
        max={100}
        value={settings.goldFloor}
        onChange={(goldFloor) => set({ goldFloor })}
      />
      <RepeatField settings={settings} set={set} />
      {hasChoices(settings) && (
        <>
          <NumberField
            label={t('Set aside to measure the model (%)')}
            description={t('By default 10; 0: none.')}
            min={0}
            max={50}
            value={settings.evaluationPercent}
            onChange={(evaluationPercent) => set({ evaluationPercent })}
          />
          <NumberField
            label={t('Let the model label where it is right (%)')}
            description={t('As audits by people show; empty: never.')}
            min={50}
            max={99.9}
            value={settings.autoLabelPercent}
            onChange={(autoLabelPercent) => set({ autoLabelPercent })}
          />
        </>
      )}
      <CalibrationSwitch settings={settings} set={set} />
      <Switch
        label={t('Honest answers that come late are paid')}
        checked={settings.paysLate}
        onChange={(event) => set({ paysLate: event.currentTarget.checked })}
      />
    </div>
  );
}

function RepeatField({ settings, set }: MoreFieldsProps) {
  return (
    <NumberField
      label={t('Shown again to the same person (%)')}
      description={t('Paid repeats, some days later; empty: none.')}
      min={0}
      max={50}
      value={settings.repeatPercent}
      onChange={(repeatPercent) => set({ repeatPercent })}
    />
  );
}

function CalibrationSwitch({ settings, set }: MoreFieldsProps) {
  return (
    <Switch
      label={t('A calibration session comes first')}
      description={t('Nobody gets tasks before they have passed one; it needs gold.')}
      checked={settings.calibrates}
      onChange={(event) => set({ calibrates: event.currentTarget.checked })}
    />
  );
}
