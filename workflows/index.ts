export { annotationTaskWorkflow } from './annotation-task.ts';
export { annotatorWorkflow } from './annotator.ts';
export { campaignWorkflow } from './campaign.ts';
export { payoutRunWorkflow } from './payout-run.ts';
export { selectionPreviewWorkflow } from './selection-preview.ts';
export { vendorOrderWorkflow } from './vendor-order.ts';
