import fc from 'fast-check';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Prose } from '../../web/src/forms/content';

const rendered = (text: string) => renderToStaticMarkup(createElement(Prose, { text }));
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#x27': "'", amp: '&' };
/** What can be read of it. */
const visible = (text: string) =>
  rendered(text)
    .replaceAll(/<br\/>\n?/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|#x27|amp);/g, (_, name: string) => ENTITIES[name] ?? '');

describe('Markdown that is judged', () => {
  it('keeps apart what it adds to a tight list', () => {
    expect(rendered('1. Install it:\n   ```bash\n   npm i\n   ```')).toMatch(/<p>Install it:<\/p>\s*<p>bash<\/p>/);
    expect(rendered('- item\n  <div>')).toMatch(/<p>item<\/p>\s*<p>&lt;div&gt;<\/p>/);
  });

  it.each([
    ['Use List<String> here', 'Use List<String> here'],
    ['<div>\n  Hello\n</div>', '<div>\n\u00a0\u00a0Hello\n</div>'],
    ['one\ntwo **three**\nfour', 'one\ntwo three\nfour'],
    ['<!-- hidden --> seen', '<!-- hidden --> seen'],
    ['[1]: https://a.example "note"', '[1]: https://a.example "note"'],
    ['> quoted\n> <b>x</b>', '\nquoted\n<b>x</b>\n'],
    ['```python x=1\ncode\n```', 'python x=1\ncode\n'],
    ['- a\n- b <i>c</i>', '\na\nb <i>c</i>\n'],
    ['| a | b |\n|---|:-:|\n| 1 | 2 |', '| a | b |\n|---|:-:|\n| 1 | 2 |\n'],
  ])('shows %j with nothing left out', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('makes nothing active of HTML', () => {
    const text = '<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\na <a href="javascript:x">b</a>';
    expect(rendered(text)).not.toMatch(/<(img|script|a)\b/);
    expect(visible(text)).toContain('<script>alert(1)</script>');
  });

  it('keeps a table apart from what is none', () => {
    expect(rendered('a | b\n--- | ---\n1 | 2')).toContain('<pre>');
    expect(rendered('a | b\nc | d')).not.toContain('<pre>');
    expect(rendered('a\n---')).not.toContain('<pre>');
  });

  it('shows every word, whatever marks are around it', () => {
    const word = fc.constantFrom('alpha', 'beta', 'gamma1', 'ملف');
    const marks = fc.constantFrom(
      ...[
        ' ',
        ' ',
        '\n',
        '\n\n',
        ' <b> ',
        '</b>',
        '<T>',
        '*',
        '**',
        '`',
        '\n- ',
        '\n> ',
        '\n# ',
        '|',
        '\n|-|-|\n',
        '~~',
      ],
      ...[
        '<!--',
        '-->',
        '\n<div>\n',
        '\n</div>\n',
        '<?',
        '?>',
        '_',
        '\n```\n',
        '<script>',
        '&',
        '\n1. ',
        '\n    ',
        '\\',
      ],
      ...['\n[x]: ', '[', ']', '<!X ', '<![CDATA[', ']]>'],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, marks), { maxLength: 25 }), (parts) => {
        const shown = visible(parts.join(''));
        const words = (text: string) => text.match(/alpha|beta|gamma1|ملف/g) ?? [];
        expect(words(shown)).toEqual(words(parts.join('')));
      }),
      { numRuns: 2000 },
    );
  });
});
