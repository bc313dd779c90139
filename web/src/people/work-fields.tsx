import { NativeSelect, TextInput } from '@mantine/core';
import { t } from '../i18n/office';
import { TIERS, type Tier } from '../new/settings';
import { nameInput } from '../ui/name-field';
import { options } from '../ui/options';

/** What somebody is asked, as it is typed. */
export interface Work {
  readonly tier: Tier;
  readonly workforce: string;
  readonly languages: string;
  readonly specializations: string;
}

export const USUAL: Work = { tier: 'crowd', workforce: 'internal', languages: '', specializations: '' };

const split = (text: string, by: RegExp) =>
  text
    .split(by)
    .map((each) => each.trim())
    .filter((each) => each !== '');

const TAG = '[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*';
/** Such as the field for languages lets through. */
export const LANGUAGES = String.raw`[\s,،]*(?:${TAG}(?:[\s,،]+${TAG})*[\s,،]*)?`;

/** As the server takes it. */
export const workOf = ({ tier, workforce, languages, specializations }: Work) => ({
  tier,
  workforce: workforce.trim(),
  languages: split(languages, /[\s,،]/),
  specializations: split(specializations, /[,،]/),
});

/** What of it was changed, alone: a list that nobody touched stays as it is, whatever commas its entries have. */
export function changedWork(from: Work, to: Work): Partial<ReturnType<typeof workOf>> {
  const changed = Object.entries(workOf(to)).filter(([name]) => from[name as keyof Work] !== to[name as keyof Work]);
  return Object.fromEntries(changed);
}

interface WorkFieldsProps {
  readonly work: Work;
  readonly onWork: (work: Work) => void;
}

/** Asks what somebody is to be asked. */
export function WorkFields({ work, onWork }: WorkFieldsProps) {
  return (
    <div className="fields">
      <NativeSelect
        label={t('Tier')}
        data={options(TIERS)}
        value={work.tier}
        onChange={(event) => onWork({ ...work, tier: event.currentTarget.value as Tier })}
      />
      <TextInput
        label={t('Workforce')}
        description={t('As campaigns name it; internal unless you have several.')}
        {...nameInput(100)}
        value={work.workforce}
        onChange={(event) => onWork({ ...work, workforce: event.currentTarget.value })}
      />
      <TextInput
        label={t('Languages')}
        description={t('Tags such as en or pt-BR, with commas between them.')}
        pattern={LANGUAGES}
        title={t('Tags such as en or pt-BR, with commas between them.')}
        value={work.languages}
        onChange={(event) => onWork({ ...work, languages: event.currentTarget.value })}
      />
      <TextInput
        label={t('Specializations')}
        description={t('As your items name their domain, with commas between them.')}
        dir="auto"
        value={work.specializations}
        onChange={(event) => onWork({ ...work, specializations: event.currentTarget.value })}
      />
    </div>
  );
}
