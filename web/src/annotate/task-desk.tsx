import { Badge, Button, CloseButton } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { serverNow } from '../api/clock';
import type { Offer } from '../api/types';
import { FORMS } from '../forms';
import { Prose } from '../forms/content';
import { isEnterFree, isTyping, useCtrlEnter, useKeys } from '../forms/keys';
import { useMeant } from '../forms/meant';
import { useI18n } from '../i18n';
import { useMoney } from '../people/use-money';
import type { Desk, DeskState } from './desk';
import type { FocusedTime } from './focused-time';
import { KeyList } from './key-list';
import { LAST_MS, LeaseClock } from './lease-clock';
import { ReasonDialog, type ReasonKind } from './reason-dialog';
import { type Saved, useDraft } from './use-draft';

const SAVED = { device: 'work.draftLocal', server: 'work.draftSaved' } as const;
const SHOWN = 'quorate.instructions';
/** With less than this share of the lease left, an annotator at work is given more time. */
const EXTEND_AT = 0.25;
const BUSY_MS = 30_000;
const MAX_SECONDS = 86_400;
/** So soon after a task has come, nobody has looked at it. */
const SETTLED_MS = 300;

interface TaskDeskProps {
  readonly desk: Desk;
  readonly state: DeskState;
  readonly offer: Offer;
  readonly time: FocusedTime;
}

/** One task with its form, its instructions and the bar below. */
export function TaskDesk({ desk, state, offer, time }: TaskDeskProps) {
  const { say } = useI18n();
  const { task, assignmentId } = offer;
  const form = FORMS[task.type];
  const config = useMemo(() => form.readConfig(task.config), [form, task.config]);
  const payload = useMemo(() => form.readPayload(task.payload), [form, task.payload]);
  const draft = useDraft(assignmentId);
  const [own, setOwn] = useState<{ value: unknown } | null>(null);
  const [need, setNeed] = useState<string | null>(null);
  const [ending, setEnding] = useState<'soon' | 'over' | null>(null);
  const [shownAtMs] = useState(() => performance.now());
  const [follows] = useState(state.notice === 'work.held');
  const [open, setOpen] = useState<ReasonKind | 'keys' | null>(null);
  const [showsInstructions, setShows] = useState(() => localStorage.getItem(SHOWN) !== 'no');

  const restored = draft.found ? form.restore(draft.found.value, config, payload) : undefined;
  const value = own ? own.value : (restored ?? form.start(config, payload));
  const restoredSeconds = draft.found?.seconds ?? 0;
  useEffect(() => time.reset(performance.now(), restoredSeconds), [time, restoredSeconds]);
  // A new task begins at its top, and keys go to it at once.
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    window.scrollTo({ top: 0 });
    if (!isTyping(document.activeElement)) top.current?.focus({ preventScroll: true });
  }, []);

  const meant = useMeant();
  // Enter after the dialog is for the task, not for the button that opened it.
  const ask = (what: ReasonKind | 'keys') => {
    top.current?.focus({ preventScroll: true });
    setOpen(what);
  };
  const change = (next: unknown) => {
    setOwn({ value: next });
    setNeed(null);
    meant.forget();
    draft.keep(next, time.seconds(performance.now()));
  };
  const submit = () => {
    // Pressed for the task before, whose place this one took.
    if (follows && own === null && performance.now() - shownAtMs < SETTLED_MS) return;
    const result = form.toLabel(value, config, payload);
    if ('need' in result) return setNeed(say(result.need, result.values));
    if (result.confirm !== undefined) setNeed(say(result.confirm));
    if (!meant.is(result, performance.now())) return;
    const timeSpentS = Math.min(MAX_SECONDS, Math.round(time.seconds(performance.now()) * 10) / 10);
    void desk.submit({ label: result.label, timeSpentS });
  };
  const toggle = useRef<HTMLButtonElement>(null);
  const toggleInstructions = () => {
    localStorage.setItem(SHOWN, showsInstructions ? 'no' : 'yes');
    setShows(!showsInstructions);
  };

  useKeys(open === null, ({ key, target, repeat }) => {
    if (key === 'Enter') {
      // A key that is held down is one answer.
      if (repeat) return true;
      if (!isEnterFree(target)) return false;
      submit();
    } else if (state.sending && 'sr'.includes(key)) return false;
    else if (key === 's') setOpen('skip');
    else if (key === 'u') desk.undo();
    else if (key === 'r') setOpen('report');
    else if (key === '?') setOpen('keys');
    else if (key === 'i') toggleInstructions();
    else return false;
    return true;
  });
  useCtrlEnter(open === null, submit);

  const wholeMs = useRef(Date.parse(offer.expiresAt) - serverNow());
  const askedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const onTick = (leftMs: number) => {
    // What was fetched ahead is shown with less than its whole time, and gets that before it is read.
    wholeMs.current = Math.max(wholeMs.current, leftMs);
    const leastMs = askedAtMs.current < 0 ? LAST_MS : 5000;
    const soonMs = Math.min(LAST_MS, wholeMs.current * EXTEND_AT);
    setEnding(leftMs <= 0 ? 'over' : leftMs < soonMs ? 'soon' : null);
    const nowMs = performance.now();
    const low = leftMs < Math.max(leastMs, wholeMs.current * EXTEND_AT);
    const busy = time.isBusy(nowMs, BUSY_MS);
    if (!low || !busy || leftMs <= 0 || nowMs - askedAtMs.current < 10_000) return;
    askedAtMs.current = nowMs;
    void desk.extend();
  };

  const money = useMoney();
  const price = money(task.priceUsd);
  const pay =
    task.hourlyUsd === null
      ? say('work.pay', { price })
      : say('work.payHourly', { price, rate: money(task.hourlyUsd) });
  const { Form } = form;
  return (
    <div className="page workspace">
      <h1 className="visually-hidden" ref={top} tabIndex={-1}>
        {say('work.title')}
      </h1>
      <div className="work-head">
        <Button ref={toggle} size="xs" variant="default" aria-expanded={showsInstructions} onClick={toggleInstructions}>
          {say('work.instructions')}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={() => ask('keys')}>
          {say('work.keys')}
        </Button>
        <span className="spacer" />
        {task.simulated && (
          <Badge color="yellow" variant="light" title={say('work.simulated')}>
            {say('work.simulatedShort')}
          </Badge>
        )}
        <span className="dim">{pay}</span>
        <LeaseClock expiresAt={offer.expiresAt} onTick={onTick} />
      </div>
      <div className="work-body" data-instructions={showsInstructions || undefined}>
        {showsInstructions && (
          <aside className="instructions" aria-label={say('work.instructions')}>
            <div className="instructions-head">
              <h2 className="tag">{say('work.instructions')}</h2>
              <CloseButton
                size="sm"
                aria-label={say('common.close')}
                onClick={() => {
                  toggle.current?.focus();
                  toggleInstructions();
                }}
              />
            </div>
            {task.instructions.trim() === '' ? (
              <p className="dim">{say('work.noInstructions')}</p>
            ) : (
              <Prose text={task.instructions} />
            )}
          </aside>
        )}
        <div className="work-form">
          <Form
            config={config}
            payload={payload}
            value={value}
            onChange={change}
            active={open === null && !state.sending}
          />
        </div>
      </div>
      <Messages
        desk={desk}
        state={state}
        need={need}
        ending={ending}
        unpaid={task.lateAnswers === 'keep_unpaid'}
        restored={restored !== undefined && own === null && state.notice !== 'work.undone'}
      />
      <div className="work-foot">
        <Button variant="default" onClick={() => ask('skip')} disabled={state.sending}>
          {say('work.skip')}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => ask('report')} disabled={state.sending}>
          {say('work.report')}
        </Button>
        <span className="spacer" />
        <SavedNote saved={draft.saved} answered={state.answered + Number(state.canUndo)} />
        <Button
          // The second click of a double click would be for the next task.
          onClick={({ detail }) => detail < 2 && submit()}
          disabled={state.sending}
          className="submit"
        >
          {say(state.sending ? 'work.sending' : 'work.submit')}
        </Button>
      </div>
      {open === 'keys' && <KeyList keys={form.keys(config)} onClose={() => setOpen(null)} />}
      {(open === 'skip' || open === 'report') && (
        <ReasonDialog
          kind={open}
          onClose={() => setOpen(null)}
          onSend={(reason, note) => {
            setOpen(null);
            const words = note === '' ? reason : `${reason}: ${note}`;
            void desk.giveBack(open, { reason: words });
          }}
        />
      )}
    </div>
  );
}

