import { QuorateError } from '../domain/failures.ts';
import { MAX_KEY, textOf } from './item-reader.ts';

const SUM_TOLERANCE = 1e-3;

export interface PredictionRow {
  readonly key: string;
  /** The probability of each class, in their order; sums to one. */
  readonly shares: readonly number[];
}

/**
 * Reads the rows of an import of predictions: `key`, and either `probabilities` (by class; what is left out has none) or a
 * `label` with its `confidence`, the rest shared evenly by the other classes. Throws `invalid_input` for a row that will
 * not do.
 */
export function createPredictionReader(classes: readonly string[]) {
  const named = classes.join(', ');
  return (row: unknown): PredictionRow => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw refusal('The row is not an object');
    const { key: given, probabilities, label, confidence } = row as Record<string, unknown>;
    const key = textOf(given, 'key', MAX_KEY);
    if (key === null) throw refusal('key is missing');
    if (probabilities !== undefined) return { key, shares: sharesOf(probabilities) };
    const place = typeof label === 'string' ? classes.indexOf(label) : -1;
    if (place < 0) throw refusal(`label is ${JSON.stringify(label) ?? 'missing'}; it must be one of ${named}`);
    const sure = shareOf(confidence, 'confidence');
    const rest = (1 - sure) / (classes.length - 1);
    return { key, shares: classes.map((_, k) => (k === place ? sure : rest)) };
  };

  function sharesOf(value: unknown): number[] {
    const read = typeof value === 'string' ? jsonOf(value) : value;
    if (typeof read !== 'object' || read === null || Array.isArray(read)) {
      throw refusal(`probabilities is not an object such as {${JSON.stringify(classes[0])}: 1}`);
    }
    const given = read as Record<string, unknown>;
    const stranger = Object.keys(given).find((name) => !classes.includes(name));
    if (stranger !== undefined) {
      throw refusal(`probabilities names ${JSON.stringify(stranger.slice(0, 60))}; the classes are ${named}`);
    }
    const shares = classes.map((name) =>
      Object.hasOwn(given, name) ? shareOf(given[name], `probabilities.${name}`) : 0,
    );
    const sum = shares.reduce((total, share) => total + share, 0);
    if (Math.abs(sum - 1) > SUM_TOLERANCE) throw refusal(`probabilities sum to ${sum}, not to 1`);
    return shares.map((share) => share / sum);
  }
}

/** A number from 0 to 1; a CSV cell is text. */
function shareOf(value: unknown, field: string): number {
  const share = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw refusal(`${field} is ${JSON.stringify(value) ?? 'missing'}; it must be a number from 0 to 1`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const refusal = (message: string) => new QuorateError('invalid_input', message);
