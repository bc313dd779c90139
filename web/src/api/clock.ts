/** Less than this is how exact a `Date` header is, and how long an answer was on its way. */
const UNSURE_MS = 3000;

let offsetMs = 0;

/** Notes what an answer of the server says the time is. */
export function hearTime(date: string | null, nowMs: number): void {
  const heardMs = date === null ? Number.NaN : Date.parse(date);
  if (Math.abs(heardMs - nowMs - offsetMs) > UNSURE_MS) offsetMs = heardMs - nowMs;
}

/** The server's time: leases end by it, however this device's clock goes. */
export const serverNow = (): number => Date.now() + offsetMs;
