/**
 * What a failed call means. `retryable`: nothing happened, or repeating is harmless. `ambiguous`: it may have had its
 * effect; look before trying again. `permanent`: it will not succeed unless something is changed.
 */
export type VendorFailure = 'retryable' | 'ambiguous' | 'permanent';

/** A failed call to a vendor. The message never holds a credential. */
export class VendorError extends Error {
  readonly kind: VendorFailure;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** How long the vendor asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: VendorFailure, message: string, at: { status?: number; retryAfterMs?: number | undefined } = {}) {
    super(message);
    this.name = 'VendorError';
    this.kind = kind;
    this.status = at.status;
    this.retryAfterMs = at.retryAfterMs;
  }
}
