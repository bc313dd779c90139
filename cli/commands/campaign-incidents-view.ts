import { z } from 'zod';
import { facts } from '../output.ts';

/** What we show of `GET /v1/campaigns/{id}/vendor-incidents`. */
export const incidentsView = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      vendor: z.string(),
      kind: z.string(),
      detail: z.string(),
      evidence: z.unknown(),
      createdAt: z.string(),
      rulings: z.array(z.string()),
      resolvedAt: z.string().nullable(),
      ruling: z.string().nullable(),
      note: z.string().nullable(),
      rejectsAt: z.string().nullable(),
    }),
  ),
});

/** A campaign's incidents for people, each with its evidence. */
export function incidentLines({ items }: z.output<typeof incidentsView>): string[] {
  if (items.length === 0) return ['There is nothing to look at.'];
  return items.flatMap((each, at) => [
    ...(at === 0 ? [] : ['']),
    ...facts([
      ['Incident', each.id],
      ['Vendor', each.vendor],
      ['What', each.kind],
      ['When', each.createdAt],
      ['Detail', each.detail],
      ['Evidence', JSON.stringify(each.evidence)],
      ['Resolve by', each.rulings.join(', ')],
      ['Resolved', each.resolvedAt && `${each.ruling ?? ''} ${each.resolvedAt}`.trim()],
      ['Note', each.note],
      ['Rejected there', each.rejectsAt && `${each.rejectsAt}, unless it is resolved by accept before`],
    ]),
  ]);
}
