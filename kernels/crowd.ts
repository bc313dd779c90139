/**
 * The inner loops of EM over a crowd's answers (AssemblyScript, compiled to dist/kernels/crowd.wasm): the same numbers
 * in the same order as `plainLoops` in domain/aggregation/crowd, so that both give the same bits. Addresses are in bytes.
 */

// The host's own, as any other could differ in the last bit.
declare function exp(x: f64): f64;
declare function log(x: f64): f64;

/**
 * See `confusionLoop`. Rows of labels are `width` bytes, a multiple of 16, padded with probabilities of 0; `row[i]` is
 * where the row of answer i begins within `x`, `logs` and `counts`; the priors' row begins at `priorAt` in them.
 */
export function confusion(
  tasks: i32,
  few: i32,
  width: usize,
  start: usize,
  row: usize,
  x: usize,
  logs: usize,
  priorAt: usize,
  counts: usize,
  answersOf: usize,
  posteriors: usize,
): f64 {
  let likelihood: f64 = 0;
  let product: f64 = 1;
  let first = load<i32>(start);
  let own = posteriors;
  for (let t = 0; t < tasks; t++) {
    start += 4;
    const end = load<i32>(start);
    const from: usize = row + ((<usize>first) << 2);
    const to: usize = row + ((<usize>end) << 2);
    let total: f64 = 0;
    if (end - first <= few) {
      for (let k: usize = 0; k < width; k += 16) {
        let p = v128.load(x + priorAt + k);
        for (let at = from; at < to; at += 4) p = f64x2.mul(p, v128.load(x + k + <usize>load<u32>(at)));
        v128.store(own + k, p);
        total += f64x2.extract_lane(p, 0);
        total += f64x2.extract_lane(p, 1);
      }
      if (first < end) {
        product *= total;
        if (product < 1e-30) {
          likelihood += log(product);
          product = 1;
        }
      }
    } else {
      let most = -Infinity;
      for (let k: usize = 0; k < width; k += 8) {
        let sum = load<f64>(logs + priorAt + k);
        for (let at = from; at < to; at += 4) sum += load<f64>(logs + k + <usize>load<u32>(at));
        store<f64>(own + k, sum);
        if (sum > most) most = sum;
      }
      for (let k: usize = 0; k < width; k += 8) {
        const scaled = exp(load<f64>(own + k) - most);
        store<f64>(own + k, scaled);
        total += scaled;
      }
      likelihood += most + log(total);
    }
    const share = f64x2.splat(1 / total);
    const answers = f64x2.splat(<f64>(end - first));
    for (let k: usize = 0; k < width; k += 16) {
      const p = f64x2.mul(v128.load(own + k), share);
      v128.store(own + k, p);
      if (first === end) continue;
      const prior = counts + priorAt + k;
      v128.store(prior, f64x2.add(v128.load(prior), p));
      v128.store(answersOf + k, f64x2.add(v128.load(answersOf + k), f64x2.mul(answers, p)));
      for (let at = from; at < to; at += 4) {
        const count = counts + k + <usize>load<u32>(at);
        v128.store(count, f64x2.add(v128.load(count), p));
      }
    }
    first = end;
    own += width;
  }
  return likelihood + log(product);
}

/** See `cellLoop`: what it does task by task. Adds what all ungiven labels share to `shared`, two numbers. */
export function cells(
  tasks: i32,
  labels: i32,
  start: usize,
  key: usize,
  cellOf: usize,
  cellStart: usize,
  cellLabel: usize,
  base: usize,
  gain: usize,
  prior: usize,
  logPrior: usize,
  cell: usize,
  factor: usize,
  right: usize,
  tasksOf: usize,
  answersOf: usize,
  shared: usize,
): f64 {
  let likelihood: f64 = 0;
  let product: f64 = 1;
  let ungiven: f64 = 0;
  let ungivenAnswers: f64 = 0;
  for (let t = 0; t < tasks; t++) {
    const from = load<i32>(start + ((<usize>t) << 2));
    const to = load<i32>(start + ((<usize>t) << 2) + 4);
    if (from === to) continue;
    const firstCell = load<i32>(cellStart + ((<usize>t) << 2));
    const endCell = load<i32>(cellStart + ((<usize>t) << 2) + 4);
    let rest: f64 = 1;
    for (let c = firstCell; c < endCell; c++) {
      const label: usize = (<usize>load<i32>(cellLabel + ((<usize>c) << 2))) << 3;
      store<f64>(cell + ((<usize>c) << 3), load<f64>(logPrior + label));
      rest -= load<f64>(prior + label);
    }
    let sum: f64 = 0;
    for (let i = from; i < to; i++) {
      const at: usize = cell + ((<usize>load<i32>(cellOf + ((<usize>i) << 2))) << 3);
      const k: usize = (<usize>load<i32>(key + ((<usize>i) << 2))) << 3;
      sum += load<f64>(base + k);
      store<f64>(at, load<f64>(at) + load<f64>(gain + k));
    }
    if (endCell - firstCell === labels || rest < 0) rest = 0;
    let most: f64 = rest > 0 ? 0 : -Infinity;
    for (let c = firstCell; c < endCell; c++) {
      const score = load<f64>(cell + ((<usize>c) << 3));
      if (score > most) most = score;
    }
    const restScale: f64 = rest > 0 ? exp(-most) : 0;
    let total = rest * restScale;
    for (let c = firstCell; c < endCell; c++) {
      const at: usize = cell + ((<usize>c) << 3);
      const scaled = exp(load<f64>(at) - most);
      store<f64>(at, scaled);
      total += scaled;
    }
    const share = 1 / total;
    const perPrior = restScale * share;
    const answers = <f64>(to - from);
    store<f64>(factor + ((<usize>t) << 3), perPrior);
    ungiven += perPrior;
    ungivenAnswers += answers * perPrior;
    for (let c = firstCell; c < endCell; c++) {
      const at: usize = cell + ((<usize>c) << 3);
      const label: usize = (<usize>load<i32>(cellLabel + ((<usize>c) << 2))) << 3;
      const posterior = load<f64>(at) * share;
      store<f64>(at, posterior);
      const more = posterior - perPrior * load<f64>(prior + label);
      store<f64>(tasksOf + label, load<f64>(tasksOf + label) + more);
      store<f64>(answersOf + label, load<f64>(answersOf + label) + answers * more);
    }
    for (let i = from; i < to; i++) {
      const at: usize = right + ((<usize>load<i32>(key + ((<usize>i) << 2))) << 3);
      store<f64>(at, load<f64>(at) + load<f64>(cell + ((<usize>load<i32>(cellOf + ((<usize>i) << 2))) << 3)));
    }
    likelihood += sum + most;
    product *= total;
    if (product > 1e100 || product < 1e-100) {
      likelihood += log(product);
      product = 1;
    }
  }
  store<f64>(shared, ungiven);
  store<f64>(shared + 8, ungivenAnswers);
  return likelihood + log(product);
}
