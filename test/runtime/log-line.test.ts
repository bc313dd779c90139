import { expect, test } from 'vitest';
import { readableLine } from '../../runtime/log-line.ts';

test('a log entry is shown as its message and what it is about; any other line stays', () => {
  const entry = (fields: object) => JSON.stringify({ level: 30, time: 1, pid: 2, hostname: 'h', name: 'n', ...fields });
  expect(readableLine(entry({ msg: 'Ready.' }))).toBe('Ready.');
  expect(readableLine(entry({ level: 40, msg: '80% are spent.', campaignId: 'c1' }))).toBe(
    'warning: 80% are spent. (campaignId c1)',
  );
  const failed = entry({ level: 50, msg: 'It failed.', err: { message: 'no disk', stack: 'at x' }, attempts: 3 });
  expect(readableLine(failed)).toBe('error: It failed. (err no disk, attempts 3)');
  for (const line of ['Listening on 8080', '{ not JSON', '{"a":1}', '']) expect(readableLine(line)).toBe(line);
});
