import { createHmac } from 'node:crypto';
import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith, createHttp, hostIn, jsonOf } from './http.ts';
import { bringsAnswer, instructionsIn, isDraft, isUnderWay, readUnit, statusOf } from './prolific-forms.ts';
import { createProlificStudies, kindOf, type StudyOptions } from './prolific-studies.ts';
import {
  buyParts,
  CENT,
  flatEstimate,
  groupsOf,
  hint,
  type Json,
  jsonFrom,
  listOf,
  lookAround,
  lowerCased,
  mentionsIn,
  objectOf,
  placesIn,
  requireWholeCents,
  textOf,
} from './shared.ts';
import { sameSecret, sha256 } from './signatures.ts';
import { call, type FetchedUnit, type Placement, type Vendor } from './vendor.ts';

export interface ProlificOptions extends StudyOptions {
  /** `https://api.prolific.com/api/v1` by default. */
  readonly baseUrl?: string;
  readonly token: string;
  /** Further hosts that tasks may be uploaded to. */
  readonly hosts?: readonly string[];
  /** Of the webhooks' subscription; without it no webhook is believed. */
  readonly webhookSecret?: string;
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
}

const WEBHOOK_TOLERANCE_MS = 5 * 60_000;
/** The shortest message of a rejection. */
const MIN_MESSAGE = 100;
const REASON_END =
  ' This answer did not follow the instructions of the task, as the requester sees it. Write to the requester if you think otherwise.';

/**
 * Prolific, whose Task Builder shows our tasks and keeps the answers: a dataset and a batch, which cost nothing, and a
 * draft study that is found again by its `internal_name`; money is committed when that study is published.
 */
