/** What just changed, for who does not see it: read out once the reader has time. */
export function Said({ text }: { text: string }) {
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
