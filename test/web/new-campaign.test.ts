import { describe, expect, test } from 'vitest';
import { draftAfter } from '../../domain/campaign-change';
import { ownBody } from '../../domain/campaign-template';
import { USUAL_FIGURES } from '../../domain/cost/figures';
import { createCampaignSchema, resolveSettings } from '../../domain/settings';
import { hedgeFault } from '../../domain/vendors/capabilities';
import { VENDOR_NAMES } from '../../domain/vendors/names';
import { Problem } from '../../web/src/api/client';
import { speak } from '../../web/src/i18n/office';
import { exampleOf, withExamples } from '../../web/src/new/examples';
import { countGolds, goldRows, knownAt, withGold } from '../../web/src/new/golds';
import { guessMapping, itemOf, mappingFault } from '../../web/src/new/mapping';
import { faultWithLines, refusedAll } from '../../web/src/new/outcome';
import { amountOf, payOf } from '../../web/src/new/pay-of';
import { asksAll, bodyOf, changesOf, type Settings, START, settingsOf, VENDORS } from '../../web/src/new/settings';
import { settingsFault } from '../../web/src/new/settings-fault';
import { readSource } from '../../web/src/new/source';

describe('known answers given on the page', () => {
  const config = { labels: ['spam', 'ham'] };
  test('count under the settings they were given under, and no others', () => {
    const golds = withGold(withGold(new Map(), 0, { label: 'spam', config }), 2, { label: 'ham', config });
    expect(knownAt(golds, 2, config)?.label).toBe('ham');
    expect(knownAt(golds, 1, config)).toBeUndefined();
    const other = { labels: ['spam', 'fine'] };
    expect(knownAt(golds, 2, other)).toBeUndefined();
    expect([countGolds(golds, config), countGolds(golds, other)]).toEqual([
      { known: 2, stale: 0 },
      { known: 0, stale: 2 },
    ]);
    expect(countGolds(withGold(golds, 0, null), config).known).toBe(1);
  });

  test('make golds of their rows, beside those that the file knows', () => {
    const source = readSource('text,gold\na,spam\nb,\nc,\nd,ham\n');
    const golds = withGold(withGold(new Map(), 0, { label: 'ham', config }), 2, { label: 'ham', config });
    expect(goldRows(source, { text: ['text'], gold: ['gold'] }, golds, config)).toBe(3);
    expect(goldRows(source, { text: ['text'] }, golds, config)).toBe(2);
    expect(goldRows(null, {}, golds, config)).toBe(0);
  });
});

describe('worked examples', () => {
  test('quote the very words, whatever Markdown they look like', () => {
    const example = exampleOf('classification', { text: '# not a *title*\n<b>x</b>', title: '' }, 'spam');
    expect(example).toEqual({ content: '# not a *title*\n<b>x</b>', answer: 'spam', why: '' });
    expect(withExamples('Read.\n', [{ ...example, why: 'It sells.' }])).toBe(
      'Read.\n\n### Example 1\n\n> \\# not a \\*title\\*\\\n> \\<b\\>x\\</b\\>\n\n**spam**\n\nIt sells.',
    );
    expect(withExamples('Read.', [])).toBe('Read.');
  });

  test('are numbered and named in the language of the page', async () => {
    await speak('ar');
    const example = exampleOf('free_text', { prompt: 'p', title: 't' }, 'x');
    expect(withExamples('', [example])).toContain('### مثال');
    await speak('en');
    expect(withExamples('', [example])).toContain('### Example 1');
  });

  test('name the fields where there are several, and the words that were marked', () => {
    const pair = exampleOf('pairwise', { prompt: 'Why?', a: 'So.', b: 'No.' }, { choice: 'a', strength: 2 });
    expect(pair.content).toBe('Prompt: Why?\nFirst answer: So.\nSecond answer: No.');
    expect(pair.answer).toBe('first answer is better, by 2');
    const marked = exampleOf('span', { text: '👍 Ana came.' }, [{ start: 2, end: 5, label: 'PERSON' }]);
    expect(marked.answer).toBe('PERSON “Ana”');
    const ranked = exampleOf('preference_ranking', { prompt: 'Why?', answers: ['x', 'y'] }, { ranks: [2, 1] });
    expect(ranked.content).toBe('Prompt: Why?\nAnswers to rank: \n1. x\n2. y');
  });
});

