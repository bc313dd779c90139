import { codePointsOf } from './code-points.ts';
import { patternProgram, type Step } from './pattern-program.ts';

/** A compiled pattern: it matches a text as a whole or not at all, in steps x code points at most. */
export interface Pattern {
  readonly steps: number;
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
  return { steps: steps.length, matches: (text) => follow(steps, codePointsOf(text)) };
}

function follow(steps: readonly Step[], points: Uint32Array): boolean {
  const end = steps.length;
  // A step was reached at this code point if its mark says so; no step is followed twice.
  const marks = new Int32Array(end + 1).fill(-1);
  const known = new Map<RegExp, Map<number, boolean>>();
  const passes = (test: RegExp, point: number): boolean => {
    const answers = known.get(test) ?? new Map<number, boolean>();
    known.set(test, answers);
    const answer = answers.get(point) ?? test.test(String.fromCodePoint(point));
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
