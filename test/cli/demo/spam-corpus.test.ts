import { beforeAll, describe, expect, it } from 'vitest';
import { type SpamItem, spamCorpus } from '../../../cli/demo/spam-corpus.ts';
import { MAX_MAIL_CHARACTERS, mailText } from '../../../cli/demo/spam-corpus-text.ts';
import { classification } from '../../../domain/tasks/classification.ts';

const mail = (...lines: string[]) => lines.join('\n');

describe('the text of a mail', () => {
  it('keeps sender, subject and body, and drops all other headers', () => {
    const text = mailText(
      mail(
        'From exmh@example.com  Thu Aug 22 12:36:23 2002',
        'Received: from relay.example.net by mx.example.com',
        '\twith ESMTP id 42',
        'From: Robert Elz <kre@munnari.example>',
        'Subject: New sequences',
        '  window',
        'X-Spam-Status: No, hits=-4.1',
        'List-Id: <exmh.example.com>',
        '',
        'Hello there.',
      ),
    );
    expect(text).toBe('From: Robert Elz (munnari.example)\nSubject: New sequences window\n\nHello there.');
  });

  it('decodes encoded words and quoted-printable in their character set', () => {
    const text = mailText(
      mail(
        'From: =?iso-8859-1?Q?Ren=E9e?= <r@example.org>',
        'Subject: =?utf-8?B?w7xiZXI=?= =?utf-8?Q?_alles?=',
        'Content-Type: text/plain; charset="iso-8859-1"',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Gr=FC=DFe aus M=FCn=',
        'chen',
      ),
    );
    expect(text).toBe('From: Renée (example.org)\nSubject: über alles\n\nGrüße aus München');
  });

  it('decodes base64, and takes an unknown character set for Western European', () => {
    const body = Buffer.from('caf\u00e9', 'latin1').toString('base64');
    const head = ['Subject: x', 'Content-Type: text/plain; charset=default_charset'];
    expect(mailText(mail(...head, 'Content-Transfer-Encoding: base64', '', body))).toBe('Subject: x\n\ncafé');
  });

  it('takes the plain one of alternatives, and no attachments', () => {
    const text = mailText(
      mail(
        'Subject: parts',
        'Content-Type: multipart/mixed; boundary="outer"',
        '',
        'This is a multi-part message.',
        '--outer',
        'Content-Type: multipart/alternative;',
        ' boundary=inner',
        '',
        '--inner',
        'Content-Type: text/plain',
        '',
        'plain words',
        '--inner',
        'Content-Type: text/html',
        '',
        '<b>bold words</b>',
        '--inner--',
        '--outer',
        'Content-Type: application/octet-stream',
        '',
        'AAAA',
        '--outer--',
        'afterword',
      ),
    );
    expect(text).toBe('Subject: parts\n\nplain words');
  });

  it('reads HTML without tags, comments, scripts and styles', () => {
    const html =
      '<html><head><title>t</title><style>p{color:red}</style></head><body><p>V<!-- x -->iagra &amp; <b>m</b>ore</p>' +
      '<script>alert("<b>")</script>&#8364;5<br>&eacute;&#0;&#x110000;</body>';
    expect(mailText(mail('Subject: h', 'Content-Type: text/html', '', html))).toBe(
      'Subject: h\n\nViagra & more\n€5\n&eacute;',
    );
  });

  it('drops the tag and the footer of a mailing list, also in quotes', () => {
    const text = mailText(
      mail(
        'Subject: Re: [ILUG] hard links',
        '',
        '> quoted',
        '> http://www.example.org/mailman/listinfo/ilug',
        'Use the other one.',
        '',
        '-- ',
        "Irish Linux Users' Group: ilug@example.org",
        'http://www.example.org/mailman/listinfo/ilug for (un)subscription information.',
      ),
    );
    expect(text).toBe('Subject: Re: hard links\n\n> quoted\nUse the other one.');
  });

  it('falls back to the subject, and to "(none)" where even that is missing', () => {
    expect(mailText('Subject: only this\n\n')).toBe('Subject: only this');
    expect(mailText('')).toBe('Subject: (none)');
  });

  it('cuts long mails between characters', () => {
    const text = mailText(`Subject: x\n\n${'😀'.repeat(3000)}`);
    expect(text.length).toBeLessThanOrEqual(MAX_MAIL_CHARACTERS);
    expect(text).toMatch(/😀…$/u);
    expect(mailText(`Subject: xy\n\n${'😀'.repeat(3000)}`)).not.toMatch(/\p{Surrogate}/u);
  });

  it('repairs broken Unicode and removes control characters', () => {
    expect(mailText('Subject: a\u0000b\u0007\n\nx\ud800y \ufffd\ufffd\ufffd z')).toBe(
      'Subject: ab\n\nx\ufffdy \ufffd z',
    );
  });
});

describe('the corpus', () => {
  const items: SpamItem[] = [];
  beforeAll(async () => {
    for await (const item of spamCorpus()) items.push(item);
  }, 180_000);

  it('has 6,046 e-mails under unique keys: 1,896 spam, and 250 legitimate ones marked hard', () => {
    expect(items).toHaveLength(6046);
    expect(new Set(items.map(({ key }) => key)).size).toBe(6046);
    expect(items.filter(({ truth }) => truth === 'spam')).toHaveLength(1896);
    expect(items.filter(({ hard }) => hard)).toHaveLength(250);
    expect(items.some(({ truth, hard }) => truth === 'spam' && hard)).toBe(false);
  });

  it('has only texts the task type accepts, none too long', () => {
    const refused = items.filter(({ text }) => !classification.payloadSchema.safeParse({ text }).success);
    expect(refused).toEqual([]);
    expect(Math.max(...items.map(({ text }) => text.length))).toBeLessThanOrEqual(MAX_MAIL_CHARACTERS);
  });

  it('shows few duplicates, and none with two truths', () => {
    const truths = new Map<string, Set<string>>();
    for (const { text, truth } of items) truths.set(text, (truths.get(text) ?? new Set()).add(truth));
    expect(items.length - truths.size).toBe(118);
    expect([...truths.values()].filter((both) => both.size > 1)).toEqual([]);
  });

  it('shows no list or filter mark, and of the headers only sender and subject', () => {
    expect(items.filter(({ text }) => /listinfo\/|DeathToSpam/.test(text)).map(({ key }) => key)).toEqual([]);
    const heads = items.map(({ text }) => text.split('\n\n')[0] ?? '');
    expect(heads.filter((head) => !/^(From: .*\n)?Subject: .*$/.test(head))).toEqual([]);
  });
});
