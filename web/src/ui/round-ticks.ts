/** Round numbers from `least` to `most`, about five steps of 1, 2 or 5 times a power of ten, and none below `finest`. */
export function roundTicks(least: number, most: number, { finest = 0 } = {}): number[] {
  const rough = Math.max((most - least) / 5, finest);
  if (!(most > least)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10);
  const [from, to] = [Math.ceil(least / step - 1e-9), Math.floor(most / step + 1e-9)];
  return Array.from({ length: to - from + 1 }, (_, at) => Number(((from + at) * step).toPrecision(12)));
}
