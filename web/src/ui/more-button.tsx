import { Button } from '@mantine/core';
import { useSay } from '../i18n';

/** A list that is read page by page. */
export interface Pages {
  readonly hasNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

interface MoreButtonProps {
  readonly pages: Pages;
  readonly label?: string;
}

/** Reads the next page of a list; nothing where there is none. */
export function MoreButton({ pages, label }: MoreButtonProps) {
  const say = useSay();
  if (!pages.hasNextPage) return null;
  return (
    <Button mt="sm" size="xs" variant="default" onClick={() => void pages.fetchNextPage()}>
      {label ?? say('common.more')}
    </Button>
  );
}
