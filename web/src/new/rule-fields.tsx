import { Button, CloseButton, NativeSelect, Switch, TextInput } from '@mantine/core';
import { type Text, t } from '../i18n/office';
import { NumberField } from '../ui/number-field';
import { inWords, options } from '../ui/options';
import { LinesField } from './lines-field';
import {
  asksMore,
  hasChoices,
  RAISE_PAY_BY,
  type Settings,
  STEPS,
  type Step,
  type Strategy,
  TIERS,
  type Tier,
  VENDORS,
} from './settings';

interface RuleFieldsProps {
  readonly settings: Settings;
  readonly set: (change: Partial<Settings>) => void;
  /** Of a campaign that has started there are only the fields that can still be changed. */
  readonly started?: boolean;
}

export const STRATEGY_WORDS: Readonly<Record<Strategy, Text>> = {
  combined: 'combined (default)',
  uncertainty: 'what the model is least sure of (margin)',
  entropy: 'what the model is least sure of (entropy)',
  least_confidence: 'what the model is least sure of (least confidence)',
  diversity: 'as different as possible (k-center)',
  'kmeans++': 'different, drawn by distance (k-means++)',
  expected_change: 'what would change the model most',
  badge: 'what would teach the model most (BADGE)',
  random: 'at random',
};
export const stepWords = (step: Step, by: number): string =>
  step === 'raise_pay' ? t('raise the pay by {value}%', { value: Number((100 * by).toFixed(2)) }) : t(STEP_WORDS[step]);
const STEP_WORDS: Readonly<Record<Exclude<Step, 'raise_pay'>, Text>> = {
  raise_priority: 'offer it earlier',
  widen_tier: 'let the next lower tier answer',
  next_workforce: 'go to the next workforce',
  adjudicate: 'ask an expert to rule',
  give_up: 'give up: unresolved',
};

export const POLICY_WORDS: Readonly<Record<Settings['redundancyPolicy'], Text>> = {
  fixed: 'the same for every task',
  adaptive: 'as many as it takes',
};
export const DISAGREEMENT_WORDS: Readonly<Record<Settings['onDisagreement'], Text>> = {
  extend: 'ask more of them',
  adjudicate: 'an expert rules',
  accept: 'accept the vote',
};
export const CONTESTED_WORDS: Readonly<Record<Settings['whenContested'], Text>> = {
  accept: 'accept the vote',
  adjudicate: 'an expert rules',
  unresolved: 'leave it unresolved',
};

