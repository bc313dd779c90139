/** From here on the series below are exact to about 15 digits. */
const LARGE = 10;
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** The derivative of ln Gamma(x), x > 0: recurrence, then the asymptotic series (Abramowitz and Stegun 6.3.18). */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < LARGE; y++) shift += 1 / y;
  const r = 1 / (y * y);
  const series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132 - (r * 691) / 32760)))));
  return Math.log(y) - 0.5 / y - series - shift;
}

/** ln Gamma(x), x > 0: recurrence, then Stirling's series (Abramowitz and Stegun 6.1.40). */
export function logGamma(x: number): number {
  // As it is; the sums below leave their rounding there, where nothing else covers it.
  if (x === 1 || x === 2) return 0;
  // One logarithm of the product, in place of ten.
  let product = 1;
  let y = x;
  for (; y < LARGE; y++) product *= y;
  const r = 1 / (y * y);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / y;
  return (y - 0.5) * Math.log(y) - y + HALF_LOG_TWO_PI + series - Math.log(product);
}

/** ln C(n, k). */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
