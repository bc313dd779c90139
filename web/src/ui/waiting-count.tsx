import { Badge } from '@mantine/core';
import type { Pages } from './more-button';

/** How many wait in a list that is read page by page; nothing where none does. */
export function WaitingCount({
  pages,
}: {
  pages: Pick<Pages, 'hasNextPage'> & { readonly items: readonly unknown[] };
}) {
  const { items, hasNextPage } = pages;
  if (items.length === 0) return null;
  return (
    <Badge color="orange" variant="light">
      {hasNextPage ? `${items.length}+` : items.length}
    </Badge>
  );
}
