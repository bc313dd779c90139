import type { CurvePoint } from './curve.ts';

const WIDTH = 760;
const HEIGHT = 460;
const LEFT = 64;
const RIGHT = 176;
const TOP = 44;
const BOTTOM = 56;
const FONT = 'font-family="system-ui, sans-serif" font-size="12"';

/** Colours that people who see few colours can tell apart (Okabe and Ito, 2008), with a dash pattern each for print. */
const STYLES: readonly (readonly [colour: string, dashes: string])[] = [
  ['#0072b2', 'none'],
  ['#d55e00', '6 3'],
  ['#009e73', '2 2'],
  ['#cc79a7', '8 3 2 3'],
  ['#e69f00', '4 2'],
  ['#56b4e9', '10 4'],
  ['#000000', '1 3'],
];

/**
 * Learning curves as an SVG picture: accuracy in per cent over the number of labels, one line a strategy with a band of
 * one standard deviation between seeds, axes with round ticks, and a legend in the order of the last accuracies.
 */
export function curveSvg(points: readonly CurvePoint[], title: string): string {
  const names = [...new Set(points.map(({ strategy }) => strategy))];
  const last = (name: string) => points.findLast(({ strategy }) => strategy === name)?.accuracy ?? 0;
  names.sort((a, b) => last(b) - last(a));
  const xTicks = roundTicks(0, Math.max(1, ...points.map(({ budget }) => budget)), 8);
  const lows = points.map(({ accuracy, sd }) => Math.max(0, accuracy - sd));
  const highs = points.map(({ accuracy, sd }) => Math.min(1, accuracy + sd));
  const yTicks = roundTicks(100 * Math.min(1, ...lows), 100 * Math.max(0, ...highs), 7);
  const x = scale(xTicks, LEFT, WIDTH - RIGHT);
  const y = scale(yTicks, HEIGHT - BOTTOM, TOP);

  const grid = [
    ...xTicks.map((tick) => line(x(tick), y(yTicks[0] ?? 0), x(tick), y(yTicks.at(-1) ?? 0))),
    ...yTicks.map((tick) => line(x(xTicks[0] ?? 0), y(tick), x(xTicks.at(-1) ?? 0), y(tick))),
  ];
  const numbers = [
    ...xTicks.map((tick) => text(x(tick), HEIGHT - BOTTOM + 18, tick.toLocaleString('en-US'), 'middle')),
    ...yTicks.map((tick) => text(LEFT - 8, y(tick) + 4, `${tick}%`, 'end')),
  ];
  const curves = names.flatMap((name, at) => {
    const [colour, dashes] = STYLES[at % STYLES.length] as (typeof STYLES)[number];
    const own = points.filter(({ strategy }) => strategy === name).sort((a, b) => a.budget - b.budget);
    const place = (budget: number, share: number) => `${x(budget)},${y(100 * Math.min(1, Math.max(0, share)))}`;
    const upper = own.map(({ budget, accuracy, sd }) => place(budget, accuracy + sd));
    const lower = own.map(({ budget, accuracy, sd }) => place(budget, accuracy - sd)).reverse();
    const middle = own.map(({ budget, accuracy }) => place(budget, accuracy));
    const legendY = TOP + 8 + 22 * at;
    const legendX = WIDTH - RIGHT + 18;
    const stroke = `stroke="${colour}" stroke-width="2" stroke-dasharray="${dashes}"`;
    return [
      `<polygon points="${[...upper, ...lower].join(' ')}" fill="${colour}" fill-opacity="0.13"/>`,
      `<polyline points="${middle.join(' ')}" fill="none" ${stroke}/>`,
      ...own.map(({ budget, accuracy }) => dot(x(budget), y(100 * accuracy), colour)),
      `<line x1="${legendX}" y1="${legendY}" x2="${legendX + 30}" y2="${legendY}" ${stroke}/>`,
      text(legendX + 38, legendY + 4, name, 'start'),
    ];
  });
  const middleY = (TOP + HEIGHT - BOTTOM) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" ${FONT} role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="24" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...grid,
    ...numbers,
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, 'labels', 'middle'),
    `<text x="18" y="${middleY}" text-anchor="middle" transform="rotate(-90 18 ${middleY})">accuracy on held-out items</text>`,
    ...curves,
    text(WIDTH - RIGHT + 18, HEIGHT - BOTTOM, 'bands: ± 1 sd of seeds', 'start'),
    '</svg>',
    '',
  ].join('\n');
}

/** Some `count` round numbers (1, 2 or 5 times a power of ten apart) that enclose [low, high]. */
export function roundTicks(low: number, high: number, count: number): number[] {
  const span = Math.max(high - low, 1e-6);
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= count) ?? 10 * power;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function scale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const low = ticks[0] ?? 0;
  const high = ticks.at(-1) ?? 1;
  return (value) => Math.round((from + ((value - low) / (high - low)) * (to - from)) * 100) / 100;
}

const line = (x1: number, y1: number, x2: number, y2: number) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#dddddd"/>`;
const dot = (x: number, y: number, colour: string) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
const text = (x: number, y: number, content: string, anchor: string) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;

function escaped(content: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return content.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
