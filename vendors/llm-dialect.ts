import type { JSONValue } from 'ai';
import { z } from 'zod';
import { jsonFrom } from './shared.ts';

/** How a model behind an endpoint takes its questions: what it refused is left out, or written otherwise. */
export interface Dialect {
  readonly format: 'json_schema' | 'json_object' | 'none';
  /** Under which name the most tokens of an answer are sent. */
  readonly limit: 'max_tokens' | 'max_completion_tokens' | 'none';
  readonly temperature: boolean;
  readonly seed: boolean;
  /** Whether it knows the role; else what it would say stands before the question. */
  readonly system: boolean;
}

/** What every endpoint is asked in first. */
export const FULLEST: Dialect = {
  format: 'json_schema',
  limit: 'max_tokens',
  temperature: true,
  seed: true,
  system: true,
};

/** Words by which a member is refused, and what is sent instead; undefined where nothing less is left. */
const STEPS: readonly [RegExp, (dialect: Dialect) => Dialect | undefined][] = [
  [/temperature/i, (dialect) => (dialect.temperature ? { ...dialect, temperature: false } : undefined)],
  [/\bseed\b/i, (dialect) => (dialect.seed ? { ...dialect, seed: false } : undefined)],
  [/max_(completion_)?tokens/i, lessLimit],
  [/response_?format|json_?(schema|object)|structured|schema|grammar/i, lessFormat],
  [
    /\bsystem\b.*\brole\b|\brole\b.*\bsystem\b/is,
    (dialect) => (dialect.system ? { ...dialect, system: false } : undefined),
  ],
];

function lessLimit(dialect: Dialect): Dialect | undefined {
  if (dialect.limit === 'none') return undefined;
  return { ...dialect, limit: dialect.limit === 'max_tokens' ? 'max_completion_tokens' : 'none' };
}

function lessFormat(dialect: Dialect): Dialect | undefined {
  if (dialect.format === 'none') return undefined;
  return { ...dialect, format: dialect.format === 'json_schema' ? 'json_object' : 'none' };
}

/** What to ask in after a refusal that says `body`; undefined where it is not about how it was asked. */
export function simpler(dialect: Dialect, body: string): Dialect | undefined {
  for (const complaint of complaintsIn(body)) {
    for (const [words, step] of STEPS) {
      const next = words.test(complaint) ? step(dialect) : undefined;
      if (next) return next;
    }
  }
  return undefined;
}

/** What to try after a refusal that does not say why. A bound of the answer is never left out on a guess. */
export function guessed(dialect: Dialect): Dialect | undefined {
  const next = lessFormat(dialect);
  if (next) return next;
  return dialect.temperature || dialect.seed ? { ...dialect, temperature: false, seed: false } : undefined;
}

/** What a refusal names apart before its words, and these before all of it, which may hold the whole question. */
function complaintsIn(body: string): string[] {
  const parsed = bodySchema.safeParse(jsonFrom(body)).data;
  const { error, detail } = parsed ?? {};
  const places = detail?.flatMap(({ loc }) => loc?.join('.') ?? []).join(' ');
  return [error?.param, places, error?.message, body].filter((each) => typeof each === 'string');
}

const bodySchema = z.object({
  error: z.object({ param: z.string(), message: z.string() }).partial().optional().catch(undefined),
  // As FastAPI has it.
  detail: z
    .array(z.object({ loc: z.array(z.union([z.string(), z.number()])).optional() }))
    .optional()
    .catch(undefined),
});

/** The members of a request that differ by dialect. */
export function membersIn(
  dialect: Dialect,
  asked: { schema: JSONValue; temperature: number; seed: number; maxOutputTokens: number },
): Record<string, JSONValue> {
  return {
    ...(dialect.limit === 'none' ? {} : { [dialect.limit]: asked.maxOutputTokens }),
    ...(dialect.temperature ? { temperature: asked.temperature } : {}),
    ...(dialect.seed ? { seed: asked.seed } : {}),
    ...(dialect.format === 'json_object' ? { response_format: { type: 'json_object' } } : {}),
    ...(dialect.format === 'json_schema'
      ? {
          response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: asked.schema } },
        }
      : {}),
  };
}
