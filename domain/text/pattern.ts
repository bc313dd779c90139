import type { CharTest } from './char-test.ts';
import { codePointsOf } from './code-points.ts';
import { patternProgram, type Step } from './pattern-program.ts';

/** A compiled pattern: it matches a text as a whole or not at all. */
export interface Pattern {
  /** What each code point of a text may cost, in steps of some ten nanoseconds. */
  readonly cost: number;
  matches(text: string): boolean;
}

/**
 * Compiles a pattern that texts of any content can be matched against without the catastrophic backtracking of common
 * engines: all ways through the steps are followed side by side, one code point at a time. Throws `PatternFault`.
 *
 * K. Thompson, "Regular expression search algorithm" (CACM 11, 1968).
 */
export function compilePattern(source: string): Pattern {
  const steps = patternProgram(source);
  const slow = new Set(steps.flatMap((step) => (step.op === 'test' && isSlow(step.test) ? [step.test] : [])));
  return { cost: steps.length + SLOW_STEPS * slow.size, matches: (text) => follow(steps, codePointsOf(text)) };
}

/** Asking an expression about a code point, and remembering what it said. */
const SLOW_STEPS = 50;

const isSlow = ({ beyond }: CharTest) => typeof beyond === 'object';

function follow(steps: readonly Step[], points: Uint32Array): boolean {
  const end = steps.length;
  // A step was reached at this code point if its mark says so; no step is followed twice.
  const marks = new Int32Array(end + 1).fill(-1);
  const known = new Map<RegExp, Map<number, boolean>>();
  const passes = ({ ascii, beyond }: CharTest, point: number): boolean => {
    if (point < ascii.length) return ascii[point] === 1;
    if (typeof beyond !== 'object') return beyond === true || beyond === point;
    const answers = known.get(beyond) ?? new Map<number, boolean>();
    known.set(beyond, answers);
    const answer = answers.get(point) ?? beyond.test(String.fromCodePoint(point));
    answers.set(point, answer);
    return answer;
  };
  let current = [0];
  for (let at = 0; ; at++) {
    const next: number[] = [];
    const point = points[at];
    const waiting = current;
    let reached = false;
    while (waiting.length > 0) {
      const place = waiting.pop() ?? end;
      if (marks[place] === at) continue;
      marks[place] = at;
      const step = steps[place];
      if (step === undefined) reached = true;
      else if (step.op === 'split') waiting.push(step.to[0], step.to[1]);
      else if (step.op === 'jump') waiting.push(step.to);
      else if (step.op === 'test') {
        if (point !== undefined && passes(step.test, point)) next.push(place + 1);
      } else if (step.op === 'start' ? at === 0 : at === points.length) waiting.push(place + 1);
    }
    if (point === undefined) return reached;
    if (next.length === 0) return false;
    current = next;
  }
}
