import { logChoose } from '../../gamma.ts';

/** What two annotators' answers say for their being one voice: ln of how much more probable these are then. */
export interface PairEvidence {
  readonly a: number;
  readonly b: number;
  readonly evidence: number;
}

/** Pairs to start from that are tried, and members without a gain after which a ring grows no more. */
const [STARTS, IDLE] = [200, 3];

/**
 * Groups of annotators who are one voice, each annotator in one at most. Of m annotators among n there are C(n, m)
 * groups, so a group is a ring where the evidence of all its pairs exceeds ln C(n, m) by `certain`: two need much of it, and of
 * eight each pair hardly any, which is what gives away a ring whose members share a dozen tasks with each other. Rings
 * grow from the pair of most evidence, each time by whoever adds most. The result is by annotator the ring's number, or
 * -1. `annotators` is their number, `compared` (n) that of those who were compared with others.
 */
export function findRings(
  pairs: readonly PairEvidence[],
  {
    annotators,
    compared,
    certain,
  }: { readonly annotators: number; readonly compared: number; readonly certain: number },
): Int32Array {
  const ringOf = new Int32Array(annotators).fill(-1);
  const links = Array.from({ length: annotators }, () => new Map<number, number>());
  for (const { a, b, evidence } of pairs) {
    links[a]?.set(b, evidence);
    links[b]?.set(a, evidence);
  }
  const starts = pairs.filter(({ evidence }) => evidence > 0).sort((x, y) => y.evidence - x.evidence);
  let rings = 0;
  let tried = 0;
  for (const { a, b } of starts) {
    if (tried === STARTS) break;
    if (ringOf[a] !== -1 || ringOf[b] !== -1) continue;
    tried += 1;
    const { members, excess } = grown([a, b], { links, compared, isFree: (w) => ringOf[w] === -1 });
    if (excess < certain) continue;
    for (const w of members) ringOf[w] = rings;
    rings += 1;
  }
  return ringOf;
}

interface Among {
  readonly links: readonly ReadonlyMap<number, number>[];
  readonly compared: number;
  readonly isFree: (w: number) => boolean;
}

/** The best of the groups on the way of adding whoever adds most, and its evidence beyond the number of such groups. */
function grown(start: readonly [number, number], { links, compared, isFree }: Among) {
  const members: number[] = [];
  /** What each who might be added would add. */
  const gains = new Map<number, number>();
  let evidence = 0;
  const add = (w: number) => {
    evidence += gains.get(w) ?? 0;
    gains.delete(w);
    members.push(w);
    for (const [other, more] of links[w] ?? []) {
      const gain = gains.get(other);
      if (gain !== undefined) gains.set(other, gain + more);
      else if (more > 0 && isFree(other) && !members.includes(other)) {
        gains.set(
          other,
          members.reduce((sum, member) => sum + (links[member]?.get(other) ?? 0), 0),
        );
      }
    }
  };
  for (const w of start) add(w);
  let best = { size: members.length, excess: evidence - logChoose(compared, members.length) };
  while (members.length - best.size < IDLE) {
    const [next, gain] = [...gains].reduce((x, y) => (y[1] > x[1] ? y : x), [-1, 0]);
    if (gain <= 0) break;
    add(next);
    const excess = evidence - logChoose(compared, members.length);
    if (excess > best.excess) best = { size: members.length, excess };
  }
  return { members: members.slice(0, best.size), excess: best.excess };
}
