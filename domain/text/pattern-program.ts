import { type CharTest, charTest } from './char-test.ts';

/** The parts of a regular expression that can be followed without ever going back. */
type Part =
  | { readonly kind: 'test'; readonly test: CharTest }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' }
  | { readonly kind: 'all'; readonly parts: readonly Part[] }
  | { readonly kind: 'either'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly min: number; readonly max: number };

/** A step of a compiled pattern: `test` reads one code point; `split` goes on at both places; edges hold there only. */
export type Step =
  | { readonly op: 'test'; readonly test: CharTest }
  | { readonly op: 'split'; readonly to: readonly [number, number] }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'start' }
  | { readonly op: 'end' };

/** Counted repetitions are written out, so that a short pattern can be long. */
const MAX_STEPS = 2000;
const MAX_REPEAT = 1000;
const MAX_DEPTH = 50;

/** A pattern that cannot be used; the message is the end of a sentence about it. */
export class PatternFault extends Error {}

/**
 * Translates a regular expression into steps: characters, classes, groups, alternatives, repetitions, ^ and $, all as
 * in JavaScript with the flag u. What can take a backtracking search (references back, looking around, word boundaries)
 * is refused with a `PatternFault`, as is anything that is no regular expression.
 */
export function patternProgram(source: string): Step[] {
  const steps: (Step | undefined)[] = [];
  let work = 0;
  const push = (step?: Step) => {
    if (steps.length >= MAX_STEPS) throw new PatternFault(`comes to more than ${MAX_STEPS} steps; shorten it`);
    return steps.push(step) - 1;
  };
  const emit = (part: Part): void => {
    if (++work > 10 * MAX_STEPS) throw new PatternFault('repeats too much; shorten it');
    switch (part.kind) {
      case 'test':
        push({ op: 'test', test: part.test });
        return;
      case 'edge':
        push({ op: part.edge });
        return;
      case 'all':
        for (const each of part.parts) emit(each);
        return;
      case 'either': {
        const ends: number[] = [];
        const last = part.parts.at(-1);
        for (const branch of part.parts.slice(0, -1)) {
          const split = push();
          emit(branch);
          ends.push(push());
          steps[split] = { op: 'split', to: [split + 1, steps.length] };
        }
        if (last) emit(last);
        for (const end of ends) steps[end] = { op: 'jump', to: steps.length };
        return;
      }
      case 'repeat': {
        const { min, max } = part;
        for (let i = 0; i < min; i++) emit(part.part);
        const open: number[] = [];
        for (let i = min; i < Math.min(max, min + MAX_REPEAT); i++) {
          open.push(push());
          emit(part.part);
          if (max < Number.POSITIVE_INFINITY) continue;
          push({ op: 'jump', to: open[0] ?? 0 });
          break;
        }
        for (const split of open) steps[split] = { op: 'split', to: [split + 1, steps.length] };
      }
    }
  };
  emit(parse(source));
  return steps.filter((step) => step !== undefined);
}

function parse(source: string): Part {
  let at = 0;
  const tests = new Map<string, CharTest>();
  const rest = () => source.slice(at);
  const fail = (what: string): never => {
    throw new PatternFault(`${what} at position ${at}`);
  };

  function either(depth: number): Part {
    if (depth > MAX_DEPTH) fail(`has groups more than ${MAX_DEPTH} levels deep`);
    const parts = [all(depth)];
    while (source[at] === '|') {
      at++;
      parts.push(all(depth));
    }
    return { kind: 'either', parts };
  }

  function all(depth: number): Part {
    const parts: Part[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(one(depth)));
    return { kind: 'all', parts };
  }

  function one(depth: number): Part {
    const next = source[at];
    if (next === '^' || next === '$') {
      at++;
      return { kind: 'edge', edge: next === '^' ? 'start' : 'end' };
    }
    if (next !== '(') return { kind: 'test', test: character() };
    if (source[at + 1] === '?' && source[at + 2] !== ':') fail('looks around or names a group, which is not allowed,');
    at += source[at + 1] === '?' ? 3 : 1;
    const inner = either(depth + 1);
    if (source[at] !== ')') fail('has a parenthesis that is not closed');
    at++;
    return inner;
  }

  function repeated(part: Part): Part {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(rest());
    if (!found) return part;
    const [text, least = '', comma, most = ''] = found;
    at += text.length;
    const sign = text[0];
    const min = sign === '{' ? Number(least) : sign === '+' ? 1 : 0;
    const open = sign === '*' || sign === '+' || (comma === ',' && most === '');
    const max = open ? Number.POSITIVE_INFINITY : sign === '?' ? 1 : most === '' ? min : Number(most);
    if (max < min) fail('repeats from more to fewer');
    if (min > MAX_REPEAT || (!open && max > MAX_REPEAT)) fail(`repeats more than ${MAX_REPEAT} times`);
    if (/^[*+?{]/.test(rest())) fail('repeats a repetition');
    return { kind: 'repeat', part, min, max };
  }

  /** One character, escape or class, tested by an expression of its own that can only ever look at one code point. */
  function character(): CharTest {
    if (/^\\(?:[bBk]|[1-9])/.test(rest())) fail('refers back or looks for a word boundary, which is not allowed,');
    const found =
      /^(?:\\u\{[^}]*\}|\\[pP]\{[^}]*\}|\\u[\dA-Fa-f]{4}|\\x[\dA-Fa-f]{2}|\\c[A-Za-z]|\\.|\[(?:\\.|[^\]\\])*\]|[^\\[])/su.exec(
        rest(),
      );
    const text = found?.[0] ?? '';
    if (text === '') fail(rest().startsWith('[') ? 'has a class that is not closed' : 'ends in a lone backslash');
    try {
      const test = tests.get(text) ?? charTest(text);
      tests.set(text, test);
      at += text.length;
      return test;
    } catch {
      return fail(`is no regular expression: ${text} cannot stand`);
    }
  }

  const whole = either(0);
  if (at < source.length) fail('has a closing parenthesis too many');
  return whole;
}
