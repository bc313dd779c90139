import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list that is read page by page, with all that was read of it so far. */
export function usePages<Item, Answer extends Page<Item> = Page<Item>>(
  queryKey: QueryKey,
  ask: (page: { readonly cursor?: string }) => Promise<Answer & Page<Item>>,
  refetchInterval: number | false = false,
) {
  const pages = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => ask(pageParam === '' ? {} : { cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval,
  });
  return { ...pages, items: pages.data?.pages.flatMap(({ items }) => items) ?? [] };
}
