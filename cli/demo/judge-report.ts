import { wilsonInterval } from '../../domain/learning/evaluate.ts';
import { formatUsd } from '../../domain/money.ts';
import { percent } from '../output.ts';

/** One way to label the set: how many labels are right, of how many, and what it cost. */
export interface Way {
  readonly right: number;
  readonly tasks: number;
  readonly spentMicros: number;
}

interface Facts {
  readonly people: Way;
  readonly blended: Way;
  /** By judge. */
  readonly judges: Readonly<Record<string, Way>>;
  /** Tasks of the blended campaign that judges decided alone. */
  readonly decidedAlone: number;
  readonly standings: readonly {
    readonly judge: string;
    readonly trust: string;
    readonly agrees: { readonly same: number; readonly of: number };
    readonly correlation: number;
  }[];
  readonly invariants: Readonly<Record<string, boolean>>;
  readonly seconds: number;
}

/** The report of `demo judge`, as `out/demo-judge/report.json` has it. */
export interface JudgeReport extends Facts {
  readonly preset: 'judge';
  readonly simulatedCrowd: true;
  /** Share of the people-only spend that judges first saved. */
  readonly saved: number;
  /** Accuracy of judges first less that of people only. */
  readonly accuracyGained: number;
}

export function compared(facts: Facts): JudgeReport {
  const { people, blended } = facts;
  return {
    preset: 'judge',
    simulatedCrowd: true,
    ...facts,
    saved: people.spentMicros === 0 ? 0 : 1 - blended.spentMicros / people.spentMicros,
    accuracyGained: accuracyOf(blended) - accuracyOf(people),
  };
}

const accuracyOf = ({ right, tasks }: Way) => (tasks === 0 ? 0 : right / tasks);

function line(name: string, way: Way): string {
  const { low, high } = way.tasks === 0 ? { low: 0, high: 1 } : wilsonInterval(way.right, way.tasks);
  const cost = `$${formatUsd(BigInt(way.spentMicros))}`;
  const each = way.tasks === 0 ? '' : `, $${(way.spentMicros / way.tasks / 1e6).toFixed(4)} a label`;
  return `${name.padEnd(34)}${percent(accuracyOf(way))} right (${percent(low)} to ${percent(high)}) of ${way.tasks}, ${cost}${each}`;
}

/** The report for a person. */
export function judgeReportLines(report: JudgeReport): string[] {
  const { people, blended, judges, standings, decidedAlone, invariants } = report;
  const broken = Object.keys(invariants).filter((name) => !invariants[name]);
  return [
    'People and judges were simulated: programs, not people and not language models.',
    '',
    line('People only', people),
    ...Object.entries(judges).map(([judge, way]) => line(`Only ${judge}`, way)),
    line('Judges first, then people', blended),
    '',
    `Saved             ${percent(report.saved)} of what people only cost; accuracy ${report.accuracyGained >= 0 ? '+' : ''}${(100 * report.accuracyGained).toFixed(1)} points`,
    `Decided alone     ${decidedAlone} of ${blended.tasks} tasks`,
    ...standings.map(
      ({ judge, trust, agrees, correlation }) =>
        `Judge             ${judge}: ${trust}, agrees with ${agrees.same} of ${agrees.of} people, errs with the other one by ${correlation.toFixed(2)}`,
    ),
    `Invariants        ${broken.length === 0 ? `all ${Object.keys(invariants).length} hold` : `BROKEN: ${broken.join(', ')}`}`,
    `Seconds           ${report.seconds}`,
  ];
}
