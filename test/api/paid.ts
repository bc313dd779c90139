import { type Rig, runningCampaign } from './rig.ts';

/** A person who was paid for one answer of $0.05 that took 18 seconds. */
export async function paidPerson(rig: Rig) {
  const { id, taskIds, annotators } = await runningCampaign(rig);
  const [who = { id: '', apiKey: '' }] = annotators;
  const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
  const sent = await rig.call(who.apiKey, 'POST', path, { label: 'spam', timeSpentS: 18 });
  const annotationId: string = sent.body.annotationId;
  await rig.db`update annotations set pay_state = 'paid' where id = ${annotationId}`;
  await rig.db`
    insert into ledger (campaign_id, kind, amount_micros, key, annotation_id, annotator_id)
    values (${id}, 'spend', 50000, ${`spend:${annotationId}`}, ${annotationId}, ${who.id})`;
  await rig.db`
    update budgets set reserved_micros = reserved_micros - 50000, spent_micros = spent_micros + 50000 where campaign_id = ${id}`;
  return { campaignId: id, taskId: taskIds[0] ?? '', annotationId, ...who };
}
