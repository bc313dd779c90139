import { Button } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import { t } from '../i18n/office';
import { Icon } from './icon';
import { RowButton } from './row-button';

interface RowMenuProps {
  /** Who or what the row is about: read out with each button. */
  readonly of: string;
  readonly acts: readonly { readonly title: string; readonly onAct: () => void }[];
}

const GAP_PX = 4;
const ACT_PX = 36;

/** What can be done about a row of a table, behind one button: a row stays one line high. */
export function RowMenu({ of, acts }: RowMenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const place = () => {
    const at = button.current?.getBoundingClientRect();
    if (!at || !menu.current) return;
    const { clientWidth, clientHeight } = document.documentElement;
    const isBelow = at.bottom + GAP_PX + ACT_PX * acts.length < clientHeight;
    const isRtl = document.documentElement.dir === 'rtl';
    Object.assign(menu.current.style, {
      top: isBelow ? `${at.bottom + GAP_PX}px` : 'auto',
      bottom: isBelow ? 'auto' : `${clientHeight - at.top + GAP_PX}px`,
      left: isRtl ? `${at.left}px` : 'auto',
      right: isRtl ? 'auto' : `${clientWidth - at.right}px`,
    });
  };
  // What it belongs to may go away under it.
  const following = useRef<AbortController>(null);
  useEffect(() => () => following.current?.abort(), []);
  const toggle = (opens: boolean) => {
    following.current?.abort();
    if (!opens) return;
    place();
    following.current = new AbortController();
    addEventListener('scroll', place, { capture: true, passive: true, signal: following.current.signal });
  };
  return (
    <>
      <Button
        ref={button}
        size="compact-xs"
        variant="default"
        rightSection={<Icon name="down" size={12} />}
        popoverTarget={id}
      >
        {t('Act')} <span className="visually-hidden">{of}</span>
      </Button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        className="row-menu"
        onBeforeToggle={({ newState }) => toggle(newState === 'open')}
      >
        {acts.map(({ title, onAct }) => (
          <RowButton
            key={title}
            of={of}
            onClick={() => {
              // The button has the focus again: a dialog gives it back to what had it.
              menu.current?.hidePopover();
              onAct();
            }}
          >
            {title}
          </RowButton>
        ))}
      </div>
    </>
  );
}
