const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a text is in decimal notation, blanks around it aside; NaN for any other text, such as "" or "0x10". */
export function decimal(text: string): number {
  const plain = text.trim();
  return DECIMAL.test(plain) ? Number(plain) : Number.NaN;
}
