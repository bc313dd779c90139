import { vi } from 'vitest';

/** What an annotator could see of one lease or one receipt: everything but the words of the item. */
export interface Sight {
  readonly assignmentId: string;
  readonly shape: string;
}

/**
 * Notes the shape of every lease and receipt that this process gets over HTTP from now on: status, header names, field
 * names in their order, and what kind of value each has.
 */
export function watchOffers(): { readonly leases: Sight[]; readonly receipts: Sight[]; stop(): void } {
  const through = globalThis.fetch;
  const leases: Sight[] = [];
  const receipts: Sight[] = [];
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const response = await through(input, init);
    const path = new URL(String(input)).pathname;
    const isLease = path.endsWith('/assignments/next');
    if (response.ok && response.status !== 204 && (isLease || path.endsWith('/annotation'))) {
      // A connection may break after the head; then the caller sees the fault, and there is nothing to note.
      const body: unknown = await response
        .clone()
        .json()
        .catch(() => undefined);
      const { assignmentId } = (body ?? {}) as { assignmentId?: unknown };
      const headers = [...response.headers.keys()].join(' ');
      const shape = `${isLease ? response.status : ''} ${headers} ${shapeOf(body)}`;
      if (typeof assignmentId === 'string') (isLease ? leases : receipts).push({ assignmentId, shape });
    }
    return response;
  });
  return { leases, receipts, stop: () => spy.mockRestore() };
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].join('|')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value).map(([name, part]) => `${name}:${shapeOf(part)}`)}}`;
  }
  if (typeof value !== 'string') return typeof value;
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.exec(value);
  if (uuid) return `uuid${uuid[1]}`;
  if (/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/.test(value)) return 'moment';
  if (/^\d+\.\d+$/.test(value)) return 'decimal';
  return 'string';
}
