import { formatUsd } from '../money.ts';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../tasks/task-type.ts';
import { isVendor, type VendorName } from './names.ts';

type Types = Readonly<Record<TaskTypeName, true | string>>;

const all = (but: Partial<Types> = {}): Types => {
  return { ...(Object.fromEntries(TASK_TYPE_NAMES.map((type) => [type, true])) as Record<TaskTypeName, true>), ...but };
};

/** Which types of task can be sent to each vendor; else why not. */
export const VENDOR_TYPES: Readonly<Record<VendorName, Types>> = {
  http_vendor: all(),
  scale_ai: all(),
  surge_ai: all(),
  prolific: all({ span: 'its forms cannot mark places of a text.' }),
  mturk: all(),
  labelbox: all(),
  llm: all(),
};

/** What a vendor's account must have, which nobody can see from here. */
export const VENDOR_NEEDS: Readonly<Partial<Record<VendorName, string>>> = {
  prolific:
    'Prolific shows tasks with its AI Task Builder alone: ask it whether your workspace has that, as every order is refused without it.',
};

/** What of a campaign its vendors must be able to do. */
export interface VendorWork {
  readonly workforces: readonly string[];
  readonly type: TaskTypeName;
  readonly config?: unknown;
  readonly name: string;
  readonly instructions: string;
  /** Of an answer, fees included: the campaign's, and those that vendors have of their own. */
  readonly priceMicros: string;
  readonly vendors?: Readonly<Partial<Record<VendorName, { readonly priceMicros?: string | undefined }>>> | undefined;
}

/** Why a campaign's tasks cannot go to its workforces, and the setting that says so; undefined when they can. */
export function vendorFault(work: VendorWork): { readonly message: string; readonly field: string } | undefined {
  const { workforces, type } = work;
  for (const vendor of workforces.filter(isVendor)) {
    const can = VENDOR_TYPES[vendor][type];
    if (can !== true) {
      return { message: `workforces: ${vendor} cannot do tasks of type ${type}: ${can}`, field: 'workforces' };
    }
    const fault = configFault(vendor, work);
    if (fault !== undefined) {
      return { message: `workforces: ${vendor} cannot do this campaign: ${fault}`, field: 'workforces' };
    }
    const least = LEAST_MICROS[vendor];
    const own = work.vendors?.[vendor]?.priceMicros;
    const micros = BigInt(own ?? work.priceMicros);
    if (least !== undefined && micros < least) {
      const message = `priceUsd: $${formatUsd(micros)} leaves a worker of ${vendor} less than a cent, which is the least it pays; say at least $${formatUsd(least)} for an answer, fees included.`;
      return { message, field: own === undefined ? 'priceUsd' : 'vendors' };
    }
  }
  return undefined;
}

/** What an answer must cost at least where rewards are in whole cents. Prolific's fee, which comes on top, is known to its worker. */
const LEAST_MICROS: Readonly<Partial<Record<VendorName, bigint>>> = { mturk: 20_000n, prolific: 10_000n };

/** Why a campaign would let a judge decide alone; undefined when it would not. A judge gives one answer to each task. */
export function judgeAlone(workforces: readonly string[], redundancy: number): string | undefined {
  if (!workforces.includes('llm')) return undefined;
  if (workforces.every((workforce) => workforce === 'llm')) {
    return 'workforces: a judge does not decide alone; name another workforce beside llm.';
  }
  return redundancy >= 2 ? undefined : 'workforces: a judge does not decide alone; set redundancy to 2 or more.';
}

/** How many vendors of a ladder have somebody after them who can be asked beside them. Judges have a way of their own. */
export function hedgesOf(workforces: readonly string[]): number {
  return workforces.slice(0, -1).filter((workforce) => isVendor(workforce) && workforce !== 'llm').length;
}

/**
 * Why nobody could be asked beside a vendor; undefined when a workforce comes after one and there is money for it. Judges
 * have a way of their own.
 */
export function hedgeFault(
  workforces: readonly string[],
  { budgetMicros = '0' }: { readonly budgetMicros?: string | undefined },
): string | undefined {
  if (hedgesOf(workforces) === 0) {
    return 'hedge: there is nobody to ask beside a vendor; name a vendor and another workforce after it in workforces.';
  }
  if (BigInt(budgetMicros) > 0n) return undefined;
  return 'hedge: asking the same again elsewhere costs money; say in hedge.budgetUsd how much of the budget it may draw.';
}

function configFault(vendor: VendorName, { type, config, name, instructions }: VendorWork): string | undefined {
  const { allowOverlap } = (config ?? {}) as { allowOverlap?: boolean };
  if (type === 'span' && allowOverlap && NO_OVERLAP.has(vendor)) {
    return 'its marks cannot overlap; set config.allowOverlap to false.';
  }
  if (vendor === 'labelbox' && type === 'span' && projectText(name, instructions).length > MAX_PROJECT_TEXT) {
    return `where a text is marked it shows name and instructions in ${MAX_PROJECT_TEXT} characters together; shorten the instructions.`;
  }
  if (vendor === 'mturk' && new TextEncoder().encode(instructions).length > MAX_QUESTION_BYTES) {
    return `a task with its instructions may have ${MAX_QUESTION_BYTES} bytes there; shorten the instructions.`;
  }
  return undefined;
}

/** What Labelbox shows of a campaign beside its tasks, and how long that may be. */
export const projectText = (name: string, instructions: string): string => `${name}\n\n${instructions}`;
export const MAX_PROJECT_TEXT = 2000;

/** The most that a task of MTurk may have, with all that is shown. */
export const MAX_QUESTION_BYTES = 65_535;

const NO_OVERLAP: ReadonlySet<VendorName> = new Set(['mturk']);
