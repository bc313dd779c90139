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

/** Why tasks of this type and config cannot go to these workforces; undefined when they can. */
export function vendorFault(workforces: readonly string[], type: TaskTypeName, config: unknown): string | undefined {
  for (const vendor of workforces.filter(isVendor)) {
    const can = VENDOR_TYPES[vendor][type];
    if (can !== true) return `workforces: ${vendor} cannot do tasks of type ${type}: ${can}`;
    const fault = configFault(vendor, type, config);
    if (fault !== undefined) return `workforces: ${vendor} cannot do this campaign: ${fault}`;
  }
  return undefined;
}

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

function configFault(vendor: VendorName, type: TaskTypeName, config: unknown): string | undefined {
  const { allowOverlap } = config as { allowOverlap?: boolean };
  if (type === 'span' && allowOverlap && NO_OVERLAP.has(vendor)) {
    return 'its marks cannot overlap; set config.allowOverlap to false.';
  }
  return undefined;
}

const NO_OVERLAP: ReadonlySet<VendorName> = new Set(['mturk']);
