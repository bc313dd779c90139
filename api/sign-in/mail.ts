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
  const secrets = secretsIn(url);
  return {
    delivers: true,
    async send(mail) {
      try {
        await transport.sendMail({ from, ...mail });
      } catch (error) {
        // What the server said is in it, and some servers repeat what they were told: nothing else is kept.
        const said = error instanceof Error ? error.message : String(error);
        throw new Error(secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), said));
      }
    },
  };
}

/** The password of an address as it may be written: as it is, as part of an address, and as it is sent. */
function secretsIn(url: string): string[] {
  const { username, password } = new URL(url);
  if (password === '') return [];
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  const sent = [`\0${user}\0${secret}`, secret].map((text) => Buffer.from(text).toString('base64'));
  return [...sent, secret, password];
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
