/** What the browser calls the page: in its tabs and history, and first thing a screen reader says of it. */
export function PageTitle({ of }: { of: string }) {
  return <title>{`${of} · Quorate`}</title>;
}
