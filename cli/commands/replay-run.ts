import { type AdaptivePolicy, adaptivePolicy, type RedundancyPolicy } from '../../domain/redundancy/policy.ts';
import { replay } from '../../domain/redundancy/replay.ts';
import { facts, print, printJson, usageError } from '../output.ts';
import { createProgress } from '../progress.ts';
import { nameOf, readBytes } from './files.ts';
import { stopwatch } from './offline.ts';
import type { ReplayFlags } from './offline-flags.ts';
import { answersOf, counts, goldFor, shownCounts, tellOfLabelsAlike, thousands } from './offline-input.ts';

/** Reads the answers, asks them again, and prints what that came to. */
export async function runReplay(flags: ReplayFlags): Promise<void> {
  const seconds = stopwatch();
  const policy = policyOf(flags);
  const answers = await answersOf(await readBytes(flags.in), flags);
  const { labels: gold, strange } = await goldFor(answers, flags.gold, flags);
  const known = answers.units.reduce((sum, name) => sum + (gold.has(name) ? 1 : 0), 0);
  if (known === 0) throw usageError(`${nameOf(flags.gold)}: none of its tasks has an answer in ${nameOf(flags.in)}.`);
  const alike = tellOfLabelsAlike(answers, flags);
  const progress = createProgress('replay', flags.seeds, (done) => `${done.toFixed(1)} runs`);
  const onProgress = (done: number) => progress.at(done);
  const replayed = replay(answers, gold, policy, flags.seeds, { onProgress });
  progress.end();
  const { accuracy, answersPerTask, answersUsed, seeds, endedByBudget } = replayed;
  const name = policy.kind === 'fixed' ? `fixed:${policy.n}` : 'adaptive';
  if (flags.json) {
    const settings = policy.kind === 'adaptive' && { ...settingsOf(policy), endedByBudget };
    const goldUnknown = gold.size - known;
    const asked = { ...settings, ...counts(answers), ...alike, goldTasks: known, goldUnknown, ...strange };
    printJson({ policy: name, accuracy, answersPerTask, answersUsed, seeds, ...asked, seconds: seconds() });
    return;
  }
  const adaptive =
    policy.kind === 'adaptive' &&
    `${policy.min} to ${policy.max} answers, on average at most ${policy.average}, target ${policy.target}, ${policy.atHand} at hand`;
  const ended =
    endedByBudget > 0
      ? `the budget (--average), before the target, in ${endedByBudget} of ${seeds} seeds`
      : 'the target or the most answers there are';
  print(
    facts([
      ['policy', adaptive ? `${name}: ${adaptive}` : name],
      ['accuracy', `${accuracy.toFixed(4)} of ${thousands(known)} gold tasks`],
      ['answers a task', answersPerTask.toFixed(3)],
      ['answers used', thousands(answersUsed)],
      ['ended by', adaptive ? ended : undefined],
      ['seeds', seeds],
      ...shownCounts(answers),
      ['seconds', seconds()],
    ]),
  );
}

/** Members of the JSON document. */
function settingsOf({ min, max, target, average, atHand }: AdaptivePolicy) {
  return { min, max, target, average, atHand };
}

function policyOf({ policy, ...flags }: ReplayFlags): RedundancyPolicy {
  const { min, max, target, average, atHand } = flags;
  if (policy.kind === 'fixed') {
    if ([min, max, target, average, atHand].some((flag) => flag !== undefined)) {
      throw usageError('--min, --max, --target, --average and --at-hand belong to --policy adaptive.');
    }
    return policy;
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw usageError(`--min ${min} is more than --max ${max}.`);
  }
  return adaptivePolicy({
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(target !== undefined && { target }),
    ...(average !== undefined && { average }),
    ...(atHand !== undefined && { atHand }),
  });
}
