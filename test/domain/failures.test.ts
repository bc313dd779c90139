import { describe, expect, it } from 'vitest';
import { FAILURES, isFailureCode, QuorateError } from '../../domain/failures.ts';

describe('failures', () => {
  it('carries code, status, field and details', () => {
    const cause = new Error('below');
    const error = new QuorateError('budget_exceeded', 'Too much.', { field: 'budgetUsd', details: { cap: 1 }, cause });
    expect(error).toMatchObject({
      code: 'budget_exceeded',
      httpStatus: 409,
      retryable: false,
      field: 'budgetUsd',
      cause,
    });
    expect(error.details).toEqual({ cap: 1 });
    expect(String(error)).toBe('QuorateError: Too much.');
    expect('field' in new QuorateError('not_found', 'No such task.')).toBe(false);
  });

  it('lets only what may change by itself be retried', () => {
    const retryable = Object.entries(FAILURES).filter(([, info]) => info.retryable);
    expect(retryable.map(([code]) => code)).toEqual(['idempotency_in_progress', 'too_many_requests', 'unavailable']);
    for (const info of Object.values(FAILURES)) expect(info.httpStatus).toBeGreaterThanOrEqual(400);
  });

  it('knows its codes, and nothing from the prototype', () => {
    expect(isFailureCode('conflict')).toBe(true);
    expect(isFailureCode('toString')).toBe(false);
  });
});
