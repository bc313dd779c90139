import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { afterEach, describe, expect, it } from 'vitest';
import * as states from '../../db/schema/states';
import { ACCOUNTS, LEDGER_KINDS, PAYEES } from '../../domain/books/accounts';
import { PLATFORMS } from '../../domain/cost/platforms';
import { QUALITY_FLAGS } from '../../domain/quality/signal';
import { STRATEGIES } from '../../domain/settings';
import { TIERS } from '../../domain/tiers';
import { VENDOR_NAMES } from '../../domain/vendors/names';
import { ar } from '../../web/src/i18n/ar';
import { en } from '../../web/src/i18n/en';
import { speak, t } from '../../web/src/i18n/office';
import { names, nouns, texts } from '../../web/src/i18n/office-ar';
import { counted, dateText, words } from '../../web/src/ui/text';

const ARABIC = /\p{Script=Arabic}/u;
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the words of the pages', () => {
  // That there is Arabic for each English text is a matter of types.
  it.each([
    ['of annotators', Object.entries(en).map(([key, text]) => [text, ar[key as keyof typeof ar]] as const)],
    ['of those who run campaigns', Object.entries<string>(texts)],
    ['of the server', Object.entries(names)],
  ])('%s have in Arabic what is put into them in English, and are Arabic', (_, pairs) => {
    expect(pairs.length).toBeGreaterThan(100);
    const wrong = pairs.filter(([english, arabic]) => `${placeholders(english)}` !== `${placeholders(arabic)}`);
    expect(wrong).toEqual([]);
    // Names of companies and of methods stay as they are.
    const kept = ['badge', 'scale ai', 'surge ai', 'prolific', 'mturk', 'labelbox', 'kemeny'];
    const bare = (text: string) => text.replaceAll(/\{\w+\}/g, '');
    const latin = pairs.filter(([, arabic]) => !ARABIC.test(arabic) && /[a-z]{3}/i.test(bare(arabic)));
    expect(latin.map(([english]) => english).filter((english) => !kept.includes(english))).toEqual([]);
  });

  it('name in Arabic whatever state, role, tier, way and platform the server may name', () => {
    const { CAMPAIGN_STATES, TASK_STATES, TASK_KINDS, ASSIGNMENT_STATES, DECISION_STATES, STANDINGS } = states;
    const { ANNOTATOR_KINDS, PAY_STATES, APPEAL_STATES, ROLES, TRUSTS, ORDER_STATES } = states;
    const { REOPENING_CAUSES, ADJUSTMENT_KINDS, ADJUSTMENT_STATES, PAYOUT_RUN_STATES, PAYOUT_ITEM_STATES } = states;
    const shown = [
      ...[CAMPAIGN_STATES, TASK_STATES, TASK_KINDS, ASSIGNMENT_STATES, DECISION_STATES, STANDINGS, ANNOTATOR_KINDS],
      ...[PAY_STATES, APPEAL_STATES, ROLES, TRUSTS, ORDER_STATES, REOPENING_CAUSES, ADJUSTMENT_KINDS],
      ...[ADJUSTMENT_STATES, PAYOUT_RUN_STATES, PAYOUT_ITEM_STATES, TIERS, STRATEGIES, VENDOR_NAMES, PLATFORMS],
      ...[LEDGER_KINDS, PAYEES, ACCOUNTS, QUALITY_FLAGS],
    ].flat();
    expect(shown.filter((name) => names[name.replaceAll('_', ' ')] === undefined)).toEqual([]);
  });
});

describe('a page in Arabic', () => {
  afterEach(() => speak('en'));

  it('says what it says in Arabic, with names that run the other way kept apart', async () => {
    await speak('ar');
    expect(t('Round {round}', { round: 3 })).toBe('الجولة \u20683\u2069');
    expect(words('domain_specialist')).toBe('متخصص في المجال');
    expect(words('a name of its own')).toBe('a name of its own');
    expect(dateText('2026-11-30T12:00:00Z')).toMatch(/2026/);
    expect(dateText('2026-11-30T12:00:00Z', 'ar')).toBe(dateText('2026-11-30T12:00:00Z'));
    await speak('en');
    expect(t('Round {round}', { round: 3 })).toBe('Round 3');
    expect(dateText('2026-11-30T12:00:00Z', 'en')).toBe(dateText('2026-11-30T12:00:00Z'));
    expect(words('domain_specialist')).toBe('domain specialist');
  });

  it('counts as Arabic does', async () => {
    const [one, two, few, many, other] = nouns.task;
    await speak('ar');
    expect([0, 1, 2, 3, 11, 100, 103].map((value) => counted(value, 'task'))).toEqual([
      ...[`0 ${other}`, one, two, `3 ${few}`, `11 ${many}`, `100 ${other}`, `103 ${few}`],
    ]);
    await speak('en');
    expect([1, 1200].map((value) => counted(value, 'task'))).toEqual(['1 task', '1,200 tasks']);
  });
});

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit);
    return;
  }
  if ('type' in node && typeof node.type === 'string') visit(node as Node);
  for (const each of Object.values(node)) walk(each, visit);
}

