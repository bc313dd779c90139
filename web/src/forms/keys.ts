import { useEffect, useEffectEvent } from 'react';

const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';

/** Whether somebody types text there, so that letters and digits are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** Calls `handle` for keys that are not part of a text, of a shortcut, or of a dialog; true means the key was used. */
export function useKeys(active: boolean, handle: (event: KeyboardEvent) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('[role=dialog]') !== null) return;
    if (handle(event)) event.preventDefault();
  });
  useEffect(() => {
    if (!active) return;
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [active]);
}

/** 0 to 9 for a digit key of either block, else undefined. */
export function digitOf({ key }: { readonly key: string }): number | undefined {
  return /^[0-9]$/.test(key) ? Number(key) : undefined;
}
