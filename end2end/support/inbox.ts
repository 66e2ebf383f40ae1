// The mails of the dev inbox.

import { expect, type APIRequestContext } from "@playwright/test";

/** What a reader takes out of a sign-in mail. */
export interface SignInMail {
  link: string;
  code: string;
  subject: string;
  text: string;
  html: string;
}

/** The newest mail to an address that somebody asked for: not those that tell its owner of something. */
export async function newestMail(request: APIRequestContext, server: { url: string }, to: string): Promise<SignInMail> {
  const found = await newest(request, server, to);
  return { ...readSignInMail(found.text), subject: found.subject, text: found.text, html: found.html };
}

/** The link in the newest of them: not every mail has a code. */
export async function newestLink(request: APIRequestContext, server: { url: string }, to: string): Promise<string> {
  const { text } = await newest(request, server, to);
  const link = /^https?:\/\/\S+$/m.exec(text)?.[0];
  if (!link) throw new Error(`No link in this mail:\n${text}`);
  return link;
}

async function newest(request: APIRequestContext, server: { url: string }, to: string): Promise<any> {
  let found: any;
  await expect(async () => {
    const mails = await (await request.get(`${server.url}/dev/inbox.json`)).json();
    found = mails.find((mail: { to: string; text: string }) => mail.to === to && !mail.text.includes("/account/undo?"));
    expect(found, `a mail to ${to}`).toBeTruthy();
  }).toPass({ timeout: 5_000 });
  return found;
}

/** The link and the code in the text of a mail. */
export function readSignInMail(text: string): { link: string; code: string } {
  const link = /^https?:\/\/\S+$/m.exec(text)?.[0];
  const code = /^\d{4} \d{4}$/m.exec(text)?.[0];
  if (!link || !code) throw new Error(`No link or no code in this mail:\n${text}`);
  return { link, code };
}

let counter = 0;

/** An address that no other test uses: mails are limited per address. */
export function freshAddress(name = "reader"): string {
  counter += 1;
  return `${name}.${process.pid}.${counter}@example.com`;
}
