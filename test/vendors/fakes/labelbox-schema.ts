/** The part of Labelbox's schema that the official client shows by its calls. */
export const LABELBOX_SCHEMA = `
type Query {
  user(where: WhereUniqueIdInput): User
  projects(where: NameWhereInput, skip: Int, first: PageSize): [Project]
  datasets(where: NameWhereInput, skip: Int, first: PageSize): [Dataset]
  labelingFrontends(where: NameWhereInput, skip: Int, first: PageSize): [LabelingFrontend]
  project(where: WhereUniqueIdInput!): Project
  task(where: WhereUniqueIdInput): Task
  failedDataRowImports(data: ImportsInput!): Imports
  queryAllDataRowsHaveBeenProcessed(dataRowIds: [ID!], globalKeys: [ID!]): Processed
}
type Mutation {
  uploadFile(file: Upload!, contentLength: Int!, sign: Boolean): File
  createProject(data: ProjectCreateDataInput!): Project
  createDataset(data: DatasetCreateDataInput!): Dataset
  createLabelingFrontendOptions(data: OptionsCreateDataInput!): LabelingFrontendOptions
  updateProject(where: WhereUniqueIdInput!, data: ProjectUpdateDataInput!): Project
  upsertOntology(data: UpsertOntologyInput!): Ontology
  upsertDataRows(data: UpsertRowsDataInput!): Task
  project(where: WhereUniqueIdInput!): ProjectMutation
  exportDataRowsInProject(input: ExportDataRowsInProjectInput!): Export
}
type User { id: ID! createdTasks(where: WhereUniqueIdInput, skip: Int, first: Int): [Task] }
type Project {
  id: ID! name: String
  labelingFrontend: LabelingFrontend
  batches(after: String, first: PageSize): Batches
}
type ProjectMutation {
  connectOntology(ontologyId: ID!): Project
  createBatchV2(input: CreateBatchInput!): CreatedBatch
  removeQueuedDataRowsFromBatch(batchId: ID!): Batch
}
type Dataset { id: ID! name: String }
type LabelingFrontend { id: ID! name: String }
type LabelingFrontendOptions { id: ID! }
type Ontology { id: ID! name: String }
type Task {
  id: ID! status: String
  exportMetadataHeader(streamType: TaskStreamType!): Header
  exportFileFromOffset(streamType: TaskStreamType!, offset: UInt64!): Piece
}
type Header { totalSize: Int totalLines: Int }
type Piece { offsets: Range lines: Range file: String }
type Range { start: String end: String }
type File { url: String filename: String }
type Imports { after: String total: Int results: [ImportFault] }
type ImportFault { message: String spec: RowSpec }
type RowSpec { externalId: String globalKey: String }
type Processed { allDataRowsHaveBeenProcessed: Boolean }
type Batches { nodes: [Batch] pageInfo: PageInfo }
type PageInfo { endCursor: String }
type Batch { id: ID! name: String createdAt: DateTime updatedAt: DateTime size: Int consensusSettingsJson: Json }
type CreatedBatch { batch: Batch failedDataRowIds: [ID] }
type Export { taskId: ID isStreamable: Boolean }

input WhereUniqueIdInput { id: ID! }
input NameWhereInput { AND: [NameWhereInput!] name: String deleted: Boolean }
input ProjectCreateDataInput {
  name: String! description: String allowedMediaType: MediaType! autoAuditPercentage: Float
  autoAuditNumberOfLabels: Int isBenchmarkEnabled: Boolean isConsensusEnabled: Boolean
}
input ProjectUpdateDataInput { setupComplete: DateTime labelingFrontend: ConnectInput }
input ConnectInput { connect: WhereUniqueIdInput! }
input OptionsCreateDataInput {
  project: ConnectInput! labelingFrontend: ConnectInput! customizationOptions: String!
}
input DatasetCreateDataInput { name: String! }
input UpsertOntologyInput { name: String! normalized: String! mediaType: MediaType }
input UpsertRowsDataInput { manifestUri: String! }
input ImportsInput { taskId: ID! first: Int from: String }
input CreateBatchInput {
  name: String! dataRowIds: [ID!]! globalKeys: [ID!] priority: Int! consensusSettings: ConsensusSettingsInput
}
input ConsensusSettingsInput { numberOfLabels: Int! coveragePercentage: Float! }
input ExportDataRowsInProjectInput {
  taskName: String isStreamableReady: Boolean! streamable: Boolean! filters: ExportFiltersInput! params: ExportParamsInput!
}
input ExportFiltersInput { projectId: ID! searchQuery: SearchInput! }
input SearchInput { scope: String query: [Json!]! }
input ExportParamsInput {
  mediaTypeOverride: MediaType includeAttachments: Boolean! includeEmbeddings: Boolean! includeMetadata: Boolean!
  includeDataRowDetails: Boolean! includeProjectDetails: Boolean! includePerformanceDetails: Boolean!
  includeLabelDetails: Boolean! includeInterpolatedFrames: Boolean!
}
enum MediaType { TEXT IMAGE CONVERSATIONAL }
enum TaskStreamType { RESULT ERRORS }
`;
