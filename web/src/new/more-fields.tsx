import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { NumberField } from '../ui/number-field';
import { hasChoices, type Settings } from './settings';

interface MoreFieldsProps {
  readonly settings: Settings;
  readonly set: (change: Partial<Settings>) => void;
}

/** When it stops by itself, how work is chosen and given out, and whatever else a campaign can be told. */
export function MoreFields({ settings, set }: MoreFieldsProps) {
  return (
    <section className="card" aria-labelledby="more-title">
      <h2 id="more-title">More</h2>
      <details>
        <summary>When it stops by itself</summary>
        <p className="dim">It ends in any case when no item or no money is left. Empty: no such rule.</p>
        <StopFields settings={settings} set={set} />
      </details>
      <details>
        <summary>How tasks are chosen and given out</summary>
        <WorkFields settings={settings} set={set} />
      </details>
      <details>
        <summary>Anything else</summary>
        <Textarea
          label="Further settings, as the API has them (JSON)"
          description={'Whatever POST /v1/campaigns takes and this page has no field for, such as {"seed": "mine"}.'}
          autosize
          minRows={2}
          maxRows={12}
          value={settings.further}
          onChange={(event) => set({ further: event.currentTarget.value })}
        />
      </details>
    </section>
  );
}

function StopFields({ settings, set }: MoreFieldsProps) {
  return (
    <div className="fields">
      <NumberField
        label="After so many tasks"
        allowDecimal={false}
        min={1}
        value={settings.stopTasks}
        onChange={(stopTasks) => set({ stopTasks })}
      />
      <NumberField
        label="When the model is right (%)"
        description="The lower end of its 95% interval."
        min={0}
        max={100}
        value={settings.stopAccuracyPercent}
        onChange={(stopAccuracyPercent) => set({ stopAccuracyPercent })}
      />
      <NumberField
        label="When so many rounds gained nothing"
        allowDecimal={false}
        min={1}
        max={15}
        value={settings.stopPlateauRounds}
        onChange={(stopPlateauRounds) => set({ stopPlateauRounds })}
      />
      {settings.stopPlateauRounds !== null && (
        <NumberField
          label="Nothing is less than (points)"
          min={0}
          max={100}
          value={settings.stopPlateauPoints}
          onChange={(stopPlateauPoints) => set({ stopPlateauPoints })}
        />
      )}
      <NumberField
        label="When a dollar brings fewer points than"
        min={0}
        max={1_000_000}
        value={settings.stopPointsPerUsd}
        onChange={(stopPointsPerUsd) => set({ stopPointsPerUsd })}
      />
      <TextInput
        label="At this time"
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
        label="New tasks come"
        value={settings.mode}
        onChange={(event) => set({ mode: event.currentTarget.value as Settings['mode'] })}
        data={[
          { value: 'streaming', label: 'as old ones end' },
          { value: 'rounds', label: 'once the whole batch has ended' },
        ]}
      />
      <NumberField
        label="Most tasks chosen at once"
        description="By default 100."
        allowDecimal={false}
        min={1}
        max={1000}
        value={settings.batchSize}
        onChange={(batchSize) => set({ batchSize })}
      />
      <NumberField
        label="Most tasks a person holds at once"
        description="By default 5."
        allowDecimal={false}
        min={1}
        max={50}
        value={settings.maxLeases}
        onChange={(maxLeases) => set({ maxLeases })}
      />
      <NumberField
        label="Gold answers every newcomer gives early"
        description="By default 10."
        allowDecimal={false}
        min={0}
        max={100}
        value={settings.goldFloor}
        onChange={(goldFloor) => set({ goldFloor })}
      />
      <NumberField
        label="Shown again to the same person (%)"
        description="Paid repeats, some days later; empty: none."
        min={0}
        max={50}
        value={settings.repeatPercent}
        onChange={(repeatPercent) => set({ repeatPercent })}
      />
      {hasChoices(settings) && (
        <>
          <NumberField
            label="Set aside to measure the model (%)"
            description="By default 10; 0: none."
            min={0}
            max={50}
            value={settings.evaluationPercent}
            onChange={(evaluationPercent) => set({ evaluationPercent })}
          />
          <NumberField
            label="Let the model label where it is right (%)"
            description="As audits by people show; empty: never."
            min={50}
            max={99.9}
            value={settings.autoLabelPercent}
            onChange={(autoLabelPercent) => set({ autoLabelPercent })}
          />
        </>
      )}
      <Switch
        label="A calibration session comes first"
        description="Nobody gets tasks before they have passed one; it needs gold."
        checked={settings.calibrates}
        onChange={(event) => set({ calibrates: event.currentTarget.checked })}
      />
      <Switch
        label="Honest answers that come late are paid"
        checked={settings.paysLate}
        onChange={(event) => set({ paysLate: event.currentTarget.checked })}
      />
    </div>
  );
}
