import { useRef } from 'react';
import { Problem } from './client';

/** Does an act with the headers that make it one however often it is tried. */
export type Once = <T>(act: (headers: Record<'Idempotency-Key', string>) => Promise<T>) => Promise<T>;

// Not randomUUID: that is there on secure origins alone.
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * For acts that must not be done twice when their answer is lost and the button is pressed again: `act` sends the given
 * headers with its request. They stay the same until it has succeeded, so that the server knows a repeat; what it refused
 * it has not done, and remembers nothing of. Throws a `Problem` that says so when the repeat asks for something else.
 */
export function useOnce(): Once {
  return useOnceEach()('');
}

/** As `useOnce`, for acts of several names: what holds their keys must outlive the dialog that each is done in. */
export function useOnceEach(): (name: string) => Once {
  const keys = useRef(new Map<string, string>());
  return (name) => async (act) => {
    const key = keys.current.get(name) ?? newKey();
    keys.current.set(name, key);
    try {
      const done = await act({ 'Idempotency-Key': key });
      keys.current.delete(name);
      return done;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'idempotency_mismatch')) throw error;
      keys.current.delete(name);
      const message = 'The first try was carried out, with other values. See what it did before you try again.';
      throw new Problem(error.status, error.code, message);
    }
  };
}
