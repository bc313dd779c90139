import type { Db, Queryable } from '../../db/client.ts';

export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: Plan[];
}

/**
 * Runs, outside any transaction, a query function of one statement, or of several of which `containing` tells one by its text, then EXPLAIN ANALYZE of
 * that: its plan's nodes and the pages it read.
 */
export async function explained(
  db: Db,
  run: (sql: Queryable) => Promise<unknown>,
  containing = '',
): Promise<{ nodes: Plan[]; blocks: number }> {
  // Fragments are made before the statement that they are part of, so that comes last.
  let statement: { parts: TemplateStringsArray; values: never[] } | undefined;
  const spy = (parts: TemplateStringsArray, ...values: never[]) => {
    if (parts.join('?').includes(containing)) statement = { parts, values };
    return db(parts, ...values);
  };
  const { json } = db;
  const begin = (work: (sql: Queryable) => unknown) => work(asked);
  const asked = Object.assign(spy, { json, begin }) as unknown as Queryable;
  await run(asked);
  if (!statement) throw new Error('No statement was run.');
  const { parts, values } = statement;
  const texts = [`explain (analyze, buffers, format json) ${parts[0]}`, ...parts.slice(1)];
  const explaining = Object.assign(texts, { raw: parts.raw }) as unknown as TemplateStringsArray;
  const rows = (await db(explaining, ...values)) as unknown as { 'QUERY PLAN': { Plan: Plan }[] }[];
  const root = rows[0]?.['QUERY PLAN'][0]?.Plan as Plan;
  const nodes: Plan[] = [];
  const visit = (plan: Plan) => {
    nodes.push(plan);
    plan.Plans?.forEach(visit);
  };
  visit(root);
  return { nodes, blocks: root['Shared Hit Blocks'] + root['Shared Read Blocks'] };
}
