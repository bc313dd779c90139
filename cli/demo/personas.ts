import { seededRng } from '../../domain/rng.ts';
import type { Tier } from '../../domain/tiers.ts';

export type PersonaKind = 'skilled' | 'slow' | 'biased' | 'walks_away' | 'spammer' | 'constant' | 'turns_bad';

/** A simulated annotator. What it does with an item is in `crowd-answer.ts`. */
export interface Persona {
  readonly name: string;
  readonly tier: Tier;
  readonly specializations: readonly string[];
  readonly kind: PersonaKind;
  /** Chance of the right answer on an item of usual difficulty that is truly spam. */
  readonly sensitivity: number;
  /** The same for every other class. */
  readonly specificity: number;
  /** The same for a comparison of two answers. */
  readonly pairAccuracy: number;
  /** Log-normal time for one e-mail; other task types take longer in proportion to their default time. */
  readonly seconds: { readonly median: number; readonly sigma: number };
  /** Chance of choosing the answer on the left without looking further. */
  readonly leftBias: number;
  /** Chance of choosing the longer answer without looking further. */
  readonly longerBias: number;
  /** Chance of leaving an assignment unanswered. */
  readonly walkAwayRate: number;
  /** For `turns_bad`: after this many answers the persona clicks at random. */
  readonly turnsBadAfter?: number;
}

interface Sketch extends Partial<Pick<Persona, 'leftBias' | 'longerBias' | 'walkAwayRate' | 'turnsBadAfter'>> {
  readonly name: string;
  readonly tier: Tier;
  readonly skill: number;
  readonly medianS: number;
  readonly kind?: PersonaKind;
  readonly knows?: readonly string[];
  /** Positive: calls things spam too readily, which raises sensitivity and lowers specificity by as much. */
  readonly lean?: number;
}

const SKETCHES: readonly Sketch[] = [
  { name: 'Amara Okafor', tier: 'domain_specialist', skill: 0.97, medianS: 16, knows: ['email', 'advice'] },
  { name: 'Elif Yaman', tier: 'domain_specialist', skill: 0.96, medianS: 19, knows: ['code', 'maths'] },
  { name: 'Bruno Castellani', tier: 'expert', skill: 0.95, medianS: 17, knows: ['languages', 'writing'] },
  { name: 'Chiyo Tanabe', tier: 'expert', skill: 0.94, medianS: 22, knows: ['languages', 'maths'] },
  { name: 'Daniyar Seitkali', tier: 'expert', skill: 0.93, medianS: 15, knows: ['code'] },
  { name: 'Farid Haddad', tier: 'trained', skill: 0.91, medianS: 14, knows: ['languages'], lean: -0.03 },
  { name: 'Greta Lindqvist', tier: 'trained', skill: 0.9, medianS: 18, knows: ['writing'] },
  { name: 'Hugo Peralta', tier: 'trained', skill: 0.88, medianS: 13, lean: 0.03 },
  { name: 'Ingrid Moen', tier: 'trained', skill: 0.87, medianS: 16, knows: ['email'] },
  { name: 'Jonas Wieland', tier: 'trained', skill: 0.86, medianS: 20, knows: ['general'] },
  { name: 'Keziah Mwangi', tier: 'trained', skill: 0.85, medianS: 12, lean: 0.02 },
  { name: 'Liam Brannigan', tier: 'crowd', skill: 0.83, medianS: 15 },
  { name: 'Mei Xuan', tier: 'crowd', skill: 0.81, medianS: 12, lean: -0.04 },
  { name: 'Nadia Petrova', tier: 'crowd', skill: 0.78, medianS: 14, lean: 0.04 },
  { name: 'Omar Siddiqui', tier: 'crowd', skill: 0.72, medianS: 11 },
  { name: 'Quentin Marchal', tier: 'trained', skill: 0.86, medianS: 13, kind: 'biased', lean: 0.11 },
  { name: 'Rosa Ibarra', tier: 'crowd', skill: 0.84, medianS: 14, kind: 'biased', leftBias: 0.3 },
  { name: 'Sven Aldahl', tier: 'crowd', skill: 0.84, medianS: 13, kind: 'biased', longerBias: 0.3 },
  { name: 'Tomas Vrba', tier: 'trained', skill: 0.92, medianS: 55, kind: 'slow', knows: ['email', 'general'] },
  { name: 'Uma Krishnan', tier: 'crowd', skill: 0.86, medianS: 15, kind: 'walks_away', walkAwayRate: 0.45 },
  { name: 'Viktor Dragan', tier: 'crowd', skill: 0.82, medianS: 17, kind: 'walks_away', walkAwayRate: 0.35 },
  { name: 'Wendell Price', tier: 'crowd', skill: 0.5, medianS: 2, kind: 'spammer' },
  { name: 'Xenia Kovac', tier: 'crowd', skill: 0.5, medianS: 6, kind: 'constant' },
  { name: 'Yusuf Demir', tier: 'crowd', skill: 0.9, medianS: 15, kind: 'turns_bad', turnsBadAfter: 40 },
];

/**
 * The demo's 24 annotators, reproducible by seed: skills from 0.72 to 0.97 in all tiers, different speeds and biases,
 * and the troublemakers every crowd has. The seed varies skills (by up to 0.01) and speeds (by up to 15%).
 */
export function createPersonas(seed: number | string): Persona[] {
  return SKETCHES.map((sketch) => {
    const rng = seededRng(`persona ${seed} ${sketch.name}`);
    const vary = () => (rng.next() - 0.5) * 0.02;
    const { name, tier, kind = 'skilled', knows = [], lean = 0 } = sketch;
    const quick = kind === 'spammer';
    return {
      name,
      tier,
      kind,
      specializations: knows,
      sensitivity: between(sketch.skill + lean + vary()),
      specificity: between(sketch.skill - lean + vary()),
      pairAccuracy: between(sketch.skill + vary()),
      seconds: {
        median: quick ? sketch.medianS : sketch.medianS * (0.85 + 0.3 * rng.next()),
        sigma: quick ? 0.1 : 0.3 + 0.1 * rng.next(),
      },
      leftBias: sketch.leftBias ?? 0,
      longerBias: sketch.longerBias ?? 0,
      walkAwayRate: sketch.walkAwayRate ?? 0,
      ...(sketch.turnsBadAfter === undefined ? {} : { turnsBadAfter: sketch.turnsBadAfter }),
    };
  });
}

const between = (chance: number) => Math.min(0.98, Math.max(0.5, chance));