/** How many answers, by whom, and what happens when they disagree or do not come. */
export function RuleFields({ settings, set, started = false }: RuleFieldsProps) {
  const number = (name: keyof Settings & ('redundancy' | 'maxRedundancy'), label: string) => (
    <NumberField
      label={label}
      allowDecimal={false}
      min={1}
      max={25}
      value={settings[name]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  const adaptive = settings.redundancyPolicy === 'adaptive';
  const mayExtend = asksMore(settings);
  const daily = (
    <NumberField
      label={t('Most answers a person a UTC day (optional)')}
      allowDecimal={false}
      min={1}
      max={100_000}
      value={settings.dailyLimit}
      onChange={(dailyLimit) => set({ dailyLimit })}
    />
  );
  const rejection = settings.workforces.some((each) => VENDORS.includes(each)) && (
    <NumberField
      label={t('A rejection of a vendor’s answer waits (days)')}
      description={t('In which it can be ruled to be paid. By default 7.')}
      min={1}
      max={30}
      value={settings.rejectionDays}
      onChange={(rejectionDays) => set({ rejectionDays })}
    />
  );
  return (
    <>
      <section className="card" aria-labelledby="answers-title">
        <h2 id="answers-title">{t('Answers a task')}</h2>
        <div className="fields">
          {!started && (
            <NativeSelect
              label={t('Redundancy')}
              value={settings.redundancyPolicy}
              onChange={(event) => {
                const policy = event.currentTarget.value as Settings['redundancyPolicy'];
                set({ redundancyPolicy: policy, redundancy: policy === 'adaptive' ? 2 : 3, minConfidence: null });
              }}
              data={inWords(POLICY_WORDS)}
            />
          )}
          {number('redundancy', adaptive ? t('At least') : t('Answers a task'))}
          {mayExtend && number('maxRedundancy', t('At most'))}
          <NumberField
            label={t('Confidence wanted (%)')}
            description={t('By default {adaptive}.', { adaptive: adaptive ? 95 : 60 })}
            min={0}
            max={100}
            value={settings.minConfidence}
            onChange={(minConfidence) => set({ minConfidence })}
          />
          {!started && !adaptive && (
            <NativeSelect
              label={t('When annotators disagree')}
              value={settings.onDisagreement}
              onChange={(event) => set({ onDisagreement: event.currentTarget.value as Settings['onDisagreement'] })}
              data={inWords(DISAGREEMENT_WORDS)}
            />
          )}
          {!started && mayExtend && (
            <NativeSelect
              label={t('When that does not help')}
              value={settings.whenContested}
              onChange={(event) => set({ whenContested: event.currentTarget.value as Settings['whenContested'] })}
              data={inWords(CONTESTED_WORDS)}
            />
          )}
        </div>
        {!started && hasChoices(settings) && <Relabel settings={settings} set={set} />}
        <AgreementWatch settings={settings} set={set} />
      </section>
      {started ? (
        <section className="card" aria-labelledby="who-title">
          <h2 id="who-title">{t('Who')}</h2>
          <div className="fields">
            {daily}
            {rejection}
          </div>
        </section>
      ) : (
        <section className="card" aria-labelledby="who-title">
          <h2 id="who-title">{t('Who, and in which order')}</h2>
          <div className="fields">
            <NativeSelect
              label={t('Least tier')}
              data={options(TIERS)}
              value={settings.tier}
              onChange={(event) => set({ tier: event.currentTarget.value as Tier })}
            />
            <NumberField
              label={t('Gold answers (%)')}
              description={t('Of what each annotator gets.')}
              min={0}
              max={100}
              value={settings.goldPercent}
              onChange={(goldPercent) => set({ goldPercent })}
            />
            <NativeSelect
              label={t('Which items come first')}
              value={settings.strategy}
              onChange={(event) => set({ strategy: event.currentTarget.value as Strategy })}
              data={inWords(STRATEGY_WORDS)}
            />
            <TextInput
              label={t('Language (optional)')}
              description={t('A tag such as en or pt-BR: only who lists it is asked.')}
              maxLength={40}
              value={settings.language}
              onChange={(event) => set({ language: event.currentTarget.value })}
            />
            {daily}
            <NumberField
              label={t('Most items of one group a person (optional)')}
              description={t('Groups are a column of your data.')}
              allowDecimal={false}
              min={1}
              max={10_000}
              value={settings.maxPerGroup}
              onChange={(maxPerGroup) => set({ maxPerGroup })}
            />
            <NumberField
              label={t('Time for a task (minutes)')}
              min={1}
              max={1440}
              value={settings.leaseMinutes}
              onChange={(leaseMinutes) => set({ leaseMinutes })}
            />
            {rejection}
          </div>
          <div className="fields-apart">
            <LinesField
              label={t('Workforces')}
              description={t('One a line, the first is asked first.')}
              lines={settings.workforces}
              onChange={(workforces) => set({ workforces })}
            />
          </div>
        </section>
      )}
      {!started && <Escalation settings={settings} set={set} />}
      <section className="card" aria-labelledby="money-title">
        <h2 id="money-title">{t('Money')}</h2>
        <div className="fields">
          <TextInput
            label={t('Budget ($)')}
            description={t('The cap: never more is spent.')}
            inputMode="decimal"
            required
            value={settings.budgetUsd}
            onChange={(event) => set({ budgetUsd: event.currentTarget.value })}
          />
          <TextInput
            label={t('Pay for an answer ($)')}
            description={t('Empty: by tier and usual time.')}
            inputMode="decimal"
            value={settings.priceUsd}
            onChange={(event) => set({ priceUsd: event.currentTarget.value })}
          />
          <TextInput
            label={t('Pay for a focused hour ($, optional)')}
            description={t('An answer then earns its time, up to the pay above.')}
            inputMode="decimal"
            value={settings.hourlyUsd}
            onChange={(event) => set({ hourlyUsd: event.currentTarget.value })}
          />
        </div>
      </section>
    </>
  );
}

/** Whether the next answer may go to a contested old item. */
function Relabel({ settings: { relabels, relabelMost }, set }: RuleFieldsProps) {
  return (
    <div className="fields fields-apart">
      <Switch
        label={t('Ask again where that is worth more than a new item')}
        description={t('Decided tasks that are in doubt get one more answer at a time, within the same budget.')}
        checked={relabels}
        onChange={(event) => set({ relabels: event.currentTarget.checked, relabelMost: relabelMost ?? 9 })}
      />
      {relabels && (
        <NumberField
          label={t('Answers a task at most')}
          allowDecimal={false}
          min={2}
          max={25}
          value={relabelMost}
          onChange={(next) => set({ relabelMost: next })}
        />
      )}
    </div>
  );
}

/** Low agreement says that the task is unclear; going on would pay for answers of no use. */
function AgreementWatch({ settings: { pauses, pauseBelow }, set }: RuleFieldsProps) {
  return (
    <div className="fields fields-apart">
      <Switch
        label={t('Pause by itself when annotators agree too little')}
        description={t('Looked at once 50 tasks have two answers or more. You are told why, and can resume.')}
        checked={pauses}
        onChange={(event) => set({ pauses: event.currentTarget.checked, pauseBelow: pauseBelow ?? 0.6 })}
      />
      {pauses && (
        <NumberField
          label={t('Pause below an agreement (α) of')}
          description={t('1 is perfect, 0 is chance; 0.6 is usual.')}
          min={-1}
          max={1}
          step={0.05}
          decimalScale={2}
          value={pauseBelow}
          onChange={(next) => set({ pauseBelow: next })}
        />
      )}
    </div>
  );
}

function Escalation({ settings: { escalation, windowHours }, set }: RuleFieldsProps) {
  return (
    <section className="card" aria-labelledby="late-title">
      <h2 id="late-title">{t('When answers do not come')}</h2>
      <div className="stack">
        <NumberField
          label={t('Each step after (hours)')}
          min={1}
          max={8760}
          value={windowHours}
          onChange={(next) => set({ windowHours: next })}
        />
        <div className="row-list">
          {escalation.map(({ step, by = RAISE_PAY_BY }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same step may be taken twice; its place tells them apart
            <div key={at}>
              <NativeSelect
                aria-label={t('Step {at}', { at: at + 1 })}
                value={step}
                data={STEPS.map((value) => ({ value, label: `${at + 1}. ${stepWords(value, by)}` }))}
                onChange={(event) => {
                  const next = event.currentTarget.value as Step;
                  set({ escalation: escalation.map((old, each) => (each === at ? { ...old, step: next } : old)) });
                }}
              />
              <CloseButton
                aria-label={t('Remove step {at}', { at: at + 1 })}
                disabled={escalation.length < 2}
                onClick={() => set({ escalation: escalation.filter((_, each) => each !== at) })}
              />
            </div>
          ))}
          <Button
            size="xs"
            variant="default"
            disabled={escalation.length >= 20}
            onClick={() => set({ escalation: [...escalation, { step: 'raise_priority' }] })}
          >
            {t('Add a step')}
          </Button>
        </div>
      </div>
    </section>
  );
}
