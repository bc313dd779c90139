import { json, only, type Queryable } from '../client.ts';

/** What language models answered, by the hash of all they were asked: nothing is paid for twice. */
export function createJudgeCache(sql: Queryable) {
  return {
    async get(hash: string): Promise<{ said: unknown; costMicros: bigint; answeredBy: string } | undefined> {
      const [row] = await sql<{ said: unknown; costMicros: bigint; answeredBy: string }[]>`
        select said, cost_micros as "costMicros", coalesce(answered_by, model) as "answeredBy"
        from judge_answers where hash = ${hash}`;
      return row;
    },

    async put(entry: {
      hash: string;
      model: string;
      answeredBy: string;
      promptVersion: string;
      said: unknown;
      inputTokens: number;
      outputTokens: number;
      costMicros: bigint;
    }): Promise<void> {
      await sql`
        insert into judge_answers (hash, model, answered_by, prompt_version, said, input_tokens, output_tokens, cost_micros)
        values (${entry.hash}, ${entry.model}, ${entry.answeredBy}, ${entry.promptVersion}, ${json(sql, entry.said)}, ${entry.inputTokens},
          ${entry.outputTokens}, ${entry.costMicros})
        on conflict do nothing`;
    },

    async spentMicros(model: string): Promise<bigint> {
      return only(
        await sql<{ spent: bigint }[]>`
          select coalesce(sum(cost_micros), 0)::bigint as spent from judge_answers where model = ${model}`,
      ).spent;
    },
  };
}
