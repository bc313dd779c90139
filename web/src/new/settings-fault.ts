import { serverNow } from '../api/clock';
import type { TaskType } from '../api/types';
import { fieldsOf, listOf, numberOf, textOf, textsOf } from '../forms/read';
import { type Text, t } from '../i18n/office';
import {
  asksAgain,
  asksMore,
  type Body,
  furtherOf,
  hasChoices,
  keepsHedge,
  type Settings,
  stepsLacking,
} from './settings';

const MOST_USD = 1e12;
const MOST_SCORE = 1_000_000;
const MOST_LABELS = 500;
const MOST_CHARACTERS = 100_000;
const MOST_NAME = 200;
const MOST_HOURS = 366 * 24;
const MOST_STEPS = 10;
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
// What PostgreSQL cannot keep: NUL, and halves of a pair of surrogates.
const UNSTORABLE = /\0|\p{Surrogate}/u;

type Config = Readonly<Record<string, unknown>>;

/** What is wrong with an amount, in words that follow its name; undefined where nothing is. */
export function usdFault(text: string): string | undefined {
  if (!/^\d{1,13}(\.\d{1,6})?$/.test(text.trim())) return t('must be dollars with at most 6 decimals, such as 12.34');
  return Number(text) > MOST_USD ? t('is more than anybody has') : undefined;
}

/** What must be mended before the campaign can be made, in words: whatever the server would refuse and the page can know. */
export function settingsFault(settings: Settings, old: Body = {}, nowMs = serverNow()): string | undefined {
  const { name, type, config, language, workforces, redundancy } = settings;
  if (name.trim() === '') return t('Give the campaign a name.');
  if (name.trim().length > 200) return t('The name has more than 200 characters.');
  return (
    configFault(type, config) ??
    numbersFault(settings) ??
    moneyFault(settings) ??
    (language.trim() === '' || /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language.trim())
      ? undefined
      : t('The language must be a tag such as en or pt-BR.')) ??
    workforcesFault(workforces, redundancy ?? 1) ??
    ladderFault(settings, old) ??
    moreFault(settings, nowMs)
  );
}

/** The number fields with their names and limits; those that are null are not asked for, and may be empty. */
function numbersFault(settings: Settings): string | undefined {
  const { redundancyPolicy, minConfidence, dailyLimit, maxPerGroup } = settings;
  const adaptive = redundancyPolicy === 'adaptive';
  const asked: readonly (readonly [name: string, value: number | null, least: number, most: number] | null)[] = [
    [adaptive ? t('the least answers a task') : t('the answers a task'), settings.redundancy, 1, 25],
    asksMore(settings) ? [t('the most answers a task'), settings.maxRedundancy, 1, 25] : null,
    minConfidence === null ? null : [t('the confidence wanted'), minConfidence, 0, 100],
    [t('the share of gold answers'), settings.goldPercent, 0, 100],
    dailyLimit === null ? null : [t('the most answers a person a day'), dailyLimit, 1, 100_000],
    maxPerGroup === null ? null : [t('the most items of one group'), maxPerGroup, 1, 10_000],
    settings.rejectionDays === null ? null : [t('the days that a rejection waits'), settings.rejectionDays, 1, 30],
    [t('the time for a task'), settings.leaseMinutes, 0.01, MOST_HOURS * 60],
    [t('the hours after which a step is taken'), settings.windowHours, 0.01, MOST_HOURS],
    asksAgain(settings) ? [t('the most answers of a contested task'), settings.relabelMost, 2, 25] : null,
    settings.pauses ? [t('the agreement to pause below'), settings.pauseBelow, -1, 1] : null,
  ];
  for (const [name, value, least, most] of asked.filter((each) => each !== null)) {
    const fault = numberFault(name, value, least, most);
    if (fault !== undefined) return fault;
  }
  return asksAgain(settings) && (settings.relabelMost ?? 0) <= (settings.redundancy ?? 0)
    ? t('Let a contested task get more answers than any other.')
    : undefined;
}

