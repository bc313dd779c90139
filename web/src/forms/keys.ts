import { useEffect, useEffectEvent } from 'react';

const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';

/** Whether somebody types text there, so that letters and digits are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** Whether what is written there runs from right to left, as arrow keys then do. */
export const isRtl = (element: Element | null): boolean =>
  element !== null && getComputedStyle(element).direction === 'rtl';

const SINGLE = 'quorate.singleKeys';

/** Whether letters, digits and signs act by themselves: words that are dictated would press them. */
export const hasSingleKeys = (): boolean => localStorage.getItem(SINGLE) !== 'no';
export const setSingleKeys = (on: boolean): void => localStorage.setItem(SINGLE, on ? 'yes' : 'no');

/** A key that was pressed, as the forms read it. */
export interface Pressed {
  /** What it types, letters small; see `keyOf`. */
  readonly key: string;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  readonly target: EventTarget | null;
}

/** Hears every key that is pressed on the page, while `active`. */
function useKeydown(active: boolean, heard: (event: KeyboardEvent) => void): void {
  const onKey = useEffectEvent(heard);
  useEffect(() => {
    if (!active) return;
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [active]);
}

/** Calls `handle` for keys that are not part of a text, of a shortcut, or of a dialog; true means the key was used. */
export function useKeys(active: boolean, handle: (pressed: Pressed) => boolean): void {
  useKeydown(active, (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('[role=dialog]') !== null || (event.key.length === 1 && !hasSingleKeys())) return;
    const { shiftKey, repeat, target } = event;
    if (handle({ key: keyOf(event), shiftKey, repeat, target })) event.preventDefault();
  });
}

/** Calls `act` on Ctrl+Enter, in a text as well; a key that is held down is one call. */
export function useCtrlEnter(active: boolean, act: () => void): void {
  useKeydown(active, (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat) act();
  });
}

/**
 * What a key types where that is one of the characters the forms know; otherwise what its place types on an English
 * keyboard: other scripts have other letters there, French keyboards have digits with Shift alone, and a comma has
 * another sign above it nearly everywhere.
 */
export function keyOf({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  if (key.length > 1) return key;
  if (/^[a-z0-9?,.]$/i.test(key)) return key.toLowerCase();
  if (key === '؟') return '?';
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  if (letter !== undefined && /^[^ -~]$/u.test(key)) return letter.toLowerCase();
  const [, digit] = /^Digit([0-9])$/.exec(code) ?? [];
  if (digit !== undefined && !shiftKey) return digit;
  if (code === 'Comma') return ',';
  return code === 'Period' ? '.' : key;
}

/** Whether Enter there answers the form. It does not on what Enter itself presses; what it would press in vain counts as none. */
export function isEnterFree(target: EventTarget | null): boolean {
  const pressed = target instanceof Element ? target.closest('button, a, summary, input') : null;
  return pressed === null || pressed.getAttribute('data-choice') === 'done';
}

/** 0 to 9 for a digit key of either block, else undefined. */
export function digitOf({ key }: { readonly key: string }): number | undefined {
  return /^[0-9]$/.test(key) ? Number(key) : undefined;
}
