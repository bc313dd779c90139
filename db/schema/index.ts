export { annotatorStandings, annotators, apiKeys, standingChanges } from './annotators.ts';
export { goldAppeals } from './appeals.ts';
export { calibrationItems, calibrationSessions } from './calibration.ts';
export {
  annotatorCorrelations,
  annotatorReliabilities,
  campaigns,
  crowdAnnotators,
  crowdModels,
  featureSpaces,
  instructionVersions,
  models,
  policies,
  qualityReports,
  reliabilityModels,
  rounds,
  selections,
} from './campaigns.ts';
export { idempotencyKeys, outbox } from './delivery.ts';
export { embeddings, goldAnswers, itemPayloads, itemPredictions, items, itemVectors } from './items.ts';
export { judgeAudits, judgeTrusts } from './judging.ts';
export { autoLabelings, modelLabels } from './model-labels.ts';
export { authorizations, budgetLimits, budgets, budgetWarnings, ledger, ledgerClosings } from './money.ts';
export { costFigures, organisations } from './organisations.ts';
export {
  payAdjustments,
  payFloors,
  payNotices,
  payoutAccountChanges,
  payoutAccounts,
  payoutActs,
  payoutItems,
  payoutRuns,
} from './payouts.ts';
export { accounts, invitations, members, secrets, sessions, signInFailures, users, verifications } from './people.ts';
export { payoutEntries } from './settlements.ts';
export { tallies, tallyChanges } from './tallies.ts';
export {
  annotationLabels,
  annotations,
  annotatorGroups,
  assignments,
  decisions,
  goldSlotNumber,
  queuePosition,
  rulings,
  slots,
  taskEvents,
  taskReopenings,
  tasks,
} from './tasks.ts';
export {
  judgeAnswers,
  judgeSpending,
  vendorBonuses,
  vendorHealth,
  vendorIncidents,
  vendorOrders,
  vendorResponses,
  vendorUnits,
  vendorWebhooks,
  vendorWorkers,
} from './vendors.ts';
export { assignmentDrafts, taskReports } from './workspace.ts';
