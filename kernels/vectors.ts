/**
 * The inner loops over a pool of vectors, four numbers at a time (AssemblyScript, compiled to dist/kernels/vectors.wasm).
 * Every function works on the rows from `from` to `to` of a row-major matrix of 32-bit floats and adds in the same order
 * as its namesake in domain/learning/vector-math.ts, so that both give the same bits. Addresses are in bytes.
 */

/** As in domain/learning/vector-math.ts. */
const PART_ROWS: i32 = 512;
const ROUNDING: f32 = 1e-6;

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
  const group: usize = width << 2;
  let row = from;
  // Four rows share each load of the weights, and eight outputs each load of a number: as much as the registers hold.
  for (; row + 4 <= to; row += 4) {
    const x0: usize = rows + <usize>row * width;
    const x1: usize = x0 + width;
    const x2: usize = x1 + width;
    const x3: usize = x2 + width;
    let w: usize = weights;
    let k: usize = 0;
    for (; k + 32 <= outWidth; k += 32) {
      let a0 = v128.load(offset + k);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = v128.load(offset + k, 16);
      let b1 = b0;
      let b2 = b0;
      let b3 = b0;
      for (let d: usize = 0; d < width; d += 4) {
        const v = v128.load(w);
        const u = v128.load(w + group);
        w += 16;
        let x = v128.load32_splat(x0 + d);
        a0 = f32x4.add(a0, f32x4.mul(x, v));
        b0 = f32x4.add(b0, f32x4.mul(x, u));
        x = v128.load32_splat(x1 + d);
        a1 = f32x4.add(a1, f32x4.mul(x, v));
        b1 = f32x4.add(b1, f32x4.mul(x, u));
        x = v128.load32_splat(x2 + d);
        a2 = f32x4.add(a2, f32x4.mul(x, v));
        b2 = f32x4.add(b2, f32x4.mul(x, u));
        x = v128.load32_splat(x3 + d);
        a3 = f32x4.add(a3, f32x4.mul(x, v));
        b3 = f32x4.add(b3, f32x4.mul(x, u));
      }
      w += group;
      let o: usize = out + <usize>row * outWidth + k;
      v128.store(o, a0);
      v128.store(o, b0, 16);
      o += outWidth;
      v128.store(o, a1);
      v128.store(o, b1, 16);
      o += outWidth;
      v128.store(o, a2);
      v128.store(o, b2, 16);
      o += outWidth;
      v128.store(o, a3);
      v128.store(o, b3, 16);
    }
    if (k < outWidth) {
      let a0 = v128.load(offset + k);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      for (let d: usize = 0; d < width; d += 4) {
        const v = v128.load(w);
        w += 16;
        a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(x0 + d), v));
        a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(x1 + d), v));
        a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(x2 + d), v));
        a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(x3 + d), v));
      }
      let o: usize = out + <usize>row * outWidth + k;
      v128.store(o, a0);
      o += outWidth;
      v128.store(o, a1);
      o += outWidth;
      v128.store(o, a2);
      o += outWidth;
      v128.store(o, a3);
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

/** Lowers nearest[row] to the squared distance of two gradients where that is less; see `VectorMath.lowerGradients`. */
export function lowerGradients(
  rows: usize,
  dims: i32,
  errors: usize,
  classes: i32,
  squares: usize,
  target: usize,
  targetErrors: usize,
  targetSquare: usize,
  nearest: usize,
  from: i32,
  to: i32,
): void {
  const square = load<f32>(targetSquare);
  for (let row = from; row < to; row++) {
    const at: usize = (<usize>row) << 2;
    const product =
      dot(errors + at * <usize>classes, targetErrors, classes) * dot(rows + at * <usize>dims, target, dims);
    const both = load<f32>(squares + at) + square;
    const distance = both - 2 * product;
    const squared: f32 = distance > ROUNDING * both ? distance : 0;
    if (squared < load<f32>(nearest + at)) store<f32>(nearest + at, squared);
  }
}

/**
 * Sums of deviations from `shift` and of their squares, one of each a column (64 bits) for every PART_ROWS rows:
 * `from` and `to` count such parts, of `count` rows in all.
 */
