import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readAnswers } from '../../../domain/formats/answers.ts';
import { quotedCell } from '../../../domain/formats/csv.ts';
import { CsvBytes } from '../../../domain/formats/csv-bytes.ts';

it('names and texts come out as their strings would', () => {
  const cell = fc.oneof(
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.stringMatching(/^[ab ",\r\n\t]{1,6}$/),
    fc.constantFrom('\u00a0x', 'x\ufeff', '\ufeffx', 'x'.repeat(700_000)),
  );
  fc.assert(
    fc.property(fc.uniqueArray(cell, { minLength: 1, maxLength: 30 }), (tasks) => {
      const rows = tasks.map((task) => `"${task.replaceAll('"', '""')}",w,l`);
      const { unitNames } = readAnswers(new TextEncoder().encode(`task,worker,label\n${rows.join('\n')}`), {
        source: 'a',
      });
      const out = new CsvBytes();
      let written = '';
      const take = () => {
        written += new TextDecoder('utf-8', { ignoreBOM: true }).decode(out.take());
      };
      tasks.forEach((task, id) => {
        out.name(unitNames, id);
        out.text(`,${task}\n`);
        if (out.isFull) take();
      });
      take();
      expect(written).toBe(tasks.map((task) => `${quotedCell(task)},${task}\n`).join(''));
    }),
  );
});

it('numbers from 0 to 1 come out as they are, to fifteen decimals', () => {
  const share = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 1, 0.5, 0.1, 0.3, 1 / 3, 1 - 1e-16, 1 - 1e-15, 1e-3, 1e-9, 5e-324, 0.000_999_999, 0.123_456_7),
  );
  fc.assert(
    fc.property(fc.array(share, { minLength: 1, maxLength: 20 }), (shares) => {
      const out = new CsvBytes();
      for (const each of shares) {
        out.share(each);
        out.text('\n');
      }
      const lines = new TextDecoder().decode(out.take()).trimEnd().split('\n');
      expect(lines).toHaveLength(shares.length);
      lines.forEach((line, at) => {
        const given = shares[at] ?? Number.NaN;
        expect(Math.abs(Number(line) - given)).toBeLessThanOrEqual(6e-16);
        expect(line.length).toBeLessThanOrEqual(Math.max(17, String(given).length));
        expect(line).not.toMatch(/\.\d*0$/);
      });
    }),
  );
});
