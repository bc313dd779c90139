import type { paths } from './schema.gen';

/** The body of an answer with status 200. */
export type Ok<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  responses: { 200: { content: { 'application/json': infer T } } };
}
  ? T
  : never;

export type CampaignList = Ok<'/v1/campaigns', 'get'>;
export type CampaignHead = CampaignList['items'][number];
export type Campaign = Ok<'/v1/campaigns/{id}', 'get'>;
export type TaskRow = Ok<'/v1/campaigns/{id}/tasks', 'get'>['items'][number];
export type PayoutRun = Ok<'/v1/payouts/{id}', 'get'>;
export type TaskView = Ok<'/v1/tasks/{id}', 'get'>;
export type Offer = Ok<'/v1/assignments/next', 'post'>;
export type TaskType = Offer['task']['type'];