export function moments(rows: usize, dims: i32, shift: usize, count: i32, out: usize, from: i32, to: i32): void {
  const width: usize = (<usize>dims) << 2;
  const whole: usize = width & ~(<usize>7);
  for (let part = from; part < to; part++) {
    const sums: usize = out + <usize>part * width * 4;
    const squares: usize = sums + width * 2;
    const last = min(count, (part + 1) * PART_ROWS);
    for (let row = part * PART_ROWS; row < last; row++) {
      const x: usize = rows + <usize>row * width;
      let d: usize = 0;
      for (; d < whole; d += 8) {
        const values = f64x2.promote_low_f32x4(v128.load64_zero(x + d));
        const apart = f64x2.sub(values, f64x2.promote_low_f32x4(v128.load64_zero(shift + d)));
        const at: usize = d << 1;
        v128.store(sums + at, f64x2.add(v128.load(sums + at), apart));
        v128.store(squares + at, f64x2.add(v128.load(squares + at), f64x2.mul(apart, apart)));
      }
      if (d < width) {
        const apart = <f64>load<f32>(x + d) - <f64>load<f32>(shift + d);
        const at: usize = d << 1;
        store<f64>(sums + at, load<f64>(sums + at) + apart);
        store<f64>(squares + at, load<f64>(squares + at) + apart * apart);
      }
    }
  }
}

/** out[row] = the row of a sparse matrix x the rows of `x`, each of `width` numbers. */
export function sparseTimes(
  indptr: usize,
  indices: usize,
  values: usize,
  x: usize,
  width: i32,
  out: usize,
  from: i32,
  to: i32,
): void {
  const bytes: usize = (<usize>width) << 2;
  for (let row = from; row < to; row++) {
    const first: usize = (<usize>load<u32>(indptr + ((<usize>row) << 2))) << 2;
    const last: usize = (<usize>load<u32>(indptr + ((<usize>row) << 2), 4)) << 2;
    const o: usize = out + <usize>row * bytes;
    let k: usize = 0;
    // Sums of 32 numbers stay in registers, and each entry reads two whole cache lines.
    for (; k + 128 <= bytes; k += 128) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let e = a;
      let f = a;
      let g = a;
      let h = a;
      for (let entry = first; entry < last; entry += 4) {
        const value = v128.load32_splat(values + entry);
        const at: usize = x + <usize>load<u32>(indices + entry) * bytes + k;
        a = f32x4.add(a, f32x4.mul(value, v128.load(at)));
        b = f32x4.add(b, f32x4.mul(value, v128.load(at, 16)));
        c = f32x4.add(c, f32x4.mul(value, v128.load(at, 32)));
        d = f32x4.add(d, f32x4.mul(value, v128.load(at, 48)));
        e = f32x4.add(e, f32x4.mul(value, v128.load(at, 64)));
        f = f32x4.add(f, f32x4.mul(value, v128.load(at, 80)));
        g = f32x4.add(g, f32x4.mul(value, v128.load(at, 96)));
        h = f32x4.add(h, f32x4.mul(value, v128.load(at, 112)));
      }
      v128.store(o + k, a);
      v128.store(o + k, b, 16);
      v128.store(o + k, c, 32);
      v128.store(o + k, d, 48);
      v128.store(o + k, e, 64);
      v128.store(o + k, f, 80);
      v128.store(o + k, g, 96);
      v128.store(o + k, h, 112);
    }
    for (; k < bytes; k += 4) {
      let sum: f32 = 0;
      for (let entry = first; entry < last; entry += 4) {
        sum += load<f32>(values + entry) * load<f32>(x + <usize>load<u32>(indices + entry) * bytes + k);
      }
      store<f32>(o + k, sum);
    }
  }
}

/** Inner product of two rows. */
function dot(x: usize, y: usize, dims: i32): f32 {
  const width: usize = (<usize>dims) << 2;
  const whole: usize = width & ~(<usize>15);
  let sums = f32x4.splat(0);
  let d: usize = 0;
  for (; d < whole; d += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(x + d), v128.load(y + d)));
  let sum = total(sums);
  for (; d < width; d += 4) sum += load<f32>(x + d) * load<f32>(y + d);
  return sum;
}

function total(sums: v128): f32 {
  return (
    f32x4.extract_lane(sums, 0) +
    f32x4.extract_lane(sums, 1) +
    (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
  );
}
