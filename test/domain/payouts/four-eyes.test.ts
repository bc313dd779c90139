import { describe, expect, it } from 'vitest';
import {
  refuseApproval,
  refuseBeginning,
  refuseProposal,
  refuseReview,
  takesTwo,
} from '../../../domain/payouts/four-eyes.ts';

const named = (...names: string[]) => names.map((name) => ({ id: name.toLowerCase(), name }));
const approval = { begunBy: 'ada', begunByNobody: false };

describe('four eyes', () => {
  it('one person, or nobody but keys, does both', () => {
    for (const approvers of [[], named('Ada')]) {
      expect(takesTwo(approvers)).toBe(false);
      for (const personId of ['ada', 'key']) {
        expect(refuseBeginning({ approvers, personId })).toBeUndefined();
        expect(refuseApproval({ ...approval, approvers, personId })).toBeUndefined();
        const own = { begunBy: personId, begunByNobody: personId === 'key' };
        expect(refuseApproval({ ...own, approvers, personId })).toBeUndefined();
      }
    }
  });

  it('of several, another than who began it approves, and is known', () => {
    const approvers = named('Ada', 'Bea');
    expect(takesTwo(approvers)).toBe(true);
    expect(refuseBeginning({ approvers, personId: 'ada' })).toBeUndefined();
    expect(refuseBeginning({ approvers, personId: 'key' })).toContain('This API key stands for none of them');
    expect(refuseApproval({ ...approval, approvers, personId: 'bea' })).toBeUndefined();
    expect(refuseApproval({ ...approval, approvers, personId: 'key' })).toContain('sign in, or use a key that one');
    expect(refuseApproval({ ...approval, approvers, personId: 'ada' })).toBe(
      'You have begun this run; somebody else has to approve it: Bea.',
    );
  });

  it('names some of those who may', () => {
    const refusal = (...names: string[]) =>
      refuseApproval({ ...approval, approvers: named('Ada', ...names), personId: 'ada' });
    expect(refusal('Bea', 'Cy')).toContain(': Bea or Cy.');
    expect(refusal('Bea', 'Cy', 'Di')).toContain(': Bea, Cy or Di.');
    expect(refusal('Bea', 'Cy', 'Di', 'Ed', 'Flo')).toContain(': Bea, Cy, Di or 2 more.');
  });

  it('whoever began it and has left is another; a key that nobody made is not', () => {
    const approvers = named('Bea', 'Cy');
    expect(refuseApproval({ ...approval, approvers, personId: 'bea' })).toBeUndefined();
    const nobody = { begunBy: 'key', begunByNobody: true };
    expect(refuseApproval({ ...nobody, approvers, personId: 'bea' })).toContain('Cancel it, and begin it again');
  });

  it('a deduction takes another person too, and a key that nobody made is none where there are two', () => {
    const reviewers = named('Ada', 'Bea');
    const [known, nobody] = [
      { reviewers, proposedBy: 'ada', proposedByNobody: false },
      { reviewers, proposedBy: 'key', proposedByNobody: true },
    ];
    expect(refuseProposal({ reviewers, personId: 'ada' })).toBeUndefined();
    expect(refuseProposal({ reviewers, personId: 'key' })).toContain('stands for none of them');
    expect(refuseReview({ ...known, personId: 'bea' })).toBeUndefined();
    expect(refuseReview({ ...known, personId: 'ada' })).toContain('somebody else has to review it');
    expect(refuseReview({ ...known, personId: 'key' })).toContain('stands for none of them');
    expect(refuseReview({ ...nobody, personId: 'ada' })).toContain('have it proposed by somebody who has signed in');
    // Of one person and keys, two of these.
    const alone = { ...nobody, reviewers: named('Ada') };
    expect(refuseReview({ ...alone, personId: 'ada' })).toBeUndefined();
    expect(refuseReview({ ...alone, personId: 'key' })).toContain('somebody else has to review it');
    expect(refuseProposal({ reviewers: alone.reviewers, personId: 'key' })).toBeUndefined();
  });
});
