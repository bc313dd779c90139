import { InEnglish } from './in-english';
import { dateText } from './text';

/** Shares of caps that were reached, and when. */
export function Warnings({
  warnings,
}: {
  readonly warnings: readonly { readonly at: string; readonly text: string }[];
}) {
  return warnings.map(({ at, text }) => (
    <p key={`${at} ${text}`} className="dim">
      {dateText(at)}: <InEnglish text={text} />
    </p>
  ));
}
