import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { predictPool } from '../../activities/predictions.ts';
import type { Db } from '../../db/client.ts';
import { answersByItem } from '../../db/queries/exports.ts';
import { checkInvariants } from '../../db/queries/invariants.ts';
import { newestAnswers } from '../../db/queries/progress.ts';
import { campaignCounts } from '../../db/queries/tallies.ts';
import { expectedCorrect, majority } from '../../domain/aggregation/majority.ts';
import { taskAgreement } from '../../domain/agreement/task-agreement.ts';
import { formatUsd } from '../../domain/money.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { CrowdStats } from './crowd.ts';
import { type DemoPlan, type Planned, plannedLines, plannedOf } from './planned.ts';
import type { DemoItem, Preset } from './presets.ts';
import type { AnnotatorView, CampaignView } from './views.ts';

/** The report of a demo, as `out/demo/report.json` has it. Accuracies are shares; null where nothing can be measured. */
export interface Report {
  readonly preset: string;
  readonly simulatedCrowd: true;
  readonly labelAccuracy: number | null;
  /** Plain majority over the same answers, ties shared. */
  readonly majorityAccuracy: number | null;
  /** The model's accuracy on the items that nobody labeled. */
  readonly modelAccuracy: number | null;
  readonly modelItems: number;
  readonly tasks: number;
  readonly annotations: number;
  readonly goldAnnotations: number;
  readonly spentMicros: number;
  readonly capMicros: number;
  /** What was planned before anything ran, beside what came of it; null where nothing was decided. */
  readonly planned: Planned | null;
  readonly suspendedAnnotators: { name: string; reason: string }[];
  readonly alpha: number | null;
  readonly timeouts: number;
  readonly invariants: Record<string, boolean>;
  readonly stopReason: string | null;
  readonly files: string[];
  readonly seconds: number;
}

/** A label as the truth names it: the class, or for pairs the choice. */
export const choiceOf = (label: unknown): string =>
  typeof label === 'object' && label !== null && 'choice' in label ? String(label.choice) : String(label);

/** Compares what the campaign exported with the truth it never saw. */
export async function makeReport(facts: {
  preset: Preset;
  db: Db;
  campaignId: string;
  items: readonly DemoItem[];
  files: readonly string[];
  campaign: CampaignView;
  annotators: readonly AnnotatorView[];
  crowd: CrowdStats;
  seconds: number;
  plan: DemoPlan;
}): Promise<Report> {
  const { campaign, db, campaignId } = facts;
  const truth = new Map(facts.items.map((item) => [item.key, item.truth]));
  let decided = 0;
  let right = 0;
  let majorityRight = 0;
  for await (const rows of answersByItem(db, campaignId, 500)) {
    for (const { key, label, answers } of rows) {
      const known = truth.get(key);
      if (known === undefined) continue;
      decided += 1;
      if (choiceOf(label) === known) right += 1;
      majorityRight += expectedCorrect(majority(answers.map(choiceOf)), known);
    }
  }
  let predicted = 0;
  let predictedRight = 0;
  for await (const { key, label } of predictPool(db, campaignId)) {
    const known = truth.get(key);
    // A model of pairs cannot say tie or both bad, so it is measured where the truth is strict.
    if (known === undefined || (facts.preset.taskType === 'pairwise' && known !== 'a' && known !== 'b')) continue;
    predicted += 1;
    if (label === known) predictedRight += 1;
  }
  // Straight from the database: the API's counts may be a second old, its agreement five.
  const counts = await campaignCounts(db, campaignId);
  const answers = await newestAnswers(db, campaignId, 100_000);
  const { type, config } = facts.preset.campaign;
  const { alpha } = taskAgreement(getTaskType(type), config, answers);
  const invariants = await checkInvariants(db, campaignId);
  const ids = [...facts.crowd.acknowledged];
  const [stored] = await db<{ n: number }[]>`select count(*)::int as n from annotations where id = any(${ids}::uuid[])`;
  return {
    preset: facts.preset.name,
    simulatedCrowd: true,
    labelAccuracy: decided > 0 ? right / decided : null,
    majorityAccuracy: decided > 0 ? majorityRight / decided : null,
    modelAccuracy:
      predicted > 0
        ? predictedRight / predicted
        : (campaign.rounds.findLast((round) => round.heldOut !== null)?.heldOut?.accuracy ?? null),
    modelItems: predicted,
    tasks: decided,
    annotations: counts.annotations,
    goldAnnotations: counts.goldAnnotations,
    spentMicros: campaign.budget.spentMicros,
    capMicros: campaign.budget.capMicros,
    planned:
      decided > 0
        ? plannedOf(facts.plan, {
            ...{ tasks: decided, accuracy: right / decided },
            ...{ spentMicros: campaign.budget.spentMicros, capMicros: campaign.budget.capMicros },
          })
        : null,
    suspendedAnnotators: facts.annotators
      .filter((annotator) => annotator.standing === 'suspended')
      .map(({ name, standingReason }) => ({ name, reason: standingReason ?? '' })),
    alpha: alpha ?? null,
    timeouts: counts.expiredLeases + counts.windowsElapsed,
    invariants: { ...invariants, acknowledged_answers_stored: stored?.n === ids.length },
    stopReason: campaign.stopReason,
    files: [...facts.files],
    seconds: Math.round(facts.seconds * 10) / 10,
  };
}

/** Writes the report next to the labels. */
export function writeReport(folder: string, report: object): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

/** The report for a person. */
export function reportLines(report: Report): string[] {
  const percent = (value: number | null) => (value === null ? 'not measurable' : `${(100 * value).toFixed(1)}%`);
  const usd = (micros: number) => `$${formatUsd(BigInt(micros))}`;
  const failed = Object.entries(report.invariants).filter(([, holds]) => !holds);
  const model =
    report.modelItems > 0 ? `on the ${report.modelItems} items nobody labeled` : 'on items it never learnt from';
  return [
    'The crowd was simulated: these answers come from a program, not from people.',
    '',
    `Labels right        ${percent(report.labelAccuracy)} of ${report.tasks} decided tasks (plain majority: ${percent(report.majorityAccuracy)})`,
    `Model right         ${percent(report.modelAccuracy)} ${model}`,
    `Answers             ${report.annotations}, and ${report.goldAnnotations} on gold tasks`,
    `Spent               ${usd(report.spentMicros)} of ${usd(report.capMicros)}`,
    ...(report.planned === null ? [] : plannedLines(report.planned, report)),
    `Agreement           alpha ${report.alpha === null ? 'not measurable' : report.alpha.toFixed(3)}`,
    `Time-outs survived  ${report.timeouts}`,
    `Stopped because     ${report.stopReason ?? 'still running'}`,
    `Annotators stopped  ${report.suspendedAnnotators.length === 0 ? 'none' : ''}`,
    ...report.suspendedAnnotators.map(({ name, reason }) => `  ${name}: ${reason}`),
    `Invariants          ${failed.length === 0 ? `all ${Object.keys(report.invariants).length} hold` : `BROKEN: ${failed.map(([name]) => name).join(', ')}`}`,
    `Seconds             ${report.seconds}`,
  ];
}
