import type { FastifyBaseLogger } from 'fastify';
import { createTransport } from 'nodemailer';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** How mail leaves. */
export interface Mailer {
  /** False where mail is only written to the log, for whoever runs the server to pass on. */
  readonly delivers: boolean;
  send(mail: Mail): Promise<void>;
}

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://...`. */
  readonly url: string;
  readonly from: string;
}

/** Sends mail through an SMTP server. */
export function smtpMailer({ url, from }: SmtpOptions): Mailer {
  const transport = createTransport(url);
  return {
    delivers: true,
    async send(mail) {
      await transport.sendMail({ from, ...mail });
    },
  };
}

/** Writes mail to the log: for a server that has no SMTP server to send it through. */
export function logMailer(log: Pick<FastifyBaseLogger, 'warn'>): Mailer {
  return {
    delivers: false,
    async send({ to, subject, text }) {
      log.warn({ to, subject, text }, 'mail that no SMTP server is set up to send');
    },
  };
}