/** What is wrong with stop rules and all that is under "More". */
function moreFault(settings: Settings, nowMs: number): string | undefined {
  const { stopTasks, stopPlateauRounds, stopDeadline, further } = settings;
  const choosing = hasChoices(settings);
  const asked: readonly (readonly [name: string, value: number | null, least: number, most: number])[] = [
    [t('the tasks after which it stops'), stopTasks, 1, Number.MAX_SAFE_INTEGER],
    [t('the accuracy at which it stops'), settings.stopAccuracyPercent, 0, 100],
    [t('the rounds that gain nothing'), stopPlateauRounds, 1, 15],
    [t('the points a dollar'), settings.stopPointsPerUsd, 0, 1_000_000],
    [t('the most tasks chosen at once'), settings.batchSize, 1, 1000],
    [t('the most tasks a person holds'), settings.maxLeases, 1, 50],
    [t('the early gold answers'), settings.goldFloor, 0, 100],
    [t('the share that is shown again'), settings.repeatPercent, 0.01, 50],
    ...(choosing && settings.evaluationPercent !== 0
      ? ([[t('the share that is set aside'), settings.evaluationPercent, 1, 50]] as const)
      : []),
    ...(choosing ? ([[t('how often the model is right'), settings.autoLabelPercent, 50, 99.9]] as const) : []),
  ];
  for (const [name, value, least, most] of asked) {
    const fault = value === null ? undefined : numberFault(name, value, least, most);
    if (fault !== undefined) return fault;
  }
  const gain = settings.stopPlateauPoints;
  const gainFault = stopPlateauRounds === null ? undefined : numberFault(t('the points of a gain'), gain, 0, 100);
  if (gainFault !== undefined) return gainFault;
  const whole = [stopTasks, stopPlateauRounds, settings.batchSize, settings.maxLeases, settings.goldFloor];
  if (whole.some((value) => value !== null && !Number.isInteger(value)))
    return t('Tasks, rounds and answers are whole.');
  if (choosing && settings.autoLabelPercent !== null && settings.evaluationPercent === 0) {
    return t('A model that labels is audited on what is set aside: set something aside.');
  }
  if (stopDeadline !== '' && Number.isNaN(Date.parse(stopDeadline))) return t('The time at which it stops is none.');
  if (Date.parse(stopDeadline) <= nowMs) return t('The time at which it stops is past.');
  const more = furtherOf(further);
  return typeof more === 'object' && more !== null && !Array.isArray(more)
    ? undefined
    : t('The further settings must be a JSON object, such as {"seed": "mine"}.');
}

function numberFault(name: string, value: number | null, least: number, most: number): string | undefined {
  if (value === null) return t('Fill in {name}.', { name });
  const fits = value >= least && value <= most;
  return fits
    ? undefined
    : t('Let {name} be {least} to {most}.', {
        name,
        least: least.toLocaleString('en-US'),
        most: most.toLocaleString('en-US'),
      });
}

function moneyFault({ budgetUsd, priceUsd, hourlyUsd }: Settings): string | undefined {
  if (!(Number(budgetUsd) > 0)) return t('Set a budget in dollars.');
  const amounts = [
    [t('budget'), budgetUsd],
    [t('pay for an answer'), priceUsd],
    [t('pay for a focused hour'), hourlyUsd],
  ] as const;
  for (const [what, text] of amounts) {
    const fault = text.trim() === '' ? undefined : usdFault(text);
    if (fault !== undefined) return t('The {what} {fault}.', { what, fault });
  }
  if (hourlyUsd.trim() !== '' && Number(hourlyUsd) === 0) return t('The pay for a focused hour must be more than 0.');
  return undefined;
}

function workforcesFault(workforces: readonly string[], redundancy: number): string | undefined {
  if (workforces.length === 0) return t('Name a workforce: who is asked.');
  if (workforces.length > 10) return t('There are more than 10 workforces.');
  if (workforces.some((each) => each.length > 100)) return t('A workforce has a name of more than 100 characters.');
  if (!workforces.includes('llm')) return undefined;
  if (workforces.every((each) => each === 'llm'))
    return t('A judge does not decide alone: name another workforce beside llm.');
  return redundancy >= 2 ? undefined : t('A judge does not decide alone: ask for 2 answers a task, or more.');
}

function ladderFault(settings: Settings, old: Body): string | undefined {
  const further = fieldsOf(furtherOf(settings.further));
  // A ladder of its own, and asking others beside a vendor, are for the server to judge.
  const hedges = 'hedge' in further || keepsHedge(settings, old);
  if ('escalation' in further || hedges || stepsLacking(settings, old) <= 0) return undefined;
  return t('Some workforces are never asked: add a step that goes to the next workforce.');
}

