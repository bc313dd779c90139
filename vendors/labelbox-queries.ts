/**
 * What is asked of Labelbox's GraphQL, with the types and the names of variables that the official client uses: a server
 * may check the one and go by the other.
 */

const FIELDS_OF_BATCH = 'id name createdAt updatedAt size consensusSettingsJson';

/** Objects of one kind by name that are not deleted; `skip` is a part of the text there, as in the client. */
export function findByName(kind: 'Project' | 'Dataset' | 'LabelingFrontend', skip: number, first: number): string {
  const list = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}s`;
  const which = `where: {AND: [{name: $param_0}, {deleted: $param_1}]} skip: ${skip} first: ${first}`;
  return `query Get${kind}sPyApi($param_0: String!, $param_1: Boolean!){${list}(${which}){id name}}`;
}

/** Makes an object of plain fields, each a variable of its own. */
export function createObject(kind: 'Project' | 'Dataset', types: Readonly<Record<string, string>>): string {
  const declared = Object.entries(types).map(([name, type]) => `$${name}: ${type}!`);
  const data = Object.keys(types).map((name) => `${name}: $${name}`);
  return `mutation Create${kind}PyApi(${declared.join(', ')}){create${kind}(data: {${data.join(' ')}}) {id name}} `;
}

export const UPSERT_ONTOLOGY =
  'mutation upsertRootSchemaNodePyApi($data:  UpsertOntologyInput!){upsertOntology(data: $data){ id name } } ';

export const FRONTEND_OF_PROJECT =
  'query GetProjectLabelingFrontendPyApi($param_0: ID!){project(where: {id: $param_0}){labelingFrontend{id name}}}';

export const CONNECT_FRONTEND =
  'mutation ConnectProjectAndLabelingFrontendPyApi($projectId: ID!, $labelingFrontendId: ID!)' +
  '{updateProject(where: {id: $projectId} data: {labelingFrontend: {connect: {id: $labelingFrontendId}}}) {id}} ';

export const CREATE_FRONTEND_OPTIONS =
  'mutation CreateLabelingFrontendOptionsPyApi($project: ID!, $labelingFrontend: ID!, $customizationOptions: String!)' +
  '{createLabelingFrontendOptions(data: {project: {connect: {id: $project}} ' +
  'labelingFrontend: {connect: {id: $labelingFrontend}} customizationOptions: $customizationOptions}) {id}} ';

export const CONNECT_ONTOLOGY = `mutation ConnectOntologyPyApi($projectId: ID!, $ontologyId: ID!){
            project(where: {id: $projectId}) {connectOntology(ontologyId: $ontologyId) {id}}}`;

export const COMPLETE_SETUP =
  'mutation updateProjectPyApi($setupComplete: DateTime!, $ProjectId: ID!)' +
  '{updateProject(where: {id: $ProjectId} data: {setupComplete: $setupComplete}) {id}} ';

export const ME = 'query GetUserPyApi{user{id}}';

export const TASK = `query GetUserCreatedTasksPyApi($userId: ID!, $taskId: ID!) {
            user(where: {id: $userId}) { createdTasks(where: {id: $taskId} skip: 0 first: 1) { id status } } }`;

export const UPLOAD_FILE = `mutation UploadFile($file: Upload!, $contentLength: Int!, $sign: Boolean) {
            uploadFile(file: $file, contentLength: $contentLength, sign: $sign) {url filename} } `;

export const UPSERT_ROWS = `mutation UpsertDataRowsPyApi($manifestUri: String!) {
            upsertDataRows(data: { manifestUri: $manifestUri }) { id status } }`;

export const FAILED_ROWS = `query FailedDataRowImportsPyApi($taskId: ID!, $first: Int, $from: String)  {
            failedDataRowImports(data: { taskId: $taskId, first: $first, from: $from}) {
              after total results { message spec { externalId globalKey } } } }`;

export const ROWS_PROCESSED = `query CheckAllDataRowsHaveBeenProcessedPyApi($globalKeys: [ID!]) {
            queryAllDataRowsHaveBeenProcessed(globalKeys:$globalKeys) { allDataRowsHaveBeenProcessed } }`;

export const BATCHES = `query GetProjectBatchesPyApi($from: String, $first: PageSize, $projectId: ID!) {
            project(where: {id: $projectId}) {id
            batches(after: $from, first: $first) { nodes { ${FIELDS_OF_BATCH} } pageInfo { endCursor }}}}`;

export const CREATE_BATCH = `mutation createBatchV2PyApi($projectId: ID!, $batchInput: CreateBatchInput!) {
            project(where: {id: $projectId}) {
              createBatchV2(input: $batchInput) { batch { ${FIELDS_OF_BATCH} } failedDataRowIds } } }`;

export const EMPTY_BATCH = `mutation RemoveQueuedDataRowsFromBatchPyApi($projectId: ID!, $batchId: ID!) {
            project(where: {id: $projectId}) { removeQueuedDataRowsFromBatch(batchId: $batchId) { id } } }`;

export const EXPORT =
  'mutation exportDataRowsInProjectPyApi($input: ExportDataRowsInProjectInput!)' +
  '{exportDataRowsInProject(input: $input){taskId isStreamable}}';

export const EXPORT_HEADER =
  'query GetExportMetadataHeaderPyApi($where: WhereUniqueIdInput, $streamType: TaskStreamType!)' +
  '{task(where: $where){exportMetadataHeader(streamType: $streamType){totalSize totalLines}}}';

export const EXPORT_PIECE =
  'query GetExportFileFromOffsetPyApi($where: WhereUniqueIdInput, $streamType: TaskStreamType!, $offset: UInt64!)' +
  '{task(where: $where){exportFileFromOffset(streamType: $streamType, offset: $offset)' +
  '{offsets {start end} lines {start end} file}}}';
