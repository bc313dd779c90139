import { expect, it } from 'vitest';
import { PERMISSIONS } from '../../api/access';
import { SCOPES } from '../../web/src/people/scopes';

it('a key can be limited on the page to what the server knows, for the roles that have it', () => {
  const { self: _, work: __, ...limits } = PERMISSIONS;
  const onPage = Object.entries(SCOPES).map(([scope, { roles }]) => [scope, [...roles]]);
  expect(Object.fromEntries(onPage)).toEqual(limits);
});