/** What is wrong with the settings of the task type, in words. */
export function configFault(type: TaskType, config: Config): string | undefined {
  const labels = textsOf(config.labels);
  switch (type) {
    case 'classification':
      return labels.length < 2 ? t('Name at least two labels.') : namesFault('label', labels, MOST_LABELS);
    case 'span':
      return labels.length < 1 ? t('Name at least one label.') : namesFault('label', labels, MOST_LABELS);
    case 'likert':
      return scaleFault(config, 50);
    case 'pairwise':
      return strengthFault(config) ?? namesFault('criterion', textsOf(config.criteria), 50);
    case 'preference_ranking':
      return namesFault('criterion', textsOf(config.criteria), 50);
    case 'free_text':
      return lengthsFault(config);
    case 'dialog':
      return dialogFault(config);
  }
}

function namesFault(
  of: Extract<Text, 'label' | 'criterion' | 'role' | 'choice'>,
  names: readonly string[],
  most: number,
): string | undefined {
  const what = t(of);
  if (names.length > most)
    return t('There are {length} names for a {what}; at most {most} are allowed.', {
      length: names.length,
      what,
      most,
    });
  const seen = new Set<string>();
  for (const name of names) {
    const shown = name.length > 30 ? `${name.slice(0, 30)}…` : name;
    if (name.trim() === '') return t('Name every {what}, or remove it.', { what });
    if (name.trim() !== name) return t('The {what} {shown} has spaces around it.', { what, shown });
    if (name.length > MOST_NAME)
      return t('The {what} {shown} has more than {value} characters.', { what, shown, value: MOST_NAME });
    if (RESERVED.has(name)) return t('The {what} {shown} is a reserved word; choose another name.', { what, shown });
    if (UNSTORABLE.test(name)) return t('The {what} {shown} has a character that cannot be stored.', { what, shown });
    const same = name.normalize('NFC');
    if (seen.has(same)) return t('The {what} {shown} is there twice.', { what, shown });
    seen.add(same);
  }
  return undefined;
}

function strengthFault({ strength }: Config): string | undefined {
  if (strength === undefined) return undefined;
  return numberFault(t('the steps of "how much better"'), numberOf(fieldsOf(strength).max, 0), 2, MOST_STEPS);
}

function scaleFault(scale: Config, mostCriteria: number): string | undefined {
  const { min, max } = scale;
  if (typeof min !== 'number' || typeof max !== 'number') return t('Fill in the lowest and the highest score.');
  if (Math.abs(min) > MOST_SCORE || Math.abs(max) > MOST_SCORE) return t('A score is at most a million.');
  if (max <= min) return t('The highest score must be more than the lowest.');
  const names = listOf(scale.criteria).map((each) => textOf(fieldsOf(each).name) ?? '');
  if (names.length === 0) return t('Name a criterion.');
  return namesFault('criterion', names, mostCriteria);
}

function lengthsFault(config: Config): string | undefined {
  const [least, most] = [numberOf(config.minLength, 1), numberOf(config.maxLength, 10_000)];
  if (least > most) return t('The least characters are more than the most.');
  if (most > MOST_CHARACTERS) return t('An answer has at most 100,000 characters.');
  const pattern = textOf(config.pattern) ?? '';
  if (pattern !== '' && pattern.trim() === '') return t('The pattern is empty.');
  if (pattern.length > 1000) return t('The pattern has more than 1,000 characters.');
  return (textOf(config.patternHint) ?? '').length > 500
    ? t('The pattern in words has more than 500 characters.')
    : undefined;
}

function dialogFault(config: Config): string | undefined {
  const roles = textsOf(config.roles ?? ['assistant']);
  if (roles.length === 0) return t('Name whose turns are judged.');
  const fault = namesFault('role', roles, 20);
  if (fault !== undefined) return fault;
  const asked = [config.turn, config.overall].filter((each) => each !== undefined);
  if (asked.length === 0) return t('Ask something of each turn, or of the whole dialog.');
  for (const question of asked.map((each) => fieldsOf(each))) {
    const choices = textsOf(question.choices);
    if ('choices' in question && choices.length < 2) return t('Name at least two choices.');
    const wrong = 'choices' in question ? namesFault('choice', choices, 50) : scaleFault(question, 10);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
