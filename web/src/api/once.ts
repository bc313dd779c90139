import { useRef } from 'react';
import { Problem } from './client';

type Once = Record<'Idempotency-Key', string>;

// Not randomUUID: that is there on secure origins alone.
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * For acts that must not be done twice when their answer is lost and the button is pressed again: `act` sends the given
 * headers with its request. They stay the same until it has succeeded, so that the server knows a repeat; what it refused
 * it has not done, and remembers nothing of. Throws a `Problem` that says so when the repeat asks for something else.
 */
export function useOnce(): <T>(act: (headers: Once) => Promise<T>) => Promise<T> {
  const key = useRef<string>(undefined);
  return async (act) => {
    key.current ??= newKey();
    try {
      const done = await act({ 'Idempotency-Key': key.current });
      key.current = undefined;
      return done;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'idempotency_mismatch')) throw error;
      key.current = undefined;
      const message = 'The first try was carried out, with other values. See what it did before you try again.';
      throw new Problem(error.status, error.code, message);
    }
  };
}
