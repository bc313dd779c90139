import { z } from 'zod';

const count = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,12}$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);
const text = z.string().optional().catch(undefined);
const list = z.array(z.unknown()).catch([]);

const bodySchema = z.looseObject({
  model: text,
  choices: list,
  usage: z
    .looseObject({
      ...{ prompt_tokens: count, completion_tokens: count, input_tokens: count, output_tokens: count },
      prompt_tokens_details: z.object({ cached_tokens: count }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

const choiceSchema = z
  .object({
    finish_reason: text,
    text,
    message: z
      .object({
        content: z.unknown(),
        refusal: text,
        tool_calls: z.array(z.object({ function: z.object({ arguments: z.unknown() }) })).catch([]),
      })
      .partial()
      .catch({}),
  })
  .partial()
  .catch({});

const partSchema = z.object({ type: z.enum(['text', 'output_text']).optional(), text: z.string() });

/**
 * An endpoint's answer as those who wrote the form have it, whatever the types and places of what it says: numbers as texts,
 * an answer as an object, in the call of a tool, or as of a completion. One that says nothing is an empty one, and paid all
 * the same. Undefined for what is no answer of a model.
 */
export function asUsual(given: unknown): object | undefined {
  const body = bodySchema.safeParse(given).data;
  if (!body || body.error || (body.choices.length === 0 && body.usage === undefined)) return undefined;
  const { usage, model } = body;
  const choice = choiceSchema.parse(body.choices[0]);
  const { content, refusal, tool_calls = [] } = choice.message ?? {};
  const called = tool_calls.map((call) => textIn(call.function.arguments)).find((said) => said !== '');
  const said = textIn(content) || called || choice.text || '';
  return {
    ...(model === undefined ? {} : { model }),
    choices: [
      {
        message: { role: 'assistant', content: said, ...(refusal === undefined ? {} : { refusal }) },
        ...(choice.finish_reason === undefined ? {} : { finish_reason: choice.finish_reason }),
      },
    ],
    ...(usage && {
      usage: {
        prompt_tokens: usage.prompt_tokens ?? usage.input_tokens,
        completion_tokens: usage.completion_tokens ?? usage.output_tokens,
        prompt_tokens_details: usage.prompt_tokens_details,
      },
    }),
  };
}

/** Parts that are thoughts are none of the answer. */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content))
    return content.map((part: unknown) => partSchema.safeParse(part).data?.text ?? '').join('');
  return typeof content === 'object' && content !== null ? JSON.stringify(content) : '';
}
