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
