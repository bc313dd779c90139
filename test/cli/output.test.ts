import { describe, expect, it, test } from 'vitest';
import { addressOf } from '../../api/address.ts';
import { doctorLines } from '../../cli/commands/doctor.ts';
import { durabilityCheck } from '../../cli/commands/doctor-database.ts';
import { CliError, explain, facts, oneLine, table, usageError } from '../../cli/output.ts';
import { inBytes, progressLine } from '../../cli/progress.ts';
import { QuorateError } from '../../domain/failures.ts';
import { ConfigError } from '../../runtime/config.ts';
import { RuntimeProblem } from '../../runtime/problem.ts';

describe('explain', () => {
  it.each([
    [new CliError('No.'), 'No.', 1],
    [usageError('Wrong.'), 'Wrong.', 2],
    [new QuorateError('invalid_input', 'redundancy is 0.'), 'redundancy is 0.', 2],
    [new QuorateError('conflict', 'It has ended.'), 'It has ended.', 1],
    [
      new RuntimeProblem('port_in_use', 'Port 7400 is in use.', 'Set QUORATE_PORT.'),
      'Port 7400 is in use. Set QUORATE_PORT.',
      1,
    ],
    [
      new ConfigError([{ variable: 'QUORATE_PORT', message: 'is no port' }]),
      'One setting is wrong.\n  QUORATE_PORT: is no port',
      2,
    ],
  ])('%s', (error, text, exitCode) => {
    expect(explain(error)).toEqual({ text, exitCode });
  });

  it('shows a stack trace only where it is asked for', () => {
    const bug = new TypeError('x is not a function');
    expect(explain(bug)).toEqual({ text: expect.not.stringContaining('output.test.ts'), exitCode: 1 });
    expect(explain(bug).text).toMatch(/^Unexpected error: x is not a function\n.*QUORATE_LOG_LEVEL=debug/);
    expect(explain(bug, true).text).toContain('output.test.ts');
  });
});

describe('layout', () => {
  it('aligns columns, numbers to the right', () => {
    expect(
      table(
        ['NAME', 'N'],
        [
          ['a', 5],
          ['long', 12],
        ],
      ),
    ).toEqual(['NAME   N', 'a      5', 'long  12']);
    expect(table(['NAME'], [])).toEqual([]);
  });

  it('leaves out facts without a value', () => {
    expect(
      facts([
        ['State', 'running'],
        ['Id', null],
        ['Round', 0],
      ]),
    ).toEqual(['State  running', 'Round  0']);
  });

  it('keeps others from moving the cursor', () => {
    expect(oneLine('a\u001b[31mb\nc\u009bd')).toBe('a [31mb c d');
  });

  it('shows how far an import is', () => {
    const line = progressLine('Importing x', { done: 5_000_000, total: 10_000_000, seconds: 2 });
    expect(line).toBe('Importing x  [############............] 50%  5.0 MB of 10.0 MB  2.5 MB/s');
    expect(progressLine('x', { done: 10, total: undefined, seconds: 0 })).toBe('x  10 B');
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_999, '1.0 MB'],
    [1.5e9, '1.5 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(inBytes(bytes)).toBe(text);
  });

  it('lists what a machine lacks, with the way to get it, and the balances', () => {
    const lines = doctorLines(
      [
        { name: 'Node.js', status: 'ok', detail: '20.20.2' },
        { name: 'Disk', status: 'missing', detail: '0.1 GB free', fix: 'Free some space.' },
      ],
      undefined,
    );
    expect(lines).toEqual([
      'ok       Node.js  20.20.2',
      'MISSING  Disk     0.1 GB free',
      '                  Free some space.',
      '',
      'No stack runs here, so there was no ledger to prove.',
    ]);
  });
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:7400'],
  ['0.0.0.0', 'http://localhost:7400'],
  ['::', 'http://localhost:7400'],
  ['::1', 'http://[::1]:7400'],
])('a server that listens on %s is shown at %s', (host, url) => {
  expect(addressOf({ host, port: 7400 })).toBe(url);
});

test('doctor says what a power cut would cost', () => {
  expect(durabilityCheck([]).status).toBe('ok');
  expect(durabilityCheck(['fsync'])).toMatchObject({
    status: 'warn',
    detail: expect.stringMatching(/^fsync is off: /),
  });
});
