/** Place of the first number that is infinite or none at all; -1 where there is none. */
export function firstNotFinite(values: Float32Array | Float64Array): number {
  // One subtraction a number: several times as quick as a test for each of a billion. In four sums, which wait for nothing.
  const whole = values.length - (values.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < whole; i += 4) {
    a += (values[i] as number) - (values[i] as number);
    b += (values[i + 1] as number) - (values[i + 1] as number);
    c += (values[i + 2] as number) - (values[i + 2] as number);
    d += (values[i + 3] as number) - (values[i + 3] as number);
  }
  for (let i = whole; i < values.length; i++) a += (values[i] as number) - (values[i] as number);
  return a + b + c + d === 0 ? -1 : values.findIndex((value) => !Number.isFinite(value));
}