describe('a copy of a campaign', () => {
  const old = {
    ...{ name: 'Mails (copy)', type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: '20.00' },
    ...{ workforces: ['llm', 'internal'], judge: { target: 0.9 }, goldFloor: 3, dailyLimit: 40, redundancy: 3 },
    agreementWatch: { pauseBelow: 0.5, windowAnswers: 500, minTasks: 60 },
    escalation: [{ step: 'raise_pay', by: 0.5 }, { step: 'give_up' }, { step: 'raise_pay', by: 1 }],
    ...{ mode: 'rounds', batchSize: 40, maxLeases: 2, lateAnswers: 'keep_unpaid', evaluation: null, firstBatch: 7 },
    stop: {
      ...{ maxTasks: 900, targetAccuracy: 0.955, plateau: { rounds: 3, minGain: 0.005 }, leastPointsPerUsd: 0.2 },
      deadline: '2999-01-04T09:30:00.000Z',
    },
    consistency: { share: 0.05 },
    calibration: { questions: 9, required: true },
  };

  test('keeps what the page has no field for, and what it has as the page says', () => {
    const body = bodyOf({ ...settingsOf(old), dailyLimit: null, pauseBelow: 0.4 }, old);
    expect(body).toMatchObject({
      goldFloor: 3,
      judge: { target: 0.9 },
      budgetUsd: '20.00',
      agreementWatch: { pauseBelow: 0.4, windowAnswers: 500, minTasks: 60 },
      escalation: old.escalation,
    });
    expect(body).not.toHaveProperty('dailyLimit');
    const { mode, batchSize, maxLeases, lateAnswers, evaluation, firstBatch, stop, consistency, calibration } = old;
    expect(body).toMatchObject({ mode, batchSize, maxLeases, lateAnswers, evaluation, firstBatch });
    expect(body).toMatchObject({ stop, consistency, calibration });
    const changed = {
      ...settingsOf(old),
      stopTasks: null,
      repeatPercent: null,
      calibrates: false,
      further: '{"seed":"x"}',
    };
    const next = bodyOf({ ...changed, evaluationPercent: 20, autoLabelPercent: 95 }, old);
    expect(next).toMatchObject({ seed: 'x', evaluation: { share: 0.2 }, autoLabel: { target: 0.95 } });
    expect(next.calibration).toEqual({ questions: 9, required: false });
    expect(next.stop).not.toHaveProperty('maxTasks');
    expect(next).not.toHaveProperty('consistency');
  });

  test('keeps its shares to the hundredth of a percent', () => {
    for (const [minConfidence, goldRatio] of [
      [0.955, 0.07],
      [0.9999, 0.035],
      [0.29, 0.0001],
    ]) {
      const precise = { ...old, judge: undefined, minConfidence, goldRatio };
      expect(bodyOf(settingsOf(precise), precise)).toMatchObject({ minConfidence, goldRatio });
    }
  });

  test('of another type begins with nothing of the old one; without judges first there are none', () => {
    expect(bodyOf({ ...settingsOf(old), type: 'span' }, old)).not.toHaveProperty('firstBatch');
    expect(bodyOf({ ...settingsOf(old), workforces: ['internal'] }, old)).not.toHaveProperty('judge');
    expect(bodyOf(START)).not.toHaveProperty('language');
    expect(bodyOf(START)).not.toHaveProperty('relabel');
    const asking = { ...old, relabel: { maxAnswers: 5 } };
    expect(bodyOf(settingsOf(asking), asking)).toMatchObject({ relabel: { maxAnswers: 5 } });
    expect(bodyOf({ ...settingsOf(asking), relabels: false }, asking)).not.toHaveProperty('relabel');
    expect(bodyOf({ ...settingsOf(asking), config: { labels: ['a', 'b'], multiple: true } })).not.toHaveProperty(
      'relabel',
    );
  });

  test('keeps the budget of its evaluation', () => {
    const sliced = { ...old, evaluation: { share: 0.1, budgetUsd: '3' } };
    expect(bodyOf({ ...settingsOf(sliced), evaluationPercent: 20 }, sliced).evaluation).toEqual({
      share: 0.2,
      budgetUsd: '3',
    });
    expect(bodyOf({ ...settingsOf(sliced), evaluationPercent: 0 }, sliced).evaluation).toBeNull();
  });

  test('of before hedges needed money, and judges to be as sure as people, is one that the server takes', () => {
    const older = {
      ...{ ...old, workforces: ['llm', 'prolific', 'internal'], hedge: { afterMs: 5000 } },
      ...{ redundancyPolicy: 'adaptive', redundancy: 2, minConfidence: 0.95, judge: { target: 0.9, auditShare: 0.2 } },
    };
    const body = bodyOf(settingsOf(older), older);
    expect(body).not.toHaveProperty('hedge');
    expect(body.judge).toEqual({ target: 0.95, auditShare: 0.2 });
    // Without it all workforces must be asked, which the page says before the server does.
    const unasked = { ...older, escalation: [{ step: 'give_up' }] };
    expect(settingsFault(settingsOf(unasked), unasked)).toContain('never asked');
    const paid = { ...unasked, hedge: { afterMs: 5000, budgetUsd: '1' } };
    expect(settingsFault(settingsOf(paid), paid)).not.toEqual(expect.stringContaining('never asked'));
    expect(bodyOf({ ...settingsOf(older), minConfidence: null }, older).judge).toMatchObject({ target: 0.95 });
    expect(bodyOf({ ...settingsOf(older), minConfidence: 80 }, older).judge).toMatchObject({ target: 0.9 });
  });

  test('has a ladder that asks all workforces, which its page keeps up with them', () => {
    const next = { step: 'next_workforce' };
    const three = asksAll({ ...START, workforces: ['internal', 'surge_ai', 'scale_ai'] }, {});
    expect(three.escalation).toEqual([next, next, ...START.escalation]);
    expect(asksAll({ ...three, workforces: ['internal'] }, {})).toEqual({ ...three, ...START });
    expect(asksAll({ ...three, workforces: ['internal', 'surge_ai'] }, {}).escalation).toHaveLength(4);
    expect(asksAll({ ...START, workforces: ['llm', 'internal'] }, old).escalation).toEqual(START.escalation);
    const judged = { ...START, workforces: ['llm', 'internal'], further: '{"judge":{}}' };
    expect(asksAll(judged, {}).escalation).toEqual(START.escalation);
    expect(asksAll({ ...judged, further: '' }, {}).escalation).toEqual([next, ...START.escalation]);
  });

  test('asks nobody beside a vendor once no vendor has somebody after it', () => {
    const hedged = { ...old, workforces: ['prolific', 'internal'], hedge: { budgetUsd: '1' } };
    for (const workforces of [['prolific', 'internal'], ['prolific'], ['internal', 'prolific'], ['llm', 'internal']]) {
      const body = bodyOf({ ...settingsOf(hedged), workforces }, hedged);
      expect(['hedge' in body, workforces]).toEqual([
        hedgeFault(workforces, { budgetMicros: '1' }) === undefined,
        workforces,
      ]);
    }
    expect(VENDORS).toEqual(VENDOR_NAMES.filter((name) => name !== 'llm'));
  });

  test('is not made with a field left empty that must not be', () => {
    expect(() => bodyOf({ ...START, redundancy: null })).toThrow('A number is missing.');
  });
});

