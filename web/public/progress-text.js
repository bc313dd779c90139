/** What the progress page says in numbers and words. No document is needed here, so it can be tested without a browser. */

/** A whole number with thousands separators. */
export function count(value) {
  return Math.round(value).toLocaleString('en-US');
}

/** Micro-dollars as dollars and cents; amounts under ten cents keep what they need. */
export function dollars(micros) {
  const digits = micros !== 0 && Math.abs(micros) < 100_000 ? 4 : 2;
  return `$${(micros / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

/** A share as a percentage with one decimal. */
export function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/** One of something, or several: "1 answer", "2,000 answers". */
export function plural(value, word, words = `${word}s`) {
  return `${count(value)} ${value === 1 ? word : words}`;
}

/** Round numbers that cover low..high with about `wanted` steps: multiples of 1, 2, 2.5 or 5 times a power of ten. */
export function ticks(low, high, wanted) {
  if (!(high > low) || wanted < 1) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999) ?? rough;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const found = [];
  // Multiplied, not added up, and then rounded: 3 x 0.1 is to be 0.3.
  for (let at = first; at <= last; at += 1) found.push(Number((at * step).toPrecision(12)));
  return found;
}

const STATES = {
  draft: 'Draft: not started yet',
  running: 'Running',
  paused: 'Paused: no new work, lease clocks stand still',
  stopping: 'Stopping: open tasks are being finished',
  finished: 'Finished',
  stopped: 'Stopped by hand',
};

const REASONS = {
  budget: 'the budget has no room for another task',
  pool_empty: 'every item has been chosen',
  max_tasks: 'it has labeled as many tasks as it was to',
  target_accuracy: 'the model reached its target accuracy',
  plateau: 'more labels no longer helped the model',
  deadline: 'its deadline passed',
  by_hand: 'somebody stopped it',
};

/** The state as a sentence, with the reason where a campaign has one. */
export function stateText({ state, stopReason }) {
  const text = STATES[state] ?? state;
  if (!stopReason || state === 'stopped') return text;
  return `${text}, because ${REASONS[stopReason] ?? stopReason.replaceAll('_', ' ')}`;
}

/** What a value of Krippendorff's alpha means, by the limits that Krippendorff gives (2004): 0.8 and 0.667. */
export function agreementText(alpha) {
  if (alpha >= 0.8) return 'reliable: annotators mostly agree';
  if (alpha >= 0.667) return 'fair: good for tentative conclusions';
  if (alpha > 0.05) return 'low: annotators often disagree';
  if (alpha >= -0.05) return 'none: no better than chance';
  return 'systematic disagreement, worse than chance';
}

/** The fits that were measured, in the order of labels there were. */
export function fitPoints(rounds) {
  return rounds
    .filter(({ heldOut, labels }) => heldOut && labels !== null)
    .map(({ round, labels, heldOut }) => ({ round, labels, ...heldOut }))
    .sort((a, b) => a.labels - b.labels);
}

/** One fit as a sentence. */
export function fitText({ labels, accuracy, low, high, count: measured, on: items }) {
  const on =
    items === 'slice' ? plural(measured, 'item of the slice', 'items of the slice') : plural(measured, 'gold item');
  return `${plural(labels, 'label')}: ${percent(accuracy)} right (95% interval ${percent(low)} to ${percent(high)}, on ${on})`;
}

/** Whole server-sent events of a text, and the rest that is still incomplete. */
export function parseEvents(text) {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  const events = blocks.map((block) =>
    block
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).replace(/^ /, ''))
      .join('\n'),
  );
  // Comments, which only keep the connection alive, have no data.
  return { data: events.filter((each) => each !== ''), rest };
}