/** What is said by an attribute or a member of this name. */
const SAID = /^(title|label|description|placeholder|caption|hint|confirm|text|aria-label|alt|of)$/;
const isProse = (text: unknown) => typeof text === 'string' && /\p{L}{2}/u.test(text);

/** English that a file shows as it is, by its place. */
function bareEnglish(file: string, source: string): string[] {
  const found: string[] = [];
  const note = (node: Node, text: unknown) => found.push(`${file}: ${String(text).trim()} (at ${node.start})`);
  walk(parseSync(file, source, { lang: 'tsx' }).program, (node) => {
    if (node.type === 'JSXText' && isProse(node.value)) note(node, node.value);
    if (node.type !== 'JSXAttribute') return;
    const [name, value] = [node.name as Node, node.value as Node | null];
    if (value?.type === 'Literal' && SAID.test(String(name.name)) && isProse(value.value)) note(value, value.value);
    const held = value?.type === 'JSXExpressionContainer' ? (value.expression as Node) : undefined;
    if (held?.type === 'TemplateLiteral' && SAID.test(String(name.name))) {
      for (const part of held.quasis as Node[]) {
        const { cooked } = part.value as { cooked: string };
        if (isProse(cooked)) note(part, cooked);
      }
    }
  });
  return found;
}

describe('English in the sources', () => {
  it('is found where it would be shown untranslated', () => {
    const source = "const A = () => <p title={`Task`}>All tasks <b title='Of a task'>{t('x')}</b></p>;";
    expect(bareEnglish('a.tsx', source).map((line) => line.replace(/ \(at.*/, ''))).toEqual([
      ...['a.tsx: Task', 'a.tsx: All tasks', 'a.tsx: Of a task'],
    ]);
  });

  it('is nowhere', () => {
    const root = fileURLToPath(new URL('../../web/src/', import.meta.url));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
    expect(files.length).toBeGreaterThan(60);
    const bare = files.flatMap((file) => bareEnglish(file, readFileSync(`${root}${file}`, 'utf8')));
    // The name is the same in every language.
    expect(bare.filter((line) => !/: Quorate( |$)/.test(line))).toEqual([]);
  });
});

/** Calls of `t` with a text and values written out whose values are not just those the text has places for. */
function misplaced(file: string, source: string): { calls: number; found: string[] } {
  const result = { calls: 0, found: [] as string[] };
  walk(parseSync(file, source, { lang: 'tsx' }).program, (node) => {
    if (node.type !== 'CallExpression' || (node.callee as Node).name !== 't') return;
    const [text, values] = node.arguments as Node[];
    if (text?.type !== 'Literal' || (values && values.type !== 'ObjectExpression')) return;
    const members = (values?.properties ?? []) as Node[];
    if (members.some(({ type }) => type !== 'Property')) return;
    result.calls++;
    const given = members.map((each) => `{${(each.key as Node).name}}`).sort();
    const wanted = [...new Set(placeholders(String(text.value)))];
    if (`${given}` !== `${wanted}`) result.found.push(`${file}: ${text.value} (given ${given})`);
  });
  return result;
}

describe('what is put into a text', () => {
  it('is found where the text has no place for it, or a place is left open', () => {
    const source = "t('A'); t('{a} of {b}, {a}', { a, b: 1 }); t('The {a}', { b: 1 }); t('{a}'); t('B', { a });";
    expect(misplaced('a.ts', source)).toEqual({
      calls: 5,
      found: ['a.ts: The {a} (given {b})', 'a.ts: {a} (given )', 'a.ts: B (given {a})'],
    });
  });

  it('has a place there, and fills every one', () => {
    const root = fileURLToPath(new URL('../../web/src/', import.meta.url));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
    const all = files.map((file) => misplaced(file, readFileSync(`${root}${file}`, 'utf8')));
    expect(all.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(900);
    expect(all.flatMap(({ found }) => found)).toEqual([]);
  });
});