describe('rows of a file', () => {
  const csv = 'id,text\n\n1,"two\nlines"\n2\n3,a,b\n4,fine\n5,also';

  test('that do not fit the header are left out, and the others know their lines', () => {
    const { rows, lines, faults, faultCount, columns } = readSource(csv);
    expect(readSource(csv.replaceAll('\n', '\r\n')).lines).toEqual(lines);
    expect(columns).toEqual(['id', 'text']);
    expect(rows).toEqual([
      { id: '1', text: 'two\nlines' },
      { id: '4', text: 'fine' },
      { id: '5', text: 'also' },
    ]);
    expect(lines).toEqual([3, 7, 8]);
    expect(faults.map(({ line }) => line)).toEqual([5, 6]);
    expect(faultCount).toBe(2);
  });

  test('end with a quotation that is never closed: that row is left out', () => {
    const { rows, faults } = readSource('id,text\n1,fine\n2,"open\n3,lost\n');
    expect(rows).toEqual([{ id: '1', text: 'fine' }]);
    expect(faults).toMatchObject([{ line: 3 }, { line: 4 }]);
  });

  test('that a stray quote takes along are all counted as left out', () => {
    const lines = Array.from({ length: 1000 }, (_, at) => (at === 2 ? '"Dear all, he said hi,spam' : `text ${at},ham`));
    const { rows, faults, faultCount } = readSource(`text,label\n${lines.join('\n')}\n`);
    expect(rows.length + faultCount).toBe(1000);
    expect(rows).toHaveLength(2);
    expect(faults.slice(0, 2)).toMatchObject([
      { line: 4 },
      { line: 5, reason: 'It is inside quotes that open in line 4.' },
    ]);
  });

  test('in the form of the API are read as it reads them', () => {
    const row = { key: 'k', payload: { text: 'a', note: 'kept' }, gold: 'spam', honeypot: true, vector: [0.5, 1] };
    const source = readSource(`${JSON.stringify(row)}\n`);
    const mapping = guessMapping('classification', source.columns);
    expect(mappingFault('classification', mapping, source)).toBeUndefined();
    expect(source.rows.map((each) => itemOf('classification', mapping, each))).toEqual([row]);
  });

  test('of JSON lines know their lines, and columns whose numbers were rounded are named', () => {
    const source = readSource('\n{"id":12345678901234567890,"text":"a"}\nno\n{"id":2,"text":"b"}\n');
    expect(source.lines).toEqual([2, 4]);
    expect(source.faults).toEqual([{ line: 3, reason: 'The line is not JSON.' }]);
    expect(source.inexact).toEqual(['id']);
    const mapped = { text: ['text'], key: ['id'] };
    expect(mappingFault('classification', mapped, source)).toContain('The column id has whole numbers');
    expect(mappingFault('classification', { text: ['text'] }, source)).toBeUndefined();
  });

  test('show no column that was not chosen, whatever its name is', () => {
    const row = { text: 'a', title: 'spam, surely', note: 'kept' };
    expect(itemOf('classification', { text: ['text'] }, row)).toEqual({ payload: { text: 'a', note: 'kept' } });
    expect(itemOf('classification', { text: ['title'] }, row)).toEqual({
      payload: { text: 'spam, surely', note: 'kept' },
    });
  });

  test('that are all refused are named by the lines of the file', () => {
    const details = { rejected: [{ line: 2, reason: 'No text.' }], rejectedCount: 1 };
    const fault = faultWithLines(new Problem(400, 'invalid_input', 'No row could be imported.', details), [3, 7]);
    expect(refusedAll(fault)).toMatchObject({ rejected: [{ line: 7, reason: 'No text.' }], rejectedCount: 1 });
    const other = new Problem(0, 'network', 'The server could not be reached.');
    expect(faultWithLines(other, [3, 7])).toBe(other);
    expect(refusedAll(other)).toBeUndefined();
  });
});

