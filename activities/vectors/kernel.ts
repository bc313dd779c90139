/** What kernels/vectors.ts exports; addresses are in bytes. */
export interface Kernel {
  affine(
    rows: number,
    dims: number,
    weights: number,
    offset: number,
    outputs: number,
    out: number,
    from: number,
    to: number,
  ): void;
  lowerNearest(
    rows: number,
    dims: number,
    targets: number,
    count: number,
    nearest: number,
    from: number,
    to: number,
  ): void;
  lowerGradients(
    rows: number,
    dims: number,
    errors: number,
    classes: number,
    squares: number,
    target: number,
    targetErrors: number,
    targetSquare: number,
    nearest: number,
    from: number,
    to: number,
  ): void;
  sparseTimes(
    indptr: number,
    indices: number,
    values: number,
    x: number,
    width: number,
    out: number,
    from: number,
    to: number,
  ): void;
  moments(rows: number, dims: number, shift: number, count: number, out: number, from: number, to: number): void;
}
