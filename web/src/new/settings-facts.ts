import { fieldsOf, textOf } from '../forms/read';
import { type Text, t } from '../i18n/office';
import { count, dateText, spanText, typeName, usd, words } from '../ui/text';
import { MODE_WORDS } from './more-fields';
import { CONTESTED_WORDS, DISAGREEMENT_WORDS, POLICY_WORDS, STRATEGY_WORDS, stepWords } from './rule-fields';
import { asksAgain, asksMore, hasChoices, RAISE_PAY_BY, type Settings } from './settings';

/** A setting as it is read: what it is called, and what it is. */
export interface SettingFact {
  readonly name: string;
  readonly value: string;
}

const CONFIG_WORDS: Readonly<Record<string, Text>> = {
  labels: 'Labels',
  multiple: 'Several labels may be chosen',
  allowOverlap: 'Spans may overlap',
  min: 'Lowest score',
  max: 'Highest score',
  criteria: 'Criteria',
  allowTie: 'Annotators may say "equally good"',
  allowBothBad: 'Annotators may say "both are bad"',
  strength: 'Steps of "how much better"',
  allowTies: 'Answers may share a rank',
  allowPartial: 'Answers may be left out',
  minLength: 'Least characters',
  maxLength: 'Most characters',
  pattern: 'Pattern',
  patternHint: 'The pattern in words',
  roles: 'Whose turns are judged',
  turn: 'Each of their turns',
  overall: 'The whole dialog',
};

/** All that cannot be changed once a campaign has started. */
export function fixedFacts(settings: Settings): SettingFact[] {
  const { redundancyPolicy, onDisagreement, whenContested, maxPerGroup, relabelMost, language } = settings;
  const adaptive = redundancyPolicy === 'adaptive';
  const learns = hasChoices(settings);
  return shown([
    [t('Task type'), typeName(settings.type)],
    ...Object.entries(settings.config).map(([name, value]) => {
      const text = CONFIG_WORDS[name];
      return [text === undefined ? words(name) : t(text), valueWords(value)] as const;
    }),
    [t('Redundancy'), t(POLICY_WORDS[redundancyPolicy])],
    adaptive ? null : [t('When annotators disagree'), t(DISAGREEMENT_WORDS[onDisagreement])],
    asksMore(settings) ? [t('When that does not help'), t(CONTESTED_WORDS[whenContested])] : null,
    asksAgain(settings) ? [t('Contested tasks are asked again, up to'), number(relabelMost)] : null,
    [t('Least tier'), words(settings.tier)],
    [t('Workforces'), settings.workforces.map(words).join(', ')],
    [t('Language'), language === '' ? t('any') : language],
    [t('Gold answers (%)'), number(settings.goldPercent)],
    [t('Gold answers every newcomer gives early'), number(settings.goldFloor)],
    [t('Most items of one group a person'), maxPerGroup === null ? t('no limit') : count(maxPerGroup)],
    [t('Time for a task'), span(settings.leaseMinutes, 60)],
    [t('Most tasks a person holds at once'), number(settings.maxLeases)],
    [t('Which items come first'), t(STRATEGY_WORDS[settings.strategy])],
    [t('New tasks come'), t(MODE_WORDS[settings.mode])],
    [t('Most tasks chosen at once'), number(settings.batchSize)],
    [
      t('When answers do not come'),
      t('after {span} each: {steps}', {
        span: span(settings.windowHours, 3600),
        steps: settings.escalation.map(({ step, by = RAISE_PAY_BY }) => stepWords(step, by)).join(' → '),
      }),
    ],
    learns ? [t('Set aside to measure the model (%)'), number(settings.evaluationPercent)] : null,
    learns ? [t('Let the model label where it is right (%)'), numberOr(settings.autoLabelPercent, t('never'))] : null,
    [t('Honest answers that come late are paid'), yesNo(settings.paysLate)],
  ]);
}

/** What can be changed of a campaign that has started. */
export function changeableFacts(settings: Settings): SettingFact[] {
  const { redundancy, maxRedundancy, priceUsd, hourlyUsd, stopDeadline } = settings;
  return shown([
    [t('Answers a task'), number(redundancy)],
    asksMore(settings) ? [t('At most'), number(maxRedundancy)] : null,
    [t('Confidence wanted (%)'), number(settings.minConfidence)],
    [t('Pause below an agreement (α) of'), settings.pauses ? number(settings.pauseBelow) : t('never')],
    [t('Most answers a person a UTC day'), numberOr(settings.dailyLimit, t('no limit'))],
    settings.rejectionDays === null
      ? null
      : [t('A rejection of a vendor’s answer waits (days)'), number(settings.rejectionDays)],
    [t('Budget ($)'), usd(Number(settings.budgetUsd))],
    [t('Pay for an answer'), priceUsd === '' ? t('by tier and usual time') : usd(Number(priceUsd), 4)],
    hourlyUsd === '' ? null : [t('Pay for a focused hour'), usd(Number(hourlyUsd))],
    [t('Shown again to the same person (%)'), numberOr(settings.repeatPercent, t('none'))],
    [t('A calibration session comes first'), yesNo(settings.calibrates)],
    settings.stopTasks === null ? null : [t('It stops after so many tasks'), count(settings.stopTasks)],
    settings.stopAccuracyPercent === null
      ? null
      : [t('It stops when the model is right (%)'), number(settings.stopAccuracyPercent)],
    settings.stopPlateauRounds === null
      ? null
      : [t('It stops when so many rounds more gain nothing'), number(settings.stopPlateauRounds)],
    settings.stopPointsPerUsd === null
      ? null
      : [t('It stops when a dollar brings fewer points than'), number(settings.stopPointsPerUsd)],
    stopDeadline === '' ? null : [t('It stops at'), dateText(stopDeadline)],
  ]);
}

const shown = (facts: readonly (readonly [name: string, value: string] | null)[]): SettingFact[] =>
  facts.filter((fact) => fact !== null).map(([name, value]) => ({ name, value }));

const yesNo = (value: boolean) => (value ? t('yes') : t('no'));
const numberOr = (value: number | null, otherwise: string) => (value === null ? otherwise : String(value));
const span = (value: number | null, unitS: number) => (value === null ? '–' : spanText(value * unitS, 0));
const number = (value: number | null) => numberOr(value, '–');

/** What a task type was told: names as they are, questions by what they ask for. */
function valueWords(value: unknown): string {
  if (typeof value === 'boolean') return yesNo(value);
  if (Array.isArray(value)) return value.map((each) => textOf(each) ?? textOf(fieldsOf(each).name) ?? '').join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  const { choices, criteria, max } = fieldsOf(value);
  return valueWords(choices ?? criteria ?? max ?? JSON.stringify(value));
}
