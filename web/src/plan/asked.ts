import type { paths } from '../api/schema.gen';
import type { TaskType } from '../api/types';
import { t } from '../i18n/office';
import type { Tier } from '../new/settings';
import type { Source } from '../new/source';

export type PlanBody = paths['/v1/plan']['post']['requestBody']['content']['application/json'];
type Pilot = NonNullable<PlanBody['pilot']>;

/** Where a plan has its crowd from. */
export type CrowdFrom = 'assumed' | 'campaign' | 'files';

/** What stands in the fields of the page; null or '' where nothing does. */
export interface Asked {
  readonly tasks: number | null;
  readonly type: TaskType | '';
  readonly tier: Tier | '';
  readonly priceUsd: string;
  readonly goldPercent: number | null;
  readonly feePercent: number | null;
  readonly from: CrowdFrom;
  readonly campaignId: string;
  readonly rightPercent: number | null;
  readonly choices: number | null;
  readonly skillSd: number | null;
  readonly easeSd: number | null;
  readonly unsure: number | null;
  readonly seconds: number | null;
  readonly annotators: number | null;
  readonly atWork: string;
  /** A day, as 2026-12-01. */
  readonly start: string;
  readonly judges: boolean;
  readonly judgePercent: number | null;
  readonly judgeUsd: string;
  readonly budgetUsd: string;
  readonly wantedPercent: number | null;
}

/** What the page begins with: the server's own defaults, but where an empty field says them. */
export const START: Asked = {
  ...{ tasks: 1000, type: '', tier: '', priceUsd: '', goldPercent: null, feePercent: 0 },
  ...{ from: 'assumed', campaignId: '', rightPercent: 80, choices: 2, skillSd: 0.6, easeSd: 0.8, unsure: 0.2 },
  ...{ seconds: null, annotators: 20, atWork: '', start: '' },
  ...{ judges: false, judgePercent: 85, judgeUsd: '0.005', budgetUsd: '', wantedPercent: null },
};

/** What the page has where the crowd is known otherwise: a campaign knows its own tasks and who may work on it. */
export function knownBy(from: CrowdFrom, campaignId = ''): Partial<Asked> {
  const { tasks, annotators } = START;
  return from === 'campaign' ? { from, campaignId, tasks: null, annotators: null } : { from, tasks, annotators };
}

/** The request for what was asked, with the pilot of two files where the crowd is from these. */
export function bodyOf(asked: Asked, pilot: Pilot | undefined): PlanBody {
  const { from } = asked;
  return {
    ...given('tasks', asked.tasks),
    ...given('type', asked.type),
    ...given('tier', asked.tier),
    ...given('priceUsd', asked.priceUsd.trim()),
    ...given('goldRatio', share(asked.goldPercent)),
    ...given('feeRatio', share(asked.feePercent)),
    ...(from === 'campaign' ? { campaignId: asked.campaignId } : {}),
    ...(from === 'files' && pilot ? { pilot } : {}),
    ...(from === 'assumed'
      ? {
          ...given('accuracy', share(asked.rightPercent)),
          ...given('choices', asked.choices),
          ...given('skillSd', asked.skillSd),
          ...given('easeSd', asked.easeSd),
          ...given('unsure', asked.unsure),
        }
      : {}),
    ...given('seconds', asked.seconds),
    ...given('annotators', asked.annotators),
    ...given('atWork', asked.atWork.trim()),
    ...(asked.start === '' ? {} : { startAt: `${asked.start}T00:00:00Z` }),
    ...(asked.judges && asked.judgePercent !== null
      ? { judge: { accuracy: asked.judgePercent / 100, ...given('priceUsd', asked.judgeUsd.trim()) } }
      : {}),
    ...given('budgetUsd', asked.budgetUsd.trim()),
    ...given('targetAccuracy', share(asked.wantedPercent)),
  };
}

const share = (percent: number | null) => (percent === null ? null : percent / 100);

/** The member, where there is a value. */
function given<Name extends string, Value>(name: Name, value: Value | null | ''): { [N in Name]?: Value } {
  return (value === null || value === '' ? {} : { [name]: value }) as { [N in Name]?: Value };
}

/** The names that columns may have, as the command line knows them. */
const COLUMNS = {
  task: ['task', 'item'],
  worker: ['worker'],
  label: ['label', 'winner'],
} as const;

/** Of each row the columns that are wanted, as text; or what is missing. */
export function rowsOf<Name extends keyof typeof COLUMNS>(
  { columns, rows, faults }: Source,
  wanted: readonly Name[],
): { [N in Name]: string }[] | { readonly fault: string } {
  const [fault] = faults;
  if (fault) return { fault: t('Line {line}: {reason}', { line: fault.line, reason: fault.reason }) };
  const found = wanted.map((name) => {
    const names: readonly string[] = COLUMNS[name];
    return { name, column: columns.find((column) => names.includes(column.trim())) };
  });
  const missing = found.find(({ column }) => column === undefined);
  if (missing) return { fault: t('It has no column {value}.', { value: COLUMNS[missing.name].join(' / ') }) };
  if (rows.length === 0) return { fault: t('It has no rows.') };
  return rows.map(
    (row) =>
      Object.fromEntries(found.map(({ name, column = '' }) => [name, String(row[column] ?? '').trim()])) as {
        [N in Name]: string;
      },
  );
}
