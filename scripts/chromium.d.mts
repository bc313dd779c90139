/** The Chromium on this machine, or the one that QUORATE_CHROMIUM names; undefined where there is none. */
export function findChromium(): string | undefined;