describe('what an answer costs', () => {
  test.each([
    ['', '', { usualUsd: 0.1, mostUsd: 0.1 }],
    ['0.05', '', { usualUsd: 0.05, mostUsd: 0.05 }],
    ['', '12', { usualUsd: 0.1, mostUsd: 0.2 }],
    ['0.50', '12', { usualUsd: 0.1, mostUsd: 0.5 }],
    ['0.05', '12', { usualUsd: 0.05, mostUsd: 0.05 }],
    ['0', '$5', { usualUsd: 0.1, mostUsd: 0.1 }],
  ])('with a price of %j and %j an hour, its usual time being worth 10 cents', (price, hourly, expected) => {
    expect(payOf(0.1, amountOf(price), amountOf(hourly))).toEqual(expected);
  });
});

describe('the changes of a draft on its page', () => {
  const usual = { floorMicros: 0n, figures: USUAL_FIGURES };
  const { settings: stored } = resolveSettings(
    createCampaignSchema.parse({
      ...{ type: 'classification', config: { labels: ['spam', 'ham'] }, name: 'Mails', budgetUsd: '50' },
      ...{ stop: { maxTasks: 10, deadline: '2040-01-01T00:00:00.000Z' }, seed: 'mine', goldFloor: 3 },
    }),
  );
  const old = ownBody(stored, 50_000_000n, usual);

  test.each<Partial<Settings>>([
    { tier: 'expert' },
    { redundancyPolicy: 'adaptive', redundancy: 2, minConfidence: null },
    { redundancyPolicy: 'adaptive', redundancy: 2, minConfidence: 60 },
    { redundancy: 7, onDisagreement: 'extend', maxRedundancy: 9 },
    { priceUsd: '0.07', hourlyUsd: '20' },
    { stopTasks: null, stopDeadline: '' },
    { pauses: false, evaluationPercent: 0, relabels: true },
    { evaluationPercent: null, minConfidence: null, language: 'pt-BR', dailyLimit: 9, maxPerGroup: 2 },
    { workforces: ['internal', 'prolific'], escalation: [{ step: 'next_workforce' }, { step: 'give_up' }] },
    { mode: 'rounds', maxLeases: 4, paysLate: false, calibrates: true, repeatPercent: 5, autoLabelPercent: 95 },
    { further: '{"seed": "other"}', instructions: 'Read.', leaseMinutes: 5, rejectionDays: 3 },
  ])('make of it what creation makes of the page: %o', (change) => {
    const settings = { ...settingsOf(old), ...change };
    const changes = changesOf(settings, old, { draft: true });
    expect(Object.keys(changes)).not.toHaveLength(0);
    const read = Object.fromEntries(
      Object.entries(changes).map(([name, value]) => [
        name,
        value === null ? null : createCampaignSchema.partial().parse({ [name]: value })[name as 'name'],
      ]),
    );
    const created = resolveSettings(createCampaignSchema.parse(bodyOf(settings, old)), usual).settings;
    expect(draftAfter(stored, read, usual)).toEqual(created);
  });

  test('are none where nothing was touched, and name nothing of another setting once it runs', () => {
    const page = settingsOf(old);
    expect(changesOf(page, old, { draft: true })).toEqual({});
    expect(changesOf({ ...page, dailyLimit: 5, stopTasks: 20 }, old, { draft: false })).toEqual({
      dailyLimit: 5,
      stop: { maxTasks: 20, deadline: '2040-01-01T00:00:00.000Z' },
    });
    expect(changesOf({ ...page, evaluationPercent: null }, old, { draft: false })).toEqual({ evaluation: {} });
  });
});
