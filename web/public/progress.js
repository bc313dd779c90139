import { keepAnnotators } from './progress-annotators.js';
import { accuracyChart, spendBar } from './progress-chart.js';
import { follow, getJson, Refused } from './progress-feed.js';
import { legend, table, tile } from './progress-parts.js';
import { agreementText, count, fitPoints, fitText, percent, plural, stateText } from './progress-text.js';

const byId = (id) => document.getElementById(id);
const campaignId = new URLSearchParams(location.search).get('campaign') ?? '';
const key = new URLSearchParams(location.hash.slice(1)).get('key') ?? '';

let view;
/** The fit that the person chose; undefined follows the newest. */
let chosen;
let ended = false;

addEventListener('hashchange', () => location.reload());
let drawnWidth = 0;
new ResizeObserver(() => {
  // In the next frame: drawing may change the size that is being observed.
  if (byId('accuracy-chart').clientWidth !== drawnWidth) requestAnimationFrame(() => view && showAccuracy());
}).observe(byId('accuracy-chart'));
void main();

async function main() {
  if (key === '') return askForKey('This page needs an API key of a requester or viewer.');
  try {
    if (campaignId === '') return await offerCampaigns();
    void keepAnnotators({ holder: byId('annotators'), key, hasEnded: () => ended });
    await follow(campaignId, key, {
      show,
      lost: () => connection('Connection lost; trying again. These are the last numbers.', true),
    });
    connection('The campaign has ended; these are its final numbers.');
  } catch (error) {
    if (error instanceof Refused) refused(error);
    else {
      connection('Something is wrong with this page; reload it.', true);
      throw error;
    }
  } finally {
    ended = true;
  }
}

function refused(error) {
  byId('figures').hidden = true;
  connection('');
  if (error.status === 401) return askForKey('This API key is unknown or was revoked.');
  if (error.status === 403)
    return askForKey('This key may not look at campaigns; it takes one of a requester or viewer.');
  message(`There is no campaign ${campaignId} here.`, [link('/progress.html', 'See which there are')]);
}

function show(next) {
  view = next;
  const { counts, budget, agreement } = view;
  byId('simulated').hidden = !view.simulated;
  byId('message').hidden = true;
  byId('figures').hidden = false;
  byId('name').textContent = view.name;
  document.title = `${view.name} · Quorate`;
  byId('state').textContent = stateText(view);
  byId('state').className = view.state === 'running' ? 'state running' : 'state';
  connection(view.state === 'draft' ? 'Live. Nothing moves before the campaign is started.' : 'Live.');
  tile(byId('round'), count(view.round), `chosen by ${view.strategy.replaceAll('_', ' ')}`);
  const rest = [`${count(counts.tasksOpen)} open`, `${count(counts.tasksUnresolved)} unresolved`];
  tile(byId('tasks'), count(counts.tasksDecided), rest.join(', '));
  tile(byId('answers'), count(counts.annotations), `and ${count(counts.goldAnnotations)} on gold`);
  const { alpha } = agreement;
  if (alpha === null) tile(byId('agreement'), '–', 'not measurable yet');
  else tile(byId('agreement'), `α ${alpha.toFixed(3)}`, agreementText(alpha));
  tile(
    byId('timeouts'),
    count(counts.expiredLeases + counts.windowsElapsed),
    `${plural(counts.expiredLeases, 'lapsed lease')}, ${plural(counts.windowsElapsed, 'window')}`,
  );
  byId('spend-bar').replaceChildren(spendBar(budget));
  byId('spend-legend').replaceChildren(
    legend('spent', 'Spent', budget.spentMicros),
    legend('reserved', 'Reserved for open tasks', budget.reservedMicros),
    legend('free', 'Free', budget.capMicros - budget.spentMicros - budget.reservedMicros),
    legend('cap', 'Cap', budget.capMicros),
  );
  showAccuracy();
}

function showAccuracy() {
  const points = fitPoints(view.rounds);
  const holder = byId('accuracy-chart');
  byId('accuracy-details').hidden = points.length === 0;
  if (points.length === 0) {
    holder.replaceChildren();
    byId('accuracy-value').textContent =
      'Not measured yet: it needs labels of the evaluation slice, or gold, and a first fit of the model.';
    return;
  }
  const at = Math.min(chosen ?? points.length - 1, points.length - 1);
  const onChoose = (goal) => {
    chosen = goal === points.length - 1 ? undefined : goal;
    showAccuracy();
  };
  const focused = holder.contains(document.activeElement);
  drawnWidth = holder.clientWidth;
  holder.replaceChildren(accuracyChart(points, { width: Math.max(280, drawnWidth), chosen: at, onChoose }));
  if (focused) holder.firstElementChild.focus();
  byId('accuracy-value').textContent = fitText(points[at]);
  const rows = points.map(({ round, labels, accuracy, low, high }) => [
    [count(round), 'number'],
    [count(labels), 'number'],
    [percent(accuracy), 'number'],
    [`${percent(low)} to ${percent(high)}`, 'number'],
  ]);
  byId('accuracy-table').replaceChildren(table(['Round', 'Labels', 'Accuracy', '95% interval'], rows));
}

async function offerCampaigns() {
  const { items } = await getJson('/v1/campaigns?limit=50', key);
  connection('');
  const list = document.createElement('ul');
  for (const { id, name, state } of items) {
    const entry = document.createElement('li');
    entry.append(link(`/progress.html?campaign=${encodeURIComponent(id)}`, name), ` (${state})`);
    list.append(entry);
  }
  if (items.length > 0) message('Which campaign?', [list]);
  else message('There are no campaigns yet. Make one with "quorate campaign create", or run "quorate demo".');
}

function askForKey(why) {
  connection('');
  const form = document.createElement('form');
  const input = document.createElement('input');
  input.type = 'password';
  input.autocomplete = 'off';
  input.required = true;
  input.setAttribute('aria-label', 'API key');
  input.placeholder = 'API key';
  const button = document.createElement('button');
  button.textContent = 'Open';
  form.append(input, button);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    location.hash = new URLSearchParams({ key: input.value.trim() }).toString();
  });
  message(why, [form]);
  input.focus();
}

function message(words, further = []) {
  const line = document.createElement('p');
  line.textContent = words;
  byId('message').replaceChildren(line, ...further);
  byId('message').hidden = false;
}

function connection(words, lost = false) {
  const line = byId('connection');
  if (line.textContent !== words) line.textContent = words;
  line.className = lost ? 'connection lost' : 'connection';
}

/** A link within this page keeps the key in its fragment, which no server sees. */
function link(href, words) {
  const anchor = document.createElement('a');
  anchor.href = `${href}#${new URLSearchParams({ key })}`;
  anchor.textContent = words;
  return anchor;
}