function SavedNote({ saved, answered }: { saved: Saved; answered: number }) {
  const { say } = useI18n();
  return (
    <span className="dim saved" data-saved={saved}>
      {saved === 'none' ? say('work.answered', { count: answered }) : say(SAVED[saved])}
    </span>
  );
}

interface MessagesProps {
  readonly desk: Desk;
  readonly state: DeskState;
  readonly need: string | null;
  readonly ending: 'soon' | 'over' | null;
  /** Whether what comes too late pays nothing. */
  readonly unpaid: boolean;
  readonly restored: boolean;
}

/** Takes the last answer back. */
export function UndoButton({ desk }: { desk: Desk }) {
  const { say } = useI18n();
  return (
    <Button size="compact-xs" variant="default" onClick={() => desk.undo()}>
      {say('work.undo')}
    </Button>
  );
}

/** One line above the bar, which is there with or without words: nothing moves when they come. */
function Messages({ desk, state, need, ending, unpaid, restored }: MessagesProps) {
  const { say } = useI18n();
  const { problem, notice } = state;
  const trouble = problem ? (problem.status === 0 ? say('work.offline') : problem.message) : need;
  const soon = state.noMore ? 'work.lastMinutes' : 'work.expiring';
  const late = ending && say(ending === 'soon' ? soon : unpaid ? 'work.expiredUnpaid' : 'work.expired');
  const words = trouble ?? late ?? (restored ? say('work.draftRestored') : notice && say(notice));
  return (
    <div
      className="work-message"
      role="status"
      data-kind={trouble !== null ? 'trouble' : late !== null ? 'warning' : 'note'}
    >
      {words}
      {ending === 'soon' && !state.noMore && (
        <>
          {' '}
          <Button size="compact-xs" variant="default" onClick={() => void desk.extend()}>
            {say('work.moreTime')}
          </Button>
        </>
      )}
      {state.canUndo && problem === null && <UndoButton desk={desk} />}
    </div>
  );
}
