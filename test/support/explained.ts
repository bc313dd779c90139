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
 * Runs a query function of one statement, or of several of which `containing` tells one by its text, then EXPLAIN ANALYZE of
 * that: its plan's nodes and the pages it read.
 */
export async function explained(
  db: Db,
  run: (sql: Queryable) => Promise<unknown>,
  containing = '',
): Promise<{ nodes: Plan[]; blocks: number }> {
  // Fragments are made before the statement that they are part of, so that comes last.
  let statement: { parts: TemplateStringsArray; values: never[] } | undefined;
  const spy = ((parts: TemplateStringsArray, ...values: never[]) => {
    if (parts.join('?').includes(containing)) statement = { parts, values };
    return db(parts, ...values);
  }) as unknown as Queryable;
  await run(spy);
  if (!statement) throw new Error('No statement was run.');
  const { parts, values } = statement;
  const texts = [`explain (analyze, buffers, format json) ${parts[0]}`, ...parts.slice(1)];
  const asked = Object.assign(texts, { raw: parts.raw }) as unknown as TemplateStringsArray;
  const rows = (await db(asked, ...values)) as unknown as { 'QUERY PLAN': { Plan: Plan }[] }[];
  const root = rows[0]?.['QUERY PLAN'][0]?.Plan as Plan;
  const nodes: Plan[] = [];
  const visit = (plan: Plan) => {
    nodes.push(plan);
    plan.Plans?.forEach(visit);
  };
  visit(root);
  return { nodes, blocks: root['Shared Hit Blocks'] + root['Shared Read Blocks'] };
}
