import { Kbd } from '@mantine/core';
import { useState } from 'react';
import { hasSingleKeys, setSingleKeys } from '../forms/keys';
import type { KeyHelp } from '../forms/task-form';
import { useSay } from '../i18n';
import { Dialog } from '../ui/dialog';

const EVERYWHERE: readonly KeyHelp[] = [
  { keys: ['Enter', 'Ctrl+Enter'], does: 'keys.submit' },
  { keys: ['u'], does: 'keys.undo' },
  { keys: ['s'], does: 'keys.skip' },
  { keys: ['r'], does: 'keys.report' },
  { keys: ['i'], does: 'keys.instructions' },
  { keys: ['?'], does: 'keys.help' },
];

/** All keys of the form at hand and of the page. */
export function KeyList({ keys, onClose }: { keys: readonly KeyHelp[]; onClose: () => void }) {
  const say = useSay();
  const [single, setSingle] = useState(hasSingleKeys);
  const isHeard = (key: string) => single || key.length > 1 || '←→↑↓'.includes(key);
  const heard = [...keys, ...EVERYWHERE]
    .map((entry) => ({ ...entry, keys: entry.keys.filter(isHeard) }))
    .filter((entry) => entry.keys.length > 0);
  return (
    <Dialog title={say('work.keys')} onClose={onClose}>
      <dl className="key-list">
        {heard.map((entry) => (
          <div key={`${entry.does} ${entry.keys.join()}`}>
            <dt>{entry.keys.map((key) => (key === '…' ? ' … ' : <Kbd key={key}>{key}</Kbd>))}</dt>
            <dd>{say(entry.does)}</dd>
          </div>
        ))}
      </dl>
      <label className="key-switch">
        <input
          type="checkbox"
          checked={single}
          onChange={({ currentTarget: { checked } }) => {
            setSingleKeys(checked);
            setSingle(checked);
          }}
        />
        {say('keys.single')}
      </label>
    </Dialog>
  );
}