export function createProlific(options: ProlificOptions): Vendor {
  const { token, webhookSecret } = options;
  const http = createHttp({
    baseUrl: baseUrlWith(options.baseUrl ?? 'https://api.prolific.com', '/api/v1'),
    headers: { authorization: `Token ${token}`, accept: 'application/json' },
    secrets: [token, webhookSecret ?? ''],
    hosts: [...STORAGE, ...(options.hosts ?? []).map((host) => hostIn(host, 'PROLIFIC_FILE_HOSTS'))],
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const at = createProlificStudies(http, options);

  return {
    name: 'prolific',
    capabilities: {
      types: VENDOR_TYPES.prolific,
      news: webhookSecret === undefined ? 'poll' : 'webhook_and_poll',
      price: 'set_by_us',
      workersPaid: WORKERS_PAID.prolific,
      maxUnits: MAX_UNITS.prolific,
      maxAnswers: 25,
      cancels: 'order',
    },
    estimate: (order) => {
      const priceMicros = at.answerMicros(order.priceMicros);
      return flatEstimate({ ...order, priceMicros }, 'reward in whole cents and the platform’s fee, within the price');
    },

    submit: call('idempotent_by_key', async (order, { again }): Promise<Placement> => {
      const placed = await buyParts(groupsOf(order, kindOf), async (group) => {
        const study = (again ? await at.findStudy(group.key) : undefined) ?? (await at.draft(order, group));
        await at.publish(study);
        return Object.fromEntries(group.units.map((unit) => [unit.key, `${study.id}/${study.batch}`]));
      });
      return { externalId: studyIn(Object.values(placed.units)[0]), ...placed };
    }),

    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      return lookAround(placesIn(placement), async (place, keys) => {
        const id = studyIn(place);
        // The study first: what is submitted in between is then seen next time, not lost.
        const { status, batch: echoed, reward } = await at.statusFrom(id);
        // Orders of older versions know their studies alone.
        const batch = place.slice(id.length + 1) || echoed;
        if (batch === undefined) {
          throw new VendorError('permanent', `Prolific does not say which tasks the study ${id} has.`);
        }
        const submissions = await at.listAll('/submissions/', { study: id });
        const path = `/data-collection/batches/${encodeURIComponent(batch)}`;
        const shown = await at.get(path);
        const answers = await at.listAll(`${path}/responses`, {});
        const over = status === 'COMPLETED' || status === 'AWAITING REVIEW';
        const seen = {
          instructions: instructionsIn(shown.batch_items),
          submissions,
          answers,
          over: over && !submissions.some(isUnderWay),
          costOf: (submission: Json) => at.costOf(submission.reward ?? reward),
        };
        return order.units.filter(({ key }) => keys.includes(key)).map((unit) => readUnit(unit, seen));
      });
    }),

    /** Stops the study: who has begun may finish. */
    cancel: call('idempotent_by_key', async (_order, placement) => {
      for (const [id] of placesIn(placement, studyIn)) {
        const { status } = await at.statusFrom(id);
        if (status === 'COMPLETED' || status === 'AWAITING REVIEW' || isDraft(status)) continue;
        await at.post(`${at.study(id)}transition/`, { action: 'STOP' }, [400, 409]);
      }
    }),

    /** Both are documented as idempotent, and final. */
    settle: call('idempotent_by_key', async (_order, _placement, act) => {
      const submission = `/submissions/${encodeURIComponent(act.responseId)}/`;
      const body = act.act === 'accept' ? { action: 'APPROVE' } : rejection(act.reason);
      const answer = await at.post(`${submission}transition/`, body, [400, 404, 409]);
      if (answer.status < 400) return 'done' as const;
      // Refused as it is in that state already, or not: its state says.
      const now = await http({ method: 'GET', path: submission, repeatable: true, accept: [404] });
      const status = now.status === 404 ? 'unknown' : statusOf(jsonOf(now));
      if (status === (act.act === 'accept' ? 'APPROVED' : 'REJECTED')) return 'done' as const;
      // On its way to one of the others.
      if (status === 'PROCESSING') throw new VendorError('retryable', 'Prolific is still changing the answer.');
      return { refused: `Prolific has the answer as ${status}. ${http.excerpt(answer.text)}` };
    }),

    bonusFeeMicros: (amountMicros) => at.feeMicros(amountMicros),

    // Set up first, which pays nothing; the paying itself is documented as not idempotent.
    bonus: call('at_most_once', async (_order, placement, act) => {
      requireWholeCents('Prolific', act.amountMicros);
      const amount = `${act.amountMicros / 1_000_000n}.${String((act.amountMicros / CENT) % 100n).padStart(2, '0')}`;
      const body = { study_id: studyIn(placement.units[act.unitKey]), csv_bonuses: `${act.responseId},${amount}\n` };
      const id = textOf(jsonOf(await at.post('/submissions/bonus-payments/', body)).id);
      if (id === undefined) throw new VendorError('retryable', 'Prolific set up a bonus and did not say which.');
      const path = `/bulk-bonus-payments/${encodeURIComponent(id)}/pay/`;
      await http({ method: 'POST', path, body: {}, repeatable: false });
      return 'done' as const;
    }),

    /**
     * Bonuses are paid some time after they were asked for, so that one that is not listed may still come. They are listed by
     * their amounts alone: this one is among them for sure where there are more than all others alike.
     */
    findBonus: call('read_only', async (_order, _placement, { responseId, amountMicros, others }) => {
      const { bonus_payments } = await at.get(`/submissions/${encodeURIComponent(responseId)}/`);
      const alike = listOf(bonus_payments).filter((cents) => Number(cents) === Number(amountMicros / CENT));
      return alike.length > others ? true : undefined;
    }),

    parseWebhook({ headers: given, body, nowMs }) {
      if (webhookSecret === undefined) throw new VendorError('permanent', 'No webhook secret is set.');
      const headers = lowerCased(given);
      const sentAt = headers['x-prolific-request-timestamp'] ?? '';
      const signed = createHmac('sha256', webhookSecret).update(sentAt).update(body).digest('base64');
      if (!sameSecret(headers['x-prolific-request-signature'], signed)) {
        throw new VendorError('permanent', 'The webhook’s signature is not right.');
      }
      const sentMs = /^\d+$/.test(sentAt) ? Number(sentAt) * (sentAt.length > 11 ? 1 : 1000) : Date.parse(sentAt);
      if (!(Math.abs(nowMs - sentMs) <= WEBHOOK_TOLERANCE_MS)) {
        throw new VendorError('permanent', 'The webhook is older than five minutes, or of the future.');
      }
      const event = jsonFrom(body);
      const told = hint(headers['x-event-id'] ?? sha256(body), mentionsIn(event, ['resource_id', 'study_id']));
      return isOfSubmission(objectOf(event)) ? { ...told, ofAny: true } : told;
    },
  };
}

/** Where uploads go, as its documents show; further hosts can be set. */
const STORAGE = ['s3.amazonaws.com'];

/** Of a place, which is a study and its batch, the study. */
const studyIn = (place = '') => place.split('/')[0] ?? '';

/** An event of a submission names no study, so that any may be meant; of one without an answer there is nothing to fetch. */
function isOfSubmission({ event_type, status }: Json): boolean {
  return textOf(event_type)?.startsWith('submission.') === true && bringsAnswer({ status });
}

function rejection(reason: string) {
  const message = reason.length >= MIN_MESSAGE ? reason : reason + REASON_END;
  return { action: 'REJECT', message, rejection_category: 'OTHER' };
}
