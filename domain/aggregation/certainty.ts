import { normalWithin } from './normal.ts';
import { order } from './weighted-vote.ts';

/** What is known of an answer before it is compared with others; kept with decisions, as it changes with every fit. */
export interface Usual {
  /** What an answer weighs of which nothing is known. */
  readonly weight: number;
  /** How often such an answer is right. */
  readonly skill: number;
  /** Among how many labels, all equally likely, guesses would agree as often as by chance here; 2 where it is absent. */
  readonly labels?: number;
  /** By scale, the variance of answers to one item, in steps. */
  readonly variance?: Readonly<Record<string, number>>;
}

/** Before anything is learnt: nobody's gold record, and the skill that the crowd's model takes strangers for. */
export const STRANGERS: Usual = { weight: 0.5, skill: 0.8 };

/** An answer, and how many usual ones it says as much as. */
export interface Evidence<Label> {
  readonly label: Label;
  readonly evidence: number;
  readonly leniency?: Readonly<Record<string, number>> | undefined;
}

/** However good its record, one answer is worth no more usual ones than this. */
const MOST_EVIDENCE = 2;

/** The votes in the one order in which they are summed, each with what it is worth. */
export function evidenceOf<Label>(
  votes: readonly (Omit<Evidence<Label>, 'evidence'> & { readonly annotationId: string; readonly weight: number })[],
  usual: Usual,
): Evidence<Label>[] {
  return votes
    .toSorted((a, b) => order(a.annotationId, b.annotationId))
    .map(({ label, leniency, weight }) => {
      return { label, leniency, evidence: Math.min(MOST_EVIDENCE, weight / usual.weight) };
    });
}

/** The probability that what was decided is right, by how near the answers are to it and to each other. */
export function certaintyOf<Label>(
  answers: readonly Evidence<Label>[],
  decided: Label,
  near: (a: Label, b: Label) => number,
  usual: Usual,
): number {
  const { skill, labels } = usual;
  if (labels !== undefined) return certaintyAmongLabels(answers, decided, near, { skill, labels });
  return certaintyByNearness(
    answers.map(({ label, evidence }) => ({ near: near(label, decided), evidence })),
    usual,
  );
}

/**
 * The probability that a label is right, by how near each answer is to it (1 the same, 0 as far as can be): the log odds
 * of weighted majority voting, sum of ln(skill / (1 - skill)) for and against (S. Nitzan and J. Paroush, "Optimal
 * decision rules in uncertain dichotomous choice situations", International Economic Review 23, 1982), an answer that
 * is half-way counting neither for nor against. Exact for two labels; for more see `certaintyAmongLabels`. An answer alone
 * has the skill of a usual one.
 */
function certaintyByNearness(
  answers: readonly { readonly near: number; readonly evidence: number }[],
  { skill }: Usual,
): number {
  const sum = answers.reduce((total, { near, evidence }) => total + evidence * (2 * near - 1), 0);
  return 1 / (1 + ((1 - skill) / skill) ** sum);
}

/**
 * The same where more labels than two are likely (`usual.labels`), and wrong answers are rarely alike: by Bayes' rule, each
 * answer a factor skill (labels - 1) / (1 - skill) for what it is near to, against the other labels that were given, each as
 * far as it is another one than the decided, and those that nobody gave.
 */
export function certaintyAmongLabels<Label>(
  answers: readonly Evidence<Label>[],
  decided: Label,
  near: (a: Label, b: Label) => number,
  { skill, labels }: { readonly skill: number; readonly labels: number },
): number {
  const odds = (skill * (labels - 1)) / (1 - skill);
  const exponent = (label: Label) => answers.reduce((sum, each) => sum + each.evidence * near(each.label, label), 0);
  const rivals: Label[] = [];
  for (const { label } of answers) {
    if (near(label, decided) < 1 && !rivals.some((rival) => near(label, rival) >= 1)) rivals.push(label);
  }
  const ofDecided = exponent(decided);
  const others = rivals.map((rival) => ({ other: 1 - near(rival, decided), sum: exponent(rival) }));
  const compare = (support: (sum: number) => number) => {
    const right = support(ofDecided);
    const against = others.reduce((total, { other, sum }) => total + other * support(sum), 0);
    return { right, all: right + against + Math.max(0, labels - 1 - rivals.length) * support(0) };
  };
  const plain = compare((sum) => odds ** sum);
  // Decisions are made again to the same bytes, so that the longer way is for what is too large for a number alone.
  if (Number.isFinite(plain.all)) return plain.right / plain.all;
  const log = Math.log(odds);
  const most = log * Math.max(0, ofDecided, ...others.map(({ sum }) => sum));
  const { right, all } = compare((sum) => Math.exp(log * sum - most));
  return right / all;
}

/** How many answers the variance that is usual counts for beside a task's own, as in `meanScores` of recorded answers. */
const PRIOR_ANSWERS = 4;
/** The standard deviation that is usual until it is learnt: as a share of the range, but at least in steps. */
const USUAL_SPREAD = { ofRange: 0.2, steps: 0.6 };
/** How near a mean has to be: within a tenth of the range, or half a step where that is more. */
const NEAR = { ofRange: 0.1, steps: 0.5 };

/** The variance of answers to one item, in steps, of which nothing is known. */
export function usualVariance({ min, max }: { readonly min: number; readonly max: number }): number {
  return Math.max(USUAL_SPREAD.ofRange * (max - min), USUAL_SPREAD.steps) ** 2;
}

/**
 * The probability that the mean of many more answers lies within half a step, or a tenth of the scale where that is more,
 * of the mean of these; by the normal approximation, its variance the answers' own pooled with the usual one worth four
 * answers (the posterior mean of a scaled inverse chi-squared, Gelman et al., "Bayesian data analysis", 2.6), so that an
 * answer alone, or two that are equal by chance, are not taken for certain.
 */
export function certaintyOfMean(
  answers: readonly { readonly score: number; readonly evidence: number }[],
  scale: { readonly min: number; readonly max: number },
  variance: number = usualVariance(scale),
): number {
  const count = answers.reduce((sum, { evidence }) => sum + evidence, 0);
  if (count === 0) return 0;
  const mean = answers.reduce((sum, { score, evidence }) => sum + evidence * score, 0) / count;
  const squares = answers.reduce((sum, { score, evidence }) => sum + evidence * (score - mean) ** 2, 0);
  const own = (squares + PRIOR_ANSWERS * variance) / Math.max(PRIOR_ANSWERS, count - 1 + PRIOR_ANSWERS);
  const near = Math.max(NEAR.ofRange * (scale.max - scale.min), NEAR.steps);
  return normalWithin(near, Math.sqrt(own / count));
}
