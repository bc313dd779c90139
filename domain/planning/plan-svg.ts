import { roundTicks } from '../learning/curve-svg.ts';
import { frontier, type PlannedOption } from './plan.ts';

const WIDTH = 760;
const HEIGHT = 460;
const LEFT = 64;
const RIGHT = 40;
const TOP = 44;
const BOTTOM = 56;

/**
 * The options as an SVG picture: cost in dollars to the right, accuracy in per cent upwards, each a dot with the P10 to
 * P90 of both as a cross, and a line through those that no other beats.
 */
export function planSvg(options: readonly PlannedOption[], title: string): string {
  const xTicks = roundTicks(0, Math.max(0.01, ...options.map(({ costUsd }) => costUsd.p90)), 8);
  const accuracies = options.flatMap(({ accuracy }) => [100 * accuracy.p10, 100 * accuracy.p90]);
  const yTicks = roundTicks(Math.min(...accuracies), Math.max(...accuracies), 7);
  const x = scale(xTicks, LEFT, WIDTH - RIGHT);
  const y = scale(yTicks, HEIGHT - BOTTOM, TOP);
  const edge = frontier(options).map(({ costUsd, accuracy }) => `${x(costUsd.p50)},${y(100 * accuracy.p50)}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="24" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...xTicks.map((tick) => line([x(tick), TOP, x(tick), HEIGHT - BOTTOM], '#dddddd')),
    ...yTicks.map((tick) => line([LEFT, y(tick), WIDTH - RIGHT, y(tick)], '#dddddd')),
    ...xTicks.map((tick) => text(x(tick), HEIGHT - BOTTOM + 18, `$${tick.toLocaleString('en-US')}`, 'middle')),
    ...yTicks.map((tick) => text(LEFT - 8, y(tick) + 4, `${tick}%`, 'end')),
    `<polyline points="${edge.join(' ')}" fill="none" stroke="#999999" stroke-dasharray="4 3"/>`,
    ...options.flatMap(({ name, judge, costUsd, accuracy }) => {
      const colour = judge ? '#d55e00' : '#0072b2';
      const [atX, atY] = [x(costUsd.p50), y(100 * accuracy.p50)];
      return [
        line([x(costUsd.p10), atY, x(costUsd.p90), atY], colour),
        line([atX, y(100 * accuracy.p10), atX, y(100 * accuracy.p90)], colour),
        `<circle cx="${atX}" cy="${atY}" r="4" fill="${colour}"/>`,
        text(atX + 8, atY - 7, name, 'start'),
      ];
    }),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, 'cost (P10 to P90)', 'middle'),
    `<text x="18" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 18 ${HEIGHT / 2})">accuracy (P10 to P90)</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function scale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)];
  return (value) => Math.round((from + ((value - low) / (high - low)) * (to - from)) * 100) / 100;
}

const line = ([x1, y1, x2, y2]: readonly [number, number, number, number], colour: string) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
const text = (x: number, y: number, content: string, anchor: string) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;

function escaped(content: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return content.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
