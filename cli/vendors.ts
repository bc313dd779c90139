import type { Check } from '../runtime/doctor.ts';
import { RuntimeProblem } from '../runtime/problem.ts';
import { VendorError } from '../vendors/errors.ts';
import { loadVendors } from '../vendors/registry.ts';

type Env = Parameters<typeof loadVendors>[0];
type JudgeCache = NonNullable<Parameters<typeof loadVendors>[1]>;

/** Of judges that are asked nothing. */
const noCache: JudgeCache = {
  get: async () => undefined,
  charge: async () => false,
  giveBack: async () => undefined,
  put: async ({ said, costMicros, answeredBy, paidBy }) => ({ said, costMicros, answeredBy, paidBy }),
};

/** The vendors (and, with a cache, judges) that there are credentials for. Throws `invalid_config` where a setting is wrong. */
export async function vendorsOf(env: Env, judgeCache?: JudgeCache): ReturnType<typeof loadVendors> {
  try {
    return await loadVendors(env, judgeCache);
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const fix = 'docs/vendors.md and docs/judges.md name the settings.';
    throw new RuntimeProblem('invalid_config', error.message, fix, error);
  }
}

/** For `doctor`: which vendors are set up, or what is wrong with their settings. */
export async function checkVendors(env: Env): Promise<Check> {
  const name = 'Vendors';
  try {
    const names = [...(await vendorsOf(env, noCache)).keys()];
    return { name, status: 'ok', detail: names.length === 0 ? 'none set up' : names.join(', ') };
  } catch (error) {
    if (!(error instanceof RuntimeProblem)) throw error;
    const { message, fix } = error;
    return { name, status: 'missing', detail: message.slice(0, -fix.length).trim(), fix };
  }
}
