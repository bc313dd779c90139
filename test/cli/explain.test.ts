import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionRecord } from '../../domain/aggregation/decide.ts';
import { quorate } from './run.ts';
import { type Answer, json, startStub } from './stub-server.ts';

const ID = '0190a0a0-0000-7000-8000-000000000001';

let answer: Answer;
let stub: Awaited<ReturnType<typeof startStub>>;

beforeEach(async () => {
  stub = await startStub((...args) => answer(...args));
});
afterEach(() => stub.close());

describe('explain', () => {
  it('tells what happened in order, with the weights', async () => {
    answer = json(200, task);
    const { out } = await quorate(stub.url, 'explain', task.id);
    const order = ['chosen in round 2', 'Ann leased', 'Ann answered "spam" after 12 s', 'window ended', 'revision 1'];
    const places = order.map((text) => out.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(out).toContain('Ann: "spam" weighs 0.8 (100%)');
    expect(out).toContain(
      'why: combined, as number 3 of the batch, from 5000 candidates: uncertainty 0.8, score 0.00123',
    );
    const first = { ...task.story.selection, uncertainty: null, score: null, by: 'diverse_start', because: 'no_model' };
    answer = json(200, { ...task, story: { ...task.story, selection: first } });
    expect((await quorate(stub.url, 'explain', task.id)).out).toContain(
      'why: combined, in its place a diverse start (there was no model), as number 3 of the batch, from 5000 candidates\n',
    );
    expect(out).toContain('why Ann: crowd meets crowd; quality 0.50 x 2 + priority 1 x 0.5 = 1.50');
    expect(out).toContain('score 0.9, too_fast');
    expect(out).toContain('opened again (relabel) for 1 answer more: Worth it.');
    expect(out).toContain('$0.15 reserved, $0.05 spent, $0.10 released');
  });

  it('ends with 1 where a record does not lead to its decision, and says of each whether it does', async () => {
    const [planted] = task.story.revisions;
    const { result, json: record } = decisionRecord({
      taskId: task.id,
      type: 'classification',
      policyVersion: 1,
      instructionsVersion: 1,
      config: { labels: ['spam', 'ham'], multiple: false },
      votes: [{ annotationId: 'n1', label: 'spam', weight: 0.8 }],
    });
    const true1 = { ...planted, confidence: result.confidence, evidence: JSON.parse(record) as unknown, note: 'kept' };
    const revisions = (...all: unknown[]) => json(200, { ...task, story: { ...task.story, revisions: all } });
    answer = revisions({ ...planted, revision: 2 }, true1);
    const ran = await quorate(stub.url, 'explain', task.id, '--json');
    expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/^1 of its decisions/) });
    expect(JSON.parse(ran.out)).toMatchObject({
      story: { revisions: [{ recomputed: false }, { recomputed: true, note: 'kept' }] },
    });
    expect(await quorate(stub.url, 'explain', task.id)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/NOT the same/),
    });
    answer = revisions(true1);
    expect(await quorate(stub.url, 'explain', task.id)).toMatchObject({ code: 0, err: '' });
  });

  it('shows a viewer the decision without the story', async () => {
    const { story: _, ...head } = task;
    answer = json(200, head);
    const { code, out } = await quorate(stub.url, 'explain', task.id);
    expect(code).toBe(0);
    expect(out).toMatch(/decided as "spam"[\s\S]*keys of requesters/);
  });
});

const decision = {
  revision: 1,
  state: 'decided',
  label: 'spam',
  confidence: 1,
  method: 'weighted_vote',
  costUsd: '0.05',
  decidedAt: '2026-01-01T00:00:04.000Z',
};

const task = {
  id: '0190a0a0-0000-7000-8000-000000000002',
  campaignId: ID,
  key: 'mail-1',
  kind: 'work',
  state: 'decided',
  round: 2,
  redundancy: 3,
  priority: 1,
  tier: 'crowd',
  workforce: 'internal',
  priceUsd: '0.05',
  policyVersion: 1,
  instructionsVersion: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  closedAt: '2026-01-01T00:00:04.000Z',
  decision,
  story: {
    payload: { text: 'Win money' },
    gold: null,
    selection: {
      strategy: 'combined',
      seed: 's',
      rank: 2,
      candidates: 5000,
      uncertainty: 0.8,
      distance: null,
      score: 0.0012345,
    },
    assignments: [
      {
        id: 'a1',
        annotator: 'Ann',
        state: 'submitted',
        leasedAt: '2026-01-01T00:00:01.000Z',
        expiresAt: '2026-01-01T00:30:01.000Z',
        closedAt: '2026-01-01T00:00:02.000Z',
        note: null,
        routing: { why: 'crowd meets crowd; quality 0.50 x 2 + priority 1 x 0.5 = 1.50' },
      },
    ],
    annotations: [
      {
        id: 'n1',
        annotatorId: 'w1',
        annotator: 'Ann',
        label: 'spam',
        counted: true,
        timeSpentS: 12,
        confidence: null,
        score: 0.9,
        flags: ['too_fast'],
        priceUsd: '0.05',
        payState: 'paid',
        submittedAt: '2026-01-01T00:00:02.000Z',
      },
    ],
    events: [{ at: '2026-01-01T00:00:03.000Z', kind: 'time_out', detail: 'window ended' }],
    reopenings: [{ cause: 'relabel', reason: 'Worth it.', answers: 1, at: '2026-01-01T00:00:04.000Z' }],
    rulings: [],
    revisions: [
      {
        ...decision,
        evidence: {
          votes: [{ annotationId: 'n1', label: 'spam', weight: 0.8 }],
          result: { distribution: { spam: 1 } },
        },
      },
    ],
    ledger: [
      {
        kind: 'reserve',
        amountUsd: '0.15',
        amountMicros: 150_000,
        annotatorId: null,
        createdAt: '2026-01-01T00:00:00.000Z',
      },
      {
        kind: 'spend',
        amountUsd: '0.05',
        amountMicros: 50_000,
        annotatorId: 'w1',
        createdAt: '2026-01-01T00:00:04.000Z',
      },
      {
        kind: 'release',
        amountUsd: '0.10',
        amountMicros: 100_000,
        annotatorId: null,
        createdAt: '2026-01-01T00:00:04.000Z',
      },
    ],
  },
};
