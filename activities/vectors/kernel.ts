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
  dots(rows: number, dims: number, target: number, out: number, from: number, to: number): void;
}
