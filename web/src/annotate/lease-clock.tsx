import { useEffect, useEffectEvent, useState } from 'react';
import { serverNow } from '../api/clock';
import { useSay } from '../i18n';
import { Icon } from '../ui/icon';

/** With less than this left, the clock says that it is low. */
export const LAST_MS = 60_000;

interface LeaseClockProps {
  readonly expiresAt: string;
  /** Called every second with what is left. */
  readonly onTick: (leftMs: number) => void;
}

/** How long the task is reserved still. */
export function LeaseClock({ expiresAt, onTick }: LeaseClockProps) {
  const say = useSay();
  const [nowMs, setNowMs] = useState(serverNow);
  const endMs = Date.parse(expiresAt);
  const tick = useEffectEvent(() => {
    setNowMs(serverNow());
    onTick(endMs - serverNow());
  });
  useEffect(() => {
    const timer = setInterval(() => tick(), 1000);
    return () => clearInterval(timer);
  }, []);
  const leftMs = endMs - nowMs;
  return (
    <span className="clock" data-low={leftMs < LAST_MS || undefined} role="timer" aria-live="off">
      <Icon name="clock" size={14} />
      {say('work.timeLeft', { time: timeText(Math.max(0, leftMs)) })}
    </span>
  );
}

/** As 1:05:09, or 5:09. */
export function timeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
