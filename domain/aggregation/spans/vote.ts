import { isInsideWord, nearestWordEdge } from '../../text/words.ts';
import { byLabel, doubled, type Span, spanOrder, stretches } from './overlap.ts';

export interface SpanBallot {
  readonly spans: readonly Span[];
  readonly weight: number;
}

export interface VotedSpan extends Span {
  /** Weight behind the span as a share of all, each annotator counted by how well their own span coincides with it. */
  readonly share: number;
}

/** Shares of weight are summed as whole numbers of this size, so that the order of the sum is of no matter. */
const UNITS = 2 ** 40;

/** A stretch that on average coincides less than this with the spans behind it is nobody's, but an accident of overlap. */
const LEAST_COINCIDENCE = 0.5;

/** An edge is moved to a word's only if everybody's own edge is at most this many code points away from it. */
const NEAR = 2;

/**
 * Weighted vote on spans, for every label by itself, so that spans of different labels may overlap. Spans that more than
 * half of the weight gave alike stand. What else was marked is voted on by each code point and each joint between two,
 * a span nested in one of its own label as a second layer, and what more than half of the weight covers is joined to
 * spans. Where no majority has the very same edge, and it falls inside a word or on a blank while everybody's lies near
 * a word's edge, it is moved there; `text` has the code points and which belong to words. Sorted by start, end, label.
 */
export function spanVote(ballots: readonly SpanBallot[], text?: WordText): VotedSpan[] {
  const total = ballots.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return [];
  const votes = ballots.map(({ spans, weight }, voter) => {
    return { groups: byLabel(spans), units: Math.round((weight / total) * UNITS), voter };
  });
  const whole = unitsOf(votes);
  const found = new Map<string, VotedSpan>();
  for (const label of new Set(votes.flatMap(({ groups }) => [...groups.keys()]))) {
    const given = votes.flatMap(({ groups, units, voter }) =>
      (groups.get(label) ?? []).map(({ start, end }) => ({ start, end, units, voter })),
    );
    for (const { start, end, share } of voteOnLabel(given, whole, text)) {
      const key = `${start} ${end} ${label}`;
      if (!found.has(key)) found.set(key, { start, end, label, share });
    }
  }
  return [...found.values()].sort(spanOrder);
}

/** The code points of a text and which of them belong to words. */
interface WordText {
  readonly points: Uint32Array;
  readonly words: Uint8Array;
}

/** A voter's stretch of text. */
interface Marked {
  readonly start: number;
  readonly end: number;
  readonly units: number;
  readonly voter: number;
}

function voteOnLabel(given: readonly Marked[], whole: number, text: WordText | undefined) {
  const unitsBy = new Map<string, number>();
  const key = ({ start, end }: { start: number; end: number }) => `${start} ${end}`;
  for (const each of given) unitsBy.set(key(each), (unitsBy.get(key(each)) ?? 0) + each.units);
  // Rounding gives each voter's share an error of half a unit at most.
  const half = whole / 2 + given.length;
  const isAgreed = (each: Marked) => (unitsBy.get(key(each)) ?? 0) > half;
  const voted = [...new Map(given.filter(isAgreed).map((each) => [key(each), each])).values()].map(({ start, end }) => {
    return { start, end, share: coincidentUnits(backers(given, start, end)) / whole };
  });
  const rest = layers(given.filter((each) => !isAgreed(each)));
  for (const layer of rest) {
    for (const { start, end } of majorities(layer, half)) {
      const behind = backers(layer, start, end);
      const units = coincidentUnits(behind);
      // What is exactly so much counts, however the rounding of its voters' units falls.
      if (units < LEAST_COINCIDENCE * unitsOf(behind) - behind.length) continue;
      const edges = {
        start: text ? snapped(start, 'start', behind, text) : start,
        end: text ? snapped(end, 'end', behind, text) : end,
      };
      voted.push({ ...(edges.start < edges.end ? edges : { start, end }), share: units / whole });
    }
  }
  return voted;
}

const unitsOf = (those: readonly { readonly units: number }[]) => those.reduce((sum, { units }) => sum + units, 0);

/** In whole units, so that the order of the sum is of no matter. */
const coincidentUnits = (behind: readonly Backer[]) =>
  behind.reduce((sum, { units, coincidence }) => sum + Math.round(units * coincidence), 0);

/** What each voter covers at least once, at least twice and so on. */
function layers(given: readonly Marked[]): Marked[][] {
  const byVoter = new Map<number, Marked[]>();
  for (const each of given) byVoter.set(each.voter, [...(byVoter.get(each.voter) ?? []), each]);
  const found: Marked[][] = [];
  for (const own of byVoter.values()) {
    for (const { level, start, end } of stretches(own)) {
      const { units, voter } = own[0] as Marked;
      const layer = found[level - 1] ?? [];
      found[level - 1] = layer;
      layer.push({ start, end, units, voter });
    }
  }
  return found;
}

/** The stretches that more than half of the weight covers. */
function majorities(layer: readonly Marked[], half: number): { start: number; end: number }[] {
  const steps = layer
    .flatMap(({ start, end, units }) => [
      { at: doubled.from({ start }), units },
      { at: doubled.to({ end }), units: -units },
    ])
    .sort((a, b) => a.at - b.at);
  const found: { start: number; end: number }[] = [];
  let sum = 0;
  let from: number | undefined;
  for (let i = 0; i < steps.length; ) {
    const at = steps[i]?.at ?? 0;
    for (; steps[i]?.at === at; i++) sum += steps[i]?.units ?? 0;
    if (sum > half) from ??= at;
    else if (from !== undefined) {
      found.push({ start: from / 2, end: (at + 1) / 2 });
      from = undefined;
    }
  }
  return found;
}

interface Backer extends Marked {
  readonly coincidence: number;
}

/** Each voter's stretch that coincides best with the one from `start` to `end`: shared length over joint length. */
function backers(given: readonly Marked[], start: number, end: number): Backer[] {
  const best = new Map<number, Backer>();
  for (const each of given) {
    const shared = Math.min(end, each.end) - Math.max(start, each.start);
    if (shared <= 0) continue;
    const coincidence = shared / (Math.max(end, each.end) - Math.min(start, each.start));
    if (coincidence > (best.get(each.voter)?.coincidence ?? 0)) best.set(each.voter, { ...each, coincidence });
  }
  return [...best.values()];
}

function snapped(at: number, edge: 'start' | 'end', behind: readonly Backer[], { points, words }: WordText): number {
  if (2 * unitsOf(behind.filter((each) => each[edge] === at)) > unitsOf(behind)) return at;
  const character = points[edge === 'start' ? at : at - 1];
  const onBlank = character !== undefined && /\s/u.test(String.fromCodePoint(character));
  if (!onBlank && !isInsideWord(words, at)) return at;
  const target = nearestWordEdge(words, at, { edge, reach: NEAR });
  return target !== undefined && behind.every((each) => Math.abs(each[edge] - target) <= NEAR) ? target : at;
}
