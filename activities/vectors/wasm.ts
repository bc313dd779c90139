/** The parts of WebAssembly that Node's types leave out and the kernel needs. */
interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** Adds pages of 64 KiB; throws a RangeError when there is no more room. */
  grow(pages: number): number;
}
type WasmModule = object;

declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => { readonly exports: Kernel };
};

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

export type { WasmMemory, WasmModule };

export const PAGE_BYTES = 65_536;
/** All that 32-bit addresses reach: 4 GiB. */
const MOST_PAGES = 65_536;

export const sharedMemory = (pages: number) =>
  new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });

export const compileKernel = (bytes: Uint8Array): WasmModule => new WebAssembly.Module(bytes);

export const loadKernel = (module: WasmModule, memory: WasmMemory): Kernel =>
  new WebAssembly.Instance(module, { env: { memory } }).exports;
