import { count, dollars, fitText, percent, ticks } from './progress-text.js';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = { top: 12, right: 24, bottom: 46, left: 52 };

function svg(name, attributes = {}, children = []) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Spent and reserved money as parts of the cap. */
export function spendBar({ spentMicros, reservedMicros, capMicros }) {
  const share = (micros) => (capMicros > 0 ? Math.min(100, (100 * micros) / capMicros) : 0);
  const spent = share(spentMicros);
  const reserved = Math.min(100 - spent, share(reservedMicros));
  const label = `${dollars(spentMicros)} spent and ${dollars(reservedMicros)} reserved of ${dollars(capMicros)}`;
  const bar = { y: 0, height: 18 };
  return svg('svg', { role: 'img', 'aria-label': label, height: 18 }, [
    svg('rect', { ...bar, class: 'bar-free', width: '100%', rx: 3 }),
    svg('rect', { ...bar, class: 'bar-spent', width: `${spent}%`, rx: 3 }),
    svg('rect', { ...bar, class: 'bar-reserved', x: `${spent}%`, width: `${reserved}%`, rx: 3 }),
  ]);
}

/** Room for the interval band: from a round percentage below the lowest end up to at most 100%. */
export function accuracyTicks(points) {
  // At least five points high, also where everything is right.
  const low = Math.max(0, Math.min(0.95, ...points.map((point) => point.low)));
  const high = Math.max(...points.map((point) => point.high));
  const marks = ticks(low, Math.min(1, Math.max(high, low + 0.05)), 5);
  return marks.filter((mark) => mark >= 0 && mark <= 1 + 1e-9);
}

/**
 * The accuracy of each fit by labels, with its 95% interval. Pointer, touch and the arrow keys choose a fit;
 * `onChoose` is told which. `chosen` is its index, the last one by default.
 */
export function accuracyChart(points, { width, chosen, onChoose }) {
  const height = Math.max(220, Math.min(320, Math.round(width * 0.45)));
  const plot = { right: width - MARGIN.right, bottom: height - MARGIN.bottom };
  const yTicks = accuracyTicks(points);
  const xTicks = ticks(0, Math.max(1, points.at(-1).labels), Math.max(3, Math.floor(width / 110)));
  const x = scale([xTicks[0], xTicks.at(-1)], [MARGIN.left, plot.right]);
  const y = scale([yTicks[0], yTicks.at(-1)], [plot.bottom, MARGIN.top]);
  const at = (point) => ({ cx: x(point.labels), cy: y(point.accuracy) });
  const path = (list, value) => list.map((point) => `${x(point.labels)},${y(value(point))}`).join(' ');
  const band = `${path(points, (point) => point.high)} ${path(points.toReversed(), (point) => point.low)}`;
  const mark = points[chosen];
  const only = points.length === 1 ? points[0] : undefined;

  const chart = svg('svg', {
    viewBox: `0 0 ${width} ${height}`,
    height,
    role: 'slider',
    tabindex: 0,
    'aria-label': 'Held-out accuracy by labels; arrow keys go through the fits',
    'aria-valuemin': 1,
    'aria-valuemax': points.length,
    'aria-valuenow': chosen + 1,
    'aria-valuetext': fitText(mark),
  });
  chart.append(
    ...yTicks.flatMap((value) => [
      svg('line', { class: 'grid', x1: MARGIN.left, x2: plot.right, y1: y(value), y2: y(value) }),
      text({ x: MARGIN.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, tickPercent(value, yTicks)),
    ]),
    ...xTicks.flatMap((value) => [
      svg('line', { class: 'axis', x1: x(value), x2: x(value), y1: plot.bottom, y2: plot.bottom + 5 }),
      text({ x: x(value), y: plot.bottom + 19, 'text-anchor': 'middle' }, count(value)),
    ]),
    svg('line', { class: 'axis', x1: MARGIN.left, x2: plot.right, y1: plot.bottom, y2: plot.bottom }),
    text({ class: 'axis-title', x: (MARGIN.left + plot.right) / 2, y: height - 6, 'text-anchor': 'middle' }, 'labels'),
    only
      ? svg('line', { class: 'whisker', x1: x(only.labels), x2: x(only.labels), y1: y(only.low), y2: y(only.high) })
      : svg('polygon', { class: 'band', points: band }),
    svg('polyline', { class: 'curve', points: path(points, (point) => point.accuracy) }),
    ...points.map((point) => svg('circle', { class: 'dot', ...at(point), r: points.length > 60 ? 1.5 : 3 })),
    svg('line', { class: 'whisker', x1: x(mark.labels), x2: x(mark.labels), y1: y(mark.low), y2: y(mark.high) }),
    svg('circle', { class: 'chosen', ...at(mark), r: 5.5 }),
  );
  chart.addEventListener('pointermove', (event) => {
    const inside = (event.clientX - chart.getBoundingClientRect().left) * (width / chart.clientWidth);
    onChoose(
      nearest(
        points.map((point) => x(point.labels)),
        inside,
      ),
    );
  });
  chart.addEventListener('keydown', (event) => {
    const last = points.length - 1;
    const goal = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1, Home: 0, End: last }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    onChoose(Math.max(0, Math.min(last, goal)));
  });
  return chart;
}

function text(attributes, content) {
  return svg('text', { class: 'tick', ...attributes }, [content]);
}

/** Ticks show decimals only where their steps need them. */
function tickPercent(value, all) {
  const whole = all.every((each) => Math.abs(each * 100 - Math.round(each * 100)) < 1e-6);
  return whole ? `${Math.round(value * 100)}%` : percent(value);
}

function scale([from, to], [start, end]) {
  return (value) => (to === from ? start : start + ((value - from) / (to - from)) * (end - start));
}

function nearest(values, goal) {
  return values.reduce((best, value, at) => (Math.abs(value - goal) < Math.abs(values[best] - goal) ? at : best), 0);
}
