import { type Db, json, only } from '../client.ts';

interface KnownAnswer {
  readonly said: unknown;
  readonly costMicros: bigint;
  readonly answeredBy: string;
  readonly paidBy: string | null;
}

/** What language models answered, by the hash of all they were asked, and what each has cost: nothing is paid for twice. */
export function createJudgeCache(db: Db) {
  const get = async (hash: string): Promise<KnownAnswer | undefined> => {
    const [row] = await db<KnownAnswer[]>`
      select said, cost_micros as "costMicros", coalesce(answered_by, model) as "answeredBy", paid_by as "paidBy"
      from judge_answers where hash = ${hash}`;
    return row;
  };
  return {
    get,

    /** Adds to what a model has cost; false, and nothing is added, where that would pass its cap. */
    async charge({ model, micros, capMicros }: { model: string; micros: bigint; capMicros: bigint }): Promise<boolean> {
      const charged = await db`
        insert into judge_spending as s (model, spent_micros)
        select ${model}, ${micros} where ${micros}::bigint <= ${capMicros}::bigint
        on conflict (model) do update set spent_micros = s.spent_micros + ${micros}
          where s.spent_micros + ${micros} <= ${capMicros}
        returning 1`;
      return charged.length > 0;
    },

    async giveBack({ model, micros }: { model: string; micros: bigint }): Promise<void> {
      await db`
        update judge_spending set spent_micros = greatest(0, spent_micros - ${micros}) where model = ${model}`;
    },

    /** Keeps an answer, and gives back what its call was charged too much. Of two to one question the first stands. */
    async put(entry: {
      hash: string;
      model: string;
      answeredBy: string;
      promptVersion: string;
      said: unknown;
      inputTokens: number;
      outputTokens: number;
      costMicros: bigint;
      chargedMicros: bigint;
      paidBy: string;
    }): Promise<KnownAnswer> {
      await db.begin((tx) => [
        tx`
          insert into judge_answers (hash, model, answered_by, prompt_version, said, input_tokens, output_tokens, cost_micros,
            paid_by)
          values (${entry.hash}, ${entry.model}, ${entry.answeredBy}, ${entry.promptVersion}, ${json(tx, entry.said)},
            ${entry.inputTokens}, ${entry.outputTokens}, ${entry.costMicros}, ${entry.paidBy})
          on conflict do nothing`,
        tx`
          update judge_spending set spent_micros = greatest(0, spent_micros - ${entry.chargedMicros - entry.costMicros})
          where model = ${entry.model}`,
      ]);
      return only([await get(entry.hash)].filter((row) => row !== undefined));
    },
  };
}
