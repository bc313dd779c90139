import type { Connection } from '@temporalio/client';

/**
 * What tells a namespace of one Temporal server from that of any other: the id it was given when it was made. Undefined
 * where one may not ask for it.
 */
export async function temporalIdentity(
  { workflowService }: Pick<Connection, 'workflowService'>,
  namespace: string,
): Promise<string | undefined> {
  const described = await workflowService.describeNamespace({ namespace }).catch(() => undefined);
  return described?.namespaceInfo?.id || undefined;
}
