/** Answers as examples in the API's description: what is another in every run is exchanged for what stays. */

const MOMENT = '2026-05-04T09:30:00.000Z';
const LATER = '2026-05-11T09:30:00.000Z';
const TO_COME = /expires|deadline|until|By$|rejectsAt|closesAt|countsUntil/i;
/** What this machine took to do something. */
const MEASURED = /^(secondsEach|medianSeconds|secondsToAnswer)$/;
/** Of a longer list the first ones tell enough. */
const MOST = 3;

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const UNHYPHENATED = /\b[0-9a-f]{32}\b/gi;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const DAY = /\b20\d\d-\d\d-\d\d\b(?!T)/g;
const MONTH = /\b20\d\d-\d\d\b(?!-)/g;
const KEY = /\bqk_[\w-]+/g;
const TOKEN = /(?<![\w-])(?=[\w-]*[A-Z])[\w-]{32,43}(?![\w-])/g;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/g;

/** The answer as it is in each run. */
function stable(answer: unknown): unknown {
  const ids = new Map<string, string>();
  const idFor = (id: string) => {
    const known = ids.get(id) ?? `0192f5b0-${String(ids.size + 1).padStart(4, '0')}-7c1a-9b1e-3f2f6c1f8a10`;
    ids.set(id, known);
    return known;
  };
  const text = (value: string, key: string): string =>
    value
      .replaceAll(KEY, 'qk_shown_this_once')
      .replaceAll(ID, (id) => idFor(id.toLowerCase()))
      .replaceAll(UNHYPHENATED, '0192f5b000017c1a9b1e3f2f6c1f8a10')
      .replaceAll(TOKEN, '8LhTgqvGk1f7Tn3xkZ4uW0Zt0qJx8s6dF5mB2yR9cXo')
      .replaceAll(ADDRESS, 'https://login.example.org')
      .replaceAll(TIME, TO_COME.test(key) ? LATER : MOMENT)
      .replaceAll(DAY, '2026-05-04')
      .replaceAll(MONTH, '2026-05');
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return text(value, key);
    if (typeof value === 'number' && MEASURED.test(key)) return 6.5;
    if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(4));
    if (Array.isArray(value)) {
      const kept = typeof value[0] === 'object' ? value.slice(0, MOST) : value;
      return kept.map((each) => walk(each, key));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [text(name, key), walk(each, MEASURED.test(key) ? key : name)]),
    );
  };
  return walk(answer, '');
}

const isEmpty = (answer: unknown) =>
  typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items) && !answer.items[0];

/** The first answer of each route and status; of a list, the first that has something. */
export class Recorded {
  readonly #answers = new Map<string, unknown>();

  add(route: string, status: number, answer: unknown): void {
    const key = `${route} ${status}`;
    if (!this.#answers.has(key) || isEmpty(this.#answers.get(key))) this.#answers.set(key, stable(answer));
  }

  has(route: string): boolean {
    return [...this.#answers.keys()].some((key) => key.startsWith(`${route} `));
  }

  /** A module of them all, in the order of routes. */
  text(leaveOut: (route: string, status: number) => boolean): string {
    const routes: Record<string, Record<string, unknown>> = {};
    for (const [key, answer] of [...this.#answers].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [, route = '', status = ''] = /^(.*) (\d+)$/.exec(key) ?? [];
      if (!leaveOut(route, Number(status))) routes[route] = { ...routes[route], [status]: answer };
    }
    return `// Recorded by test/api/openapi-examples.test.ts; renew it with \`vitest -u\`.
export const ANSWERS: Readonly<Record<string, Readonly<Record<number, unknown>>>> = ${JSON.stringify(routes, null, 1)};
`;
  }
}
