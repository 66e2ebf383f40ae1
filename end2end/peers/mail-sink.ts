// A mail server that others wrote (npm `smtp-server`), which keeps what it gets. Addresses that begin with
// `refused` have no mailbox here.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** One delivery, as the SMTP conversation told it. */
export interface Delivery {
  /** MAIL FROM. */
  from: string;
  /** Every RCPT TO. */
  recipients: string[];
  /** What came between DATA and the dot. */
  raw: string;
  /** The same, read by a parser that others wrote. */
  message: Email;
}

export interface MailSink {
  /** For EMAIL_SERVER. */
  url: string;
  deliveries: Delivery[];
  /** Waits for a mail to this address. */
  next(recipient: string): Promise<Delivery>;
  stop(): Promise<void>;
}

export async function startMailSink(): Promise<MailSink> {
  const deliveries: Delivery[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo(address, _session, callback) {
      const refused = address.address.startsWith("refused");
      callback(refused ? Object.assign(new Error("No such mailbox"), { responseCode: 550 }) : null);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom ? mailFrom.address : "";
        const recipients = rcptTo.map((recipient) => recipient.address);
        deliveries.push({ from, recipients, raw, message: await PostalMime.parse(raw) });
        callback();
      });
    },
  });
  server.on("error", () => {}); // A client that hangs up is not our failure.
  const listener = server.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;

  async function next(recipient: string): Promise<Delivery> {
    const deadline = Date.now() + 5_000;
    while (Date.now() < deadline) {
      const found = deliveries.findLast((delivery) => delivery.recipients.includes(recipient));
      if (found) return found;
      await new Promise((wake) => setTimeout(wake, 20));
    }
    throw new Error(`No mail to ${recipient} arrived`);
  }
  const stop = () => new Promise<void>((stopped) => server.close(() => stopped()));
  return { url: `smtp://127.0.0.1:${port}`, deliveries, next, stop };
}
