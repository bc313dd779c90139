import { getJson, pause, Refused } from './progress-feed.js';
import { table } from './progress-parts.js';
import { count, percent } from './progress-text.js';

const ANNOTATORS_EVERY_MS = 3000;
const MAX_PAGES = 5;
/** Answers are asked for one annotator at a time, so less often, and not for a large crowd. */
const ANSWERS_EVERY_MS = 12_000;
const MAX_ASKED = 60;

/** Reads the annotators every few seconds while the campaign runs, and once more after its end. */
export async function keepAnnotators({ holder, key, hasEnded }) {
  for (let last = false; !last; ) {
    last = hasEnded();
    try {
      show(holder, await withAnswers(await allAnnotators(key), key, last));
    } catch (error) {
      // Whether the server is gone is told by the campaign itself.
      if (error instanceof Refused) return;
    }
    if (!last) await pause(ANNOTATORS_EVERY_MS);
  }
}

async function allAnnotators(key) {
  const all = [];
  let cursor = '';
  for (let page = 0; page < MAX_PAGES && cursor !== null; page += 1) {
    const query = `limit=200${cursor && `&cursor=${cursor}`}`;
    const { items, nextCursor } = await getJson(`/v1/annotators?${query}`, key);
    all.push(...items);
    cursor = nextCursor;
  }
  return all;
}

let answersOf = new Map();
let answersReadMs = Number.NEGATIVE_INFINITY;

/** The annotators with how much each has answered, as far as that is known. */
async function withAnswers(all, key, ended) {
  const due = ended || performance.now() - answersReadMs >= ANSWERS_EVERY_MS;
  if (due && all.length <= MAX_ASKED) {
    answersReadMs = performance.now();
    const read = async ({ id }) => [id, (await getJson(`/v1/annotators/${encodeURIComponent(id)}`, key)).answers];
    answersOf = new Map(await Promise.all(all.map(read)));
  }
  return all.map((each) => ({ ...each, answers: answersOf.get(each.id) }));
}

function show(holder, all) {
  if (all.length === 0) {
    holder.textContent = 'None yet.';
    return;
  }
  const counted = all.some(({ answers }) => answers !== undefined);
  const rows = all.map((each) => [
    [each.name, 'name'],
    [each.tier.replaceAll('_', ' '), 'tier'],
    ...(counted ? [[each.answers === undefined ? '' : count(each.answers), 'number']] : []),
    [
      each.goldTotal > 0
        ? `${each.goldCorrect} of ${each.goldTotal} (${percent(each.goldCorrect / each.goldTotal)})`
        : '–',
      'number',
    ],
    [each.standing, `standing ${each.standing}`],
    [each.standing === 'active' ? '' : (each.standingReason ?? ''), 'reason'],
  ]);
  const head = ['Name', 'Tier', ...(counted ? ['Answers'] : []), 'Gold right', 'Standing', 'Reason'];
  holder.replaceChildren(table(head, rows));
}
