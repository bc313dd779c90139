/**
 * The inner loops over a pool of vectors, four numbers at a time (AssemblyScript, compiled to dist/kernels/vectors.wasm).
 * Every function works on the rows from `from` to `to` of a row-major matrix of 32-bit floats and adds in the same order
 * as its namesake in domain/learning/vector-math.ts, so that both give the same bits. Addresses are in bytes.
 */

/** out[row] = rows[row] x weights + offset; see `AffineMap` for the layout of the weights. */
export function affine(
  rows: usize,
  dims: i32,
  weights: usize,
  offset: usize,
  outputs: i32,
  out: usize,
  from: i32,
  to: i32,
): void {
  const width: usize = (<usize>dims) << 2;
  const outWidth: usize = (<usize>outputs) << 2;
  let row = from;
  // Eight rows share each load of the weights.
  for (; row + 8 <= to; row += 8) {
    const x0: usize = rows + <usize>row * width;
    const x1: usize = x0 + width;
    const x2: usize = x1 + width;
    const x3: usize = x2 + width;
    const x4: usize = x3 + width;
    const x5: usize = x4 + width;
    const x6: usize = x5 + width;
    const x7: usize = x6 + width;
    let w: usize = weights;
    for (let k: usize = 0; k < outWidth; k += 16) {
      let a0 = v128.load(offset + k);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let a4 = a0;
      let a5 = a0;
      let a6 = a0;
      let a7 = a0;
      for (let d: usize = 0; d < width; d += 4) {
        const v = v128.load(w);
        w += 16;
        a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(x0 + d), v));
        a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(x1 + d), v));
        a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(x2 + d), v));
        a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(x3 + d), v));
        a4 = f32x4.add(a4, f32x4.mul(v128.load32_splat(x4 + d), v));
        a5 = f32x4.add(a5, f32x4.mul(v128.load32_splat(x5 + d), v));
        a6 = f32x4.add(a6, f32x4.mul(v128.load32_splat(x6 + d), v));
        a7 = f32x4.add(a7, f32x4.mul(v128.load32_splat(x7 + d), v));
      }
      let o: usize = out + <usize>row * outWidth + k;
      v128.store(o, a0);
      o += outWidth;
      v128.store(o, a1);
      o += outWidth;
      v128.store(o, a2);
      o += outWidth;
      v128.store(o, a3);
      o += outWidth;
      v128.store(o, a4);
      o += outWidth;
      v128.store(o, a5);
      o += outWidth;
      v128.store(o, a6);
      o += outWidth;
      v128.store(o, a7);
    }
  }
  for (; row < to; row++) {
    const x: usize = rows + <usize>row * width;
    let w: usize = weights;
    for (let k: usize = 0; k < outWidth; k += 16) {
      let a = v128.load(offset + k);
      for (let d: usize = 0; d < width; d += 4) {
        a = f32x4.add(a, f32x4.mul(v128.load32_splat(x + d), v128.load(w)));
        w += 16;
      }
      v128.store(out + <usize>row * outWidth + k, a);
    }
  }
}

/** Lowers nearest[row] to the squared distance of the row to any of `count` targets where that is less. */
export function lowerNearest(
  rows: usize,
  dims: i32,
  targets: usize,
  count: i32,
  nearest: usize,
  from: i32,
  to: i32,
): void {
  const width: usize = (<usize>dims) << 2;
  const whole: usize = width & ~(<usize>15);
  for (let row = from; row < to; row++) {
    const x: usize = rows + <usize>row * width;
    const at: usize = nearest + ((<usize>row) << 2);
    let least = load<f32>(at);
    for (let target = 0; target < count; target++) {
      const y: usize = targets + <usize>target * width;
      let sums = f32x4.splat(0);
      let d: usize = 0;
      for (; d < whole; d += 16) {
        const apart = f32x4.sub(v128.load(x + d), v128.load(y + d));
        sums = f32x4.add(sums, f32x4.mul(apart, apart));
      }
      let sum = total(sums);
      for (; d < width; d += 4) {
        const apart = load<f32>(x + d) - load<f32>(y + d);
        sum += apart * apart;
      }
      if (sum < least) least = sum;
    }
    store<f32>(at, least);
  }
}

/** out[row] = inner product of the row and the target. */
export function dots(rows: usize, dims: i32, target: usize, out: usize, from: i32, to: i32): void {
  const width: usize = (<usize>dims) << 2;
  const whole: usize = width & ~(<usize>15);
  for (let row = from; row < to; row++) {
    const x: usize = rows + <usize>row * width;
    let sums = f32x4.splat(0);
    let d: usize = 0;
    for (; d < whole; d += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(x + d), v128.load(target + d)));
    let sum = total(sums);
    for (; d < width; d += 4) sum += load<f32>(x + d) * load<f32>(target + d);
    store<f32>(out + ((<usize>row) << 2), sum);
  }
}

function total(sums: v128): f32 {
  return (
    f32x4.extract_lane(sums, 0) +
    f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
  );
}
