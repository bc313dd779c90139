import { describe, expect, it } from 'vitest';
import { lowPeerAgreement, type SharedTask } from '../../../domain/quality/low-peer-agreement.ts';
import { RULE_DEFAULTS } from '../../../domain/quality/rules.ts';
import { seededRng } from '../../../domain/rng.ts';
import { times } from './patterns.ts';

const rules = RULE_DEFAULTS.lowPeerAgreement;
const same = (a: string, b: string) => (a === b ? 1 : 0);

/** Tasks with `share` of one of two truths; annotators right with the given chance, else they take the other label. */
function tasks(seed: string, given: { count: number; share: number; own: number; peers: number }) {
  const rng = seededRng(seed);
  const answer = (truth: string, accuracy: number) =>
    rng.next() < accuracy ? truth : truth === 'spam' ? 'ham' : 'spam';
  return Array.from({ length: given.count }, (): SharedTask<string> => {
    const truth = rng.next() < given.share ? 'ham' : 'spam';
    const peers = [answer(truth, given.peers), answer(truth, given.peers)];
    return { own: answer(truth, given.own), peers };
  });
}
const flagged = (trials: number, given: Parameters<typeof tasks>[1]) =>
  times(trials, (seed) => lowPeerAgreement(tasks(seed, given), same, rules) !== undefined);

describe('low agreement with peers', () => {
  it('finds who answers at random among people who agree: half of them in 50 tasks, nearly all in 150', () => {
    expect(flagged(200, { count: 50, share: 0.5, own: 0.5, peers: 0.9 })).toBeGreaterThan(80);
    expect(flagged(200, { count: 150, share: 0.5, own: 0.5, peers: 0.9 })).toBeGreaterThan(185);
  });

  it('does not find who is as good as the others, or somewhat worse', () => {
    expect(flagged(500, { count: 50, share: 0.5, own: 0.9, peers: 0.9 })).toBe(0);
    expect(flagged(500, { count: 50, share: 0.5, own: 0.8, peers: 0.9 })).toBeLessThanOrEqual(5);
  });

  it('blames nobody for a task on which nobody agrees', () => {
    expect(flagged(500, { count: 50, share: 0.5, own: 0.5, peers: 0.5 })).toBeLessThanOrEqual(10);
  });

  it('does not take agreement by the shares for skill: always the frequent label is no better than chance', () => {
    const lazy = tasks('lazy', { count: 60, share: 0.7, own: 1, peers: 0.97 }).map((task) => ({ ...task, own: 'ham' }));
    const found = lowPeerAgreement(lazy, same, rules);
    expect(found).toMatchObject({ flag: 'low_peer_agreement', evidence: { tasks: 60 } });
    expect(found?.evidence.agreement).toBeGreaterThan(0.55);
    expect(found?.evidence.chance).toBeCloseTo(Number(found?.evidence.agreement), 1);
  });

  it('judges nobody on a few tasks, nor where each has one other answer', () => {
    expect(lowPeerAgreement([], same, rules)).toBeUndefined();
    const few = tasks('few', { count: 14, share: 0.5, own: 0, peers: 1 });
    expect(lowPeerAgreement(few, same, rules)).toBeUndefined();
    const alone = tasks('alone', { count: 50, share: 0.5, own: 0, peers: 1 }).map((task) => {
      return { ...task, peers: task.peers.slice(0, 1) };
    });
    expect(lowPeerAgreement(alone, same, rules)).toBeUndefined();
  });
});
