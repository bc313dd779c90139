import type { ReactNode } from 'react';
import { DataTable, type DataTableProps } from './data-table';
import { MoreButton, type Pages } from './more-button';
import { FaultNotice } from './page-error';

interface PagedTableProps<Row> extends Omit<DataTableProps<Row>, 'rows' | 'keyOf'> {
  readonly pages: Pages & { readonly items: readonly Row[]; readonly isSuccess: boolean; readonly error: unknown };
  /** A paragraph for where the list has nothing. */
  readonly empty: ReactNode;
}

/** A list that is read page by page, as a table: what went wrong, that there is nothing, or the rows and a button for more. */
export function PagedTable<Row extends { readonly id: string }>({ pages, empty, ...table }: PagedTableProps<Row>) {
  const { items, isSuccess, error } = pages;
  return (
    <>
      <FaultNotice error={error} />
      {isSuccess && items.length === 0 && empty}
      {items.length > 0 && <DataTable rows={items} keyOf={({ id }) => id} {...table} />}
      <MoreButton pages={pages} />
    </>
  );
}
