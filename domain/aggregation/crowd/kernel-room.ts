import { loadKernel, MOST_PAGES, ownMemory, PAGE_BYTES, type WasmModule } from '../../web-assembly.ts';

/** What kernels/crowd.ts exports: sizes, then addresses. */
interface Kernel {
  confusion(tasks: number, few: number, width: number, ...addresses: number[]): number;
  cells(tasks: number, labels: number, ...addresses: number[]): number;
}

/** A kernel with arrays of zeros in its memory, and their addresses. */
interface Room<Ints extends string, Floats extends string> {
  readonly kernel: Kernel;
  readonly ints: Readonly<Record<Ints, Int32Array>>;
  readonly floats: Readonly<Record<Floats, Float64Array>>;
  at(array: Ints | Floats): number;
}

/** Arrays begin at a multiple of a vector's bytes; the first page is the kernel's own. */
const ALIGNMENT = 16;

/** Undefined where the arrays, given by their lengths, would not fit. */
export function openRoom<Ints extends string, Floats extends string>(
  module: WasmModule,
  ints: Readonly<Record<Ints, number>>,
  floats: Readonly<Record<Floats, number>>,
): Room<Ints, Floats> | undefined {
  let next = PAGE_BYTES;
  const place = (bytes: number) => {
    const from = next;
    next = Math.ceil((next + bytes) / ALIGNMENT) * ALIGNMENT;
    return from;
  };
  const places = new Map<string, { from: number; length: number }>();
  for (const [name, length] of entries(ints)) places.set(name, { from: place(length * 4), length });
  for (const [name, length] of entries(floats)) places.set(name, { from: place(length * 8), length });
  const pages = Math.ceil(next / PAGE_BYTES);
  if (pages > MOST_PAGES) return undefined;
  const memory = ownMemory(pages);
  const kernel = loadKernel<Kernel>(module, memory, { crowd: { exp: Math.exp, log: Math.log } });
  const view = <Name extends string, T>(
    names: Readonly<Record<Name, number>>,
    array: new (buffer: ArrayBuffer, from: number, length: number) => T,
  ) =>
    Object.fromEntries(
      entries(names).map(([name, length]) => [name, new array(memory.buffer, places.get(name)?.from ?? 0, length)]),
    ) as Record<Name, T>;
  return {
    kernel,
    ints: view(ints, Int32Array),
    floats: view(floats, Float64Array),
    at: (name) => places.get(name)?.from ?? 0,
  };
}

const entries = <Name extends string>(record: Readonly<Record<Name, number>>) =>
  Object.entries(record) as [Name, number][];
