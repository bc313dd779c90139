import { type Db, json, only, type Queryable } from '../client.ts';

interface KnownAnswer {
  readonly said: unknown;
  readonly costMicros: bigint;
  readonly answeredBy: string;
  readonly paidBy: string | null;
}

interface Charge {
  readonly address: string;
  readonly model: string;
  readonly micros: bigint;
}

const giveBack = (sql: Queryable, { address, model, micros }: Charge, answeredBy: string | null) => sql`
  update judge_spending set spent_micros = greatest(0, spent_micros - ${micros}),
    answered_by = coalesce(${answeredBy}, answered_by)
  where model = ${model} and address = ${address}`;

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
    async charge({ address, model, micros, capMicros }: Charge & { capMicros: bigint }): Promise<boolean> {
      return db.begin(async (tx) => {
        // The cap is that of several rows together.
        await tx`select pg_advisory_xact_lock(hashtext('judge_spending'))`;
        const charged = await tx`
          insert into judge_spending as s (model, address, spent_micros)
          select ${model}, ${address}, ${micros}
          where ${micros}::bigint <= ${capMicros}::bigint - (
            select coalesce(sum(spent_micros), 0) from judge_spending
            where (model = ${model} and address in (${address}, ''))
              or (address = ${address} and answered_by = (
                select answered_by from judge_spending where model = ${model} and address = ${address}))
          )
          on conflict (model, address) do update set spent_micros = s.spent_micros + ${micros}
          returning 1`;
        return charged.length > 0;
      });
    },

    async giveBack(charge: Charge): Promise<void> {
      await giveBack(db, charge, null);
    },

    /** Keeps an answer, and gives back what its call was charged too much. Of two to one question the first stands. */
    async put(entry: {
      hash: string;
      address: string;
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
        giveBack(
          tx,
          { ...entry, micros: entry.chargedMicros - entry.costMicros },
          entry.said === null ? null : entry.answeredBy,
        ),
      ]);
      return only([await get(entry.hash)].filter((row) => row !== undefined));
    },
  };
}
