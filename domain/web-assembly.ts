/** The parts of WebAssembly that kernels need, and Node's types leave out. */
interface Memory<Buffer> {
  readonly buffer: Buffer;
  /** Adds pages of 64 KiB; throws a RangeError when there is no more room. */
  grow(pages: number): number;
}
export type WasmMemory = Memory<ArrayBuffer>;
export type SharedWasmMemory = Memory<SharedArrayBuffer>;
export type WasmModule = object;

declare const WebAssembly: {
  Memory: {
    new (limits: { initial: number; maximum: number; shared: true }): SharedWasmMemory;
    new (limits: { initial: number; maximum: number }): WasmMemory;
  };
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: object) => { readonly exports: object };
};

export const PAGE_BYTES = 65_536;
/** All that 32-bit addresses reach: 4 GiB. */
export const MOST_PAGES = 65_536;

export const compileKernel = (bytes: Uint8Array): WasmModule => new WebAssembly.Module(bytes);

/** A memory that threads share. */
export const sharedMemory = (pages: number): SharedWasmMemory =>
  new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });

export const ownMemory = (pages: number): WasmMemory => new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES });

/** What a kernel exports; `Exports` must be what its source in kernels/ says. */
export function loadKernel<Exports extends object>(
  module: WasmModule,
  memory: WasmMemory | SharedWasmMemory,
  imports: Readonly<Record<string, object>> = {},
): Exports {
  return new WebAssembly.Instance(module, { env: { memory }, ...imports }).exports as Exports;
}
