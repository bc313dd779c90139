import { VendorError } from './errors.ts';
import type { Labelbox } from './labelbox-graphql.ts';
import * as queries from './labelbox-queries.ts';
import { type Json, jsonFrom, listOf, numberIn, objectOf, textOf, waitFor } from './shared.ts';

const MAX_PIECES = 10_000;

/** Labelbox's tasks, which end some time after they were asked for, and what it exports by one. */
export function createLabelboxTasks(
  { http, run }: Labelbox,
  wait: { readonly everyMs: number; readonly forMs: number },
) {
  let userId: string | undefined;
  const ask = async (query: string, variables: Json) => objectOf(await run({ query, variables, repeatable: true }));

  /** Ends when the task has: its status, or undefined when that takes too long. */
  async function ended(taskId: string): Promise<string | undefined> {
    userId ??= textOf(objectOf((await ask(queries.ME, {})).user).id);
    return waitFor(async () => {
      const found = objectOf((await ask(queries.TASK, { userId, taskId })).user);
      const status = textOf(objectOf(listOf(found.createdTasks)[0]).status);
      return status === 'COMPLETE' || status === 'FAILED' || status === 'CANCELED' ? status : undefined;
    }, wait);
  }

  const ofTask = async (query: string, taskId: string, variables: Json) =>
    objectOf((await ask(query, { where: { id: taskId }, ...variables })).task);
  const headerOf = async (taskId: string, streamType: 'RESULT' | 'ERRORS') =>
    (await ofTask(queries.EXPORT_HEADER, taskId, { streamType })).exportMetadataHeader ?? undefined;

  /** All that a task exported, as text; '' where it has no result, which is no error by itself. */
  async function resultOf(taskId: string): Promise<string> {
    const header = await headerOf(taskId, 'RESULT');
    if (header === undefined) {
      if ((await headerOf(taskId, 'ERRORS')) === undefined) return '';
      throw new VendorError('retryable', 'Labelbox’s export has errors and no result.');
    }
    const [size, count] = [numberIn(objectOf(header).totalSize), numberIn(objectOf(header).totalLines)];
    if (size === undefined && count === undefined) {
      throw new VendorError('retryable', 'Labelbox does not say how large its export is.');
    }
    const pieces: Uint8Array[] = [];
    let [offset, line] = [0, 0];
    for (let piece = 0; piece < MAX_PIECES && (size === undefined ? line < (count ?? 0) : offset < size); piece++) {
      const at = { streamType: 'RESULT', offset: String(offset) };
      const found = objectOf((await ofTask(queries.EXPORT_PIECE, taskId, at)).exportFileFromOffset);
      const end = numberIn(objectOf(found.offsets).end);
      const address = textOf(found.file);
      if (end === undefined || end < offset || address === undefined) {
        throw new VendorError('retryable', 'Labelbox’s export does not say where its pieces end.');
      }
      pieces.push((await http({ method: 'GET', path: address, repeatable: true })).bytes);
      offset = end + 1;
      line = (numberIn(objectOf(found.lines).end) ?? line) + 1;
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  /** The rows of a project with their labels, by global key; without rows it may have none, or not say so. */
  async function exported(project: string): Promise<Map<string, Json>> {
    const started = await ask(queries.EXPORT, {
      input: {
        taskName: `quorate-${project}`,
        isStreamableReady: true,
        filters: { projectId: project, searchQuery: { scope: null, query: [] } },
        params: PARAMS,
        streamable: true,
      },
    });
    const taskId = textOf(objectOf(started.exportDataRowsInProject).taskId) ?? '';
    if ((await ended(taskId)) !== 'COMPLETE') throw new VendorError('retryable', 'Labelbox’s export is not ready.');
    const rows = (await resultOf(taskId)).split('\n').flatMap((line): [string, Json][] => {
      if (line.trim() === '') return [];
      const read = jsonFrom(line);
      // A file cut short must not look as if rows had been taken out.
      if (read === undefined) throw new VendorError('retryable', 'Labelbox’s export has a line that is no JSON.');
      const row = objectOf(read);
      const key = textOf(objectOf(row.data_row).global_key);
      return key === undefined ? [] : [[key, objectOf(objectOf(row.projects)[project])]];
    });
    return new Map(rows);
  }

  return { ended, exported };
}

/** All that the official client says, whether it is wanted or not. */
const PARAMS = {
  mediaTypeOverride: null,
  includeAttachments: false,
  includeEmbeddings: false,
  includeMetadata: false,
  includeDataRowDetails: true,
  includeProjectDetails: true,
  includePerformanceDetails: true,
  includeLabelDetails: true,
  includeInterpolatedFrames: false,
};
