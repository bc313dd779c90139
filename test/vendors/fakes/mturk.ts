import { seededRng } from '../../../domain/rng.ts';
import { createMturk } from '../../../vendors/mturk.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, FakeServer, type Reply } from '../fake.ts';

interface Assignment {
  readonly AssignmentId: string;
  readonly WorkerId: string;
  readonly HITId: string;
  AssignmentStatus: 'Submitted' | 'Approved' | 'Rejected';
  readonly AcceptTime: number;
  readonly SubmitTime: number;
  Answer: string;
}

interface Hit {
  readonly HITId: string;
  readonly token: string;
  readonly RequesterAnnotation: string;
  readonly Question: string;
  readonly MaxAssignments: number;
  readonly Reward: string;
  expired: boolean;
  readonly assignments: Assignment[];
}

export interface MturkBenchOptions extends BenchOptions {
  /** Answers as plain forms post them: one for each name, boxes as `on`. */
  readonly plain?: true;
  /** What is said instead of carrying an operation out; undefined goes on as usual. */
  readonly instead?: (operation: string, body: Readonly<Record<string, unknown>>) => Reply | undefined;
}

const ACCESS = 'AKIAPLANTED';
const SECRET = 'planted-mturk-secret-access-key';
const PAGE = 3;

/** MTurk's JSON 1.1 protocol as its service model has it. */
export async function mturkBench(options: MturkBenchOptions = {}): Promise<Bench> {
  const hits: Hit[] = [];
  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers }) =>
      headers.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${ACCESS}/`)
        ? undefined
        : refused('AWS.NotAuthorized', 'who are you'),
    answer: (asked) => withType(answer(asked)),
    // A token, or the state, makes the second a refusal.
    resends: () => true,
  });
  const baseUrl = await server.start();
  const statusOf = (hit: Hit) =>
    hit.expired || hit.assignments.length >= hit.MaxAssignments ? 'Reviewable' : 'Assignable';

  function answer({ headers, raw }: Asked): Reply {
    const operation = headers['x-amz-target']?.split('.')[1];
    const body = JSON.parse(raw.toString('utf8')) as Record<string, string> & { MaxAssignments: number };
    const instead = options.instead?.(operation ?? '', body);
    if (instead) return instead;
    const hit = hits.find(({ HITId }) => HITId === body.HITId);
    const assignment = hits
      .flatMap(({ assignments }) => assignments)
      .find((each) => each.AssignmentId === body.AssignmentId);
    switch (operation) {
      case 'CreateHIT': {
        if (!/^[0-9]+(\.)?[0-9]{0,2}$/.test(body.Reward ?? '')) return refused('ParameterValidationError', 'Reward');
        const words = [body.Title, body.Description].every((text) => text?.trim());
        if (!words || !body.Question) return refused('ParameterValidationError', 'Title, Description or Question');
        const token = body.UniqueRequestToken ?? '';
        if (token.length < 1 || token.length > 64) return refused('ParameterValidationError', 'UniqueRequestToken');
        const known = hits.find((each) => each.token === token);
        if (known) return refused('AWS.MechanicalTurk.HitAlreadyExists', `The token is used by HIT ${known.HITId}`);
        const made: Hit = {
          HITId: `3H${hits.length}`,
          token,
          RequesterAnnotation: body.RequesterAnnotation ?? '',
          Question: body.Question ?? '',
          MaxAssignments: body.MaxAssignments,
          Reward: body.Reward ?? '',
          expired: false,
          assignments: [],
        };
        hits.push(made);
        return { status: 200, body: { HIT: { HITId: made.HITId } } };
      }
      case 'ListHITs': {
        const page = paged(hits, body.NextToken);
        const HITs = page.list.map(({ HITId, RequesterAnnotation }) => ({ HITId, RequesterAnnotation }));
        return { status: 200, body: { HITs, NumResults: HITs.length, ...page.next } };
      }
      case 'GetHIT':
        if (!hit) return refused('AWS.MechanicalTurk.HITDoesNotExist', 'no such HIT');
        return {
          status: 200,
          body: {
            HIT: {
              ...{ HITId: hit.HITId, HITStatus: statusOf(hit), NumberOfAssignmentsPending: 0 },
              ...{ Reward: hit.Reward, MaxAssignments: hit.MaxAssignments },
            },
          },
        };
      case 'ListAssignmentsForHIT': {
        const page = paged(hit?.assignments ?? [], body.NextToken);
        return { status: 200, body: { Assignments: page.list, NumResults: page.list.length, ...page.next } };
      }
      case 'UpdateExpirationForHIT':
        if (!body.ExpireAt) return refused('ParameterValidationError', 'ExpireAt');
        if (hit) hit.expired = true;
        return { status: 200, body: {} };
      case 'ApproveAssignment':
      case 'RejectAssignment':
        if (!assignment) return refused('AWS.MechanicalTurk.AssignmentDoesNotExist', 'no such assignment');
        if (assignment.AssignmentStatus !== 'Submitted')
          return refused('AWS.MechanicalTurk.InvalidAssignmentState', 'not submitted');
        assignment.AssignmentStatus = operation === 'ApproveAssignment' ? 'Approved' : 'Rejected';
        return { status: 200, body: {} };
      case 'GetAssignment':
        if (!assignment) return refused('AWS.MechanicalTurk.AssignmentDoesNotExist', 'no such assignment');
        return { status: 200, body: { Assignment: assignment } };
      default:
        return refused('UnknownOperation', operation ?? '');
    }
  }

  /** Fills in the form that the question shows, as a browser would post it. */
  function fillIn(hit: Hit, seed: string): string {
    const rng = seededRng(`turk ${seed}`);
    const html = hit.Question;
    const radios = new Map<string, string[]>();
    const answers: [string, string][] = [];
    let place = 0;
    for (const [, tag = ''] of html.matchAll(/<((?:input|textarea|crowd-entity-annotation) [^>]*)>/g)) {
      const attribute = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
      const name = attribute('name');
      const type = attribute('type');
      if (type === 'radio') radios.set(name, [...(radios.get(name) ?? []), attribute('value')]);
      else if (type === 'number') {
        const [min, max] = [Number(attribute('min')), Number(attribute('max'))];
        answers.push([
          name,
          `${name.startsWith('ranking') ? ++place : min + Math.floor(rng.next() * (max - min + 1))}`,
        ]);
      } else if (type === 'checkbox') answers.push([name, name.endsWith('__0') ? 'on' : '']);
      else if (tag.startsWith('textarea')) answers.push([name, `text & ${rng.next()}`]);
      else
        answers.push([name, JSON.stringify({ entities: [{ startOffset: 4, endOffset: 6, label: firstLabel(tag) }] })]);
    }
    for (const [name, values] of radios) answers.push([name, values[Math.floor(rng.next() * values.length)] ?? '']);
    if (!options.plain) answers.splice(0, Infinity, ['taskAnswers', crowdAnswers(answers, radios)]);
    const inXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const xml = answers.map(
      ([name, text]) =>
        `<Answer><QuestionIdentifier>${name}</QuestionIdentifier><FreeText>${inXml(text)}</FreeText></Answer>`,
    );
    return `<?xml version="1.0"?><QuestionFormAnswers>${xml.join('')}</QuestionFormAnswers>`;
  }

  const keyOf = ({ RequesterAnnotation }: Hit) => (JSON.parse(RequesterAnnotation) as { k: string }).k;
  return {
    vendor: createMturk({
      baseUrl,
      accessKeyId: ACCESS,
      secretAccessKey: SECRET,
      timeoutMs: options.timeoutMs ?? 2000,
      backOffMs: 1,
    }),
    asked: server.asked,
    env: { MTURK_BASE_URL: baseUrl, MTURK_ACCESS_KEY_ID: ACCESS, MTURK_SECRET_ACCESS_KEY: SECRET },
    secrets: [SECRET],
    showsPartial: true,
    cancelsStarted: true,
    work({ workers = 1, amend = false, part = false } = {}) {
      for (const [at, hit] of hits.entries()) {
        if (part && at % 2 > 0) continue;
        if (amend) for (const each of hit.assignments) each.Answer = fillIn(hit, `${each.AssignmentId} again`);
        if (amend || hit.expired) continue;
        for (let n = 0; n < workers && hit.assignments.length < hit.MaxAssignments; n++) {
          const AssignmentId = `3A-${hit.HITId}-${hit.assignments.length}`;
          hit.assignments.push({
            AssignmentId,
            WorkerId: `A${hit.assignments.length}`,
            HITId: hit.HITId,
            AssignmentStatus: 'Submitted',
            AcceptTime: 1_790_000_000,
            SubmitTime: 1_790_000_030,
            Answer: fillIn(hit, AssignmentId),
          });
        }
      }
    },
    purchases: (key) => hits.filter((hit) => keyOf(hit) === key).length,
    allPurchases: () => hits.length,
    accepts: () => server.asked.filter(({ headers }) => headers['x-amz-target']?.endsWith('.ApproveAssignment')).length,
    takeBack(id) {
      for (const { assignments } of hits) {
        const at = assignments.findIndex(({ AssignmentId }) => AssignmentId === id);
        if (at >= 0) assignments.splice(at, 1);
      }
    },
    isCancelled: (key) => hits.some((hit) => keyOf(hit) === key && hit.expired),
    webhook: () => undefined,
    stop: () => server.stop(),
  };
}

/** What a crowd-form posts: all answers as one, choices and boxes as switches. */
function crowdAnswers(answers: readonly [string, string][], radios: ReadonlyMap<string, string[]>): string {
  const members = answers.map(([name, value]): [string, unknown] => {
    const options = radios.get(name);
    if (options) return [name, Object.fromEntries(options.map((option) => [option, option === value]))];
    if (/__\d+$/.test(name) && (value === 'on' || value === '')) return [name, { on: value === 'on' }];
    return [name, value.startsWith('{"entities"') ? JSON.parse(value) : value];
  });
  return JSON.stringify([Object.fromEntries(members)]);
}

const firstLabel = (tag: string) => /shortDisplayName&#34;:&#34;(.*?)&#34;/.exec(tag)?.[1] ?? '';

function paged<T>(list: readonly T[], token: string | undefined) {
  const from = Number(token ?? 0);
  const next = from + PAGE < list.length ? { NextToken: `${from + PAGE}` } : {};
  return { list: list.slice(from, from + PAGE), next };
}

export function refused(code: string, message: string): Reply {
  return withType({ status: 400, body: { __type: 'RequestError', Message: message, TurkErrorCode: code } });
}

function withType(reply: Reply): Reply {
  return { ...reply, headers: { 'content-type': 'application/x-amz-json-1.1' } };
}
