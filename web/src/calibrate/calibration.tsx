import { Alert } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, unwrap } from '../api/client';
import { Prose } from '../forms/content';
import { useSay } from '../i18n';
import { formWords, labelText } from '../ui/label-text';
import { FaultNotice } from '../ui/page-error';
import { PageTitle } from '../ui/page-title';
import { Question, Shown } from './question';
import type { Feedback, Session } from './session';

/** A calibration session: instructions and worked examples, then a test that says at once what was right. */
export function CalibrationPage() {
  const { campaignId = '' } = useParams({ strict: false });
  const say = useSay();
  const [session, setSession] = useState<Session | null>(null);
  const [feedback, setFeedback] = useState<Feedback | null>(null);
  const open = useMutation({
    mutationFn: async (): Promise<Session> => unwrap(api.POST('/v1/me/calibrations', { body: { campaignId } })),
    onSuccess: setSession,
  });
  const begin = open.mutate;
  // After an answer keys go to what follows it: the form that had them is gone.
  const next = useRef<HTMLHeadingElement>(null);
  const answeredSoFar = session?.answered ?? 0;
  useEffect(() => {
    if (answeredSoFar > 0) next.current?.focus();
  }, [answeredSoFar]);
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    begin();
  }, [begin]);
  if (!session) {
    return (
      <div className="page page-narrow">
        <PageTitle of={say('calibration.title')} />
        <h1>{say('calibration.title')}</h1>
        <FaultNotice error={open.error} />
        {!open.error && <p role="status">{say('common.loading')}</p>}
      </div>
    );
  }
  const labelWords = formWords(say);
  const { question, questions, needed, answered, right, state } = session;
  return (
    <div className="page page-narrow stack">
      <PageTitle of={say('calibration.title')} />
      <h1>{say('calibration.title')}</h1>
      <p className="dim">{say('calibration.lead', { questions, needed })}</p>
      <section className="card" aria-labelledby="read-title">
        <h2 id="read-title">{say('work.instructions')}</h2>
        {session.instructions.trim() === '' ? (
          <p>{say('work.noInstructions')}</p>
        ) : (
          <Prose text={session.instructions} />
        )}
      </section>
      {session.examples.length > 0 && (
        <details className="card" open={answered === 0}>
          <summary>{say('calibration.examples', { count: session.examples.length })}</summary>
          <div className="stack">
            {session.examples.map(({ number, payload, label }) => (
              <div key={number} className="content-card">
                <Shown payload={payload} />
                <p>
                  {say('calibration.known')}{' '}
                  <strong className="label-text" dir="auto">
                    {labelText(label, 400, labelWords)}
                  </strong>
                </p>
              </div>
            ))}
          </div>
        </details>
      )}
      {feedback && (
        <Alert
          color={feedback.correct ? 'green' : 'yellow'}
          title={say(feedback.correct ? 'calibration.right' : 'calibration.wrong')}
          role="status"
        >
          {say('calibration.known')} <strong dir="auto">{labelText(feedback.known, 400, labelWords)}</strong>
        </Alert>
      )}
      {question && (
        <section className="card" aria-labelledby="question-title">
          <h2 id="question-title" ref={next} tabIndex={-1}>
            {say('calibration.question', { number: answered + 1, questions })}
          </h2>
          <Question
            // Each question begins anew.
            key={question.number}
            session={session}
            number={question.number}
            payload={question.payload}
            onAnswered={(heard) => {
              setFeedback(heard);
              setSession(heard.session);
            }}
          />
        </section>
      )}
      {state !== 'open' && (
        <section className="card stack" aria-labelledby="end-title">
          <h2 id="end-title" ref={next} tabIndex={-1}>
            {say(state === 'passed' ? 'calibration.passed' : 'calibration.failed')}
          </h2>
          <p>{say('calibration.score', { right, questions })}</p>
          <p>
            <Link to={state === 'passed' ? '/annotate' : '/me'}>{say(state === 'passed' ? 'nav.work' : 'nav.me')}</Link>
          </p>
        </section>
      )}
    </div>
  );
}
