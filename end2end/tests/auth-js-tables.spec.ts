// One PostgreSQL database, two programs: Auth.js with its pg adapter, and our server with AUTH_TABLES=authjs. What the one
// writes the other reads, in both directions. No page is opened.

import { encode } from "@auth/core/jwt";
import { expect, test } from "@playwright/test";
import { startAuthJsSite, type AuthJsSite } from "../peers/auth-js-site.ts";
import { GRACE, startHonestProvider, type HonestProvider } from "../peers/honest-provider.ts";
import { newestMail } from "../support/inbox.ts";
import { Jar } from "../support/jar.ts";
import { freePort, SECRET, startServer, type Server } from "../support/server.ts";

const POSTGRES = process.env.TEST_POSTGRES_URL ?? "";
const COOKIE = "authjs.session-token";

test.skip(!POSTGRES, "TEST_POSTGRES_URL is not set");

let provider: HonestProvider;
let site: AuthJsSite;
let server: Server;

test.beforeEach(async () => {
  const port = await freePort();
  provider = await startHonestProvider(`http://localhost:${port}`);
  site = await startAuthJsSite(POSTGRES, SECRET, provider);
  server = await start({}, port);
});

function start(more: Record<string, string>, port: number): Promise<Server> {
  const env = {
    DATABASE_URL: site.url,
    AUTH_TABLES: "authjs",
    AUTH_HONEST_ISSUER: provider.issuer,
    AUTH_HONEST_ID: provider.clientId,
    AUTH_HONEST_SECRET: provider.clientSecret,
  };
  return startServer({ ...env, ...more }, port);
}

test.afterEach(async () => {
  await server?.stop();
  await site?.stop();
  await provider?.stop();
});

/** A browser that talks to Auth.js, or to us. */
const theirs = () => new Jar(server.url, site.answer);
const ours = () => new Jar(server.url);

/** Signs in at the provider, whoever asked for it: by the same requests, because the routes are the same. */
async function signIn(jar: Jar): Promise<Jar> {
  let answer = await jar.post("/api/auth/signin/honest", { callbackUrl: server.url });
  const there = new Jar(provider.issuer);
  for (let hops = 0; hops < 10; hops += 1) {
    const to = answer.headers.get("location") ?? "";
    if (to.startsWith(server.url)) {
      await jar.get(to);
      expect(jar.cookie(COOKIE), `a session after ${to}`).toBeTruthy();
      return jar;
    }
    const isAsked = new URL(to, provider.issuer).pathname.startsWith("/interaction/");
    answer = isAsked ? await there.press(`${to}/login`) : await there.get(to);
  }
  throw new Error("The provider did not come to an end.");
}

/** What a session says of its user. */
const user = async (jar: Jar) => (await jar.json("/api/auth/session"))?.user;

test("a session that Auth.js began goes on here, and one account is one user", async () => {
  const before = await signIn(theirs());
  const id = String((await user(before)).id);
  expect((await user(before)).email, "control: it is a session of Auth.js").toBe(GRACE.email);

  const same = ours();
  same.set(COOKIE, before.cookie(COOKIE) ?? "");
  expect(await user(same)).toMatchObject({ id, name: GRACE.name, email: GRACE.email });
  const stranger = ours();
  stranger.set(COOKIE, crypto.randomUUID());
  expect(await user(stranger), "control: a token that nobody gave out").toBeUndefined();

  const again = await signIn(ours());
  expect((await user(again)).id, "the same person by the same account").toBe(id);
  expect([await site.count("users"), await site.count("accounts"), await site.count("sessions")]).toEqual([1, 1, 2]);

  await same.post("/api/auth/signout", { callbackUrl: "/" });
  expect(await user(before), "Auth.js sees that we have ended it").toBeUndefined();
  expect(await user(again), "control: the other one goes on").toBeTruthy();
});

test("a session that we began goes on at Auth.js, and one account is one user", async () => {
  const before = await signIn(ours());
  const { id } = await user(before);
  const token = before.cookie(COOKIE) ?? "";

  const found = await site.adapter.getSessionAndUser(token);
  expect(found?.user).toMatchObject({ name: GRACE.name });
  expect(String(found?.user.id)).toBe(id);
  expect(found?.session.expires.getTime()).toBeGreaterThan(Date.now());
  const account = { provider: "honest", providerAccountId: GRACE.sub };
  expect(String((await site.adapter.getUserByAccount(account))?.id)).toBe(id);
  expect(await site.adapter.getUserByEmail(GRACE.email), "an address that is only claimed leads to nobody").toBeNull();

  const same = theirs();
  same.set(COOKIE, token);
  expect(String((await user(same)).id)).toBe(id);
  const again = await signIn(theirs());
  expect(String((await user(again)).id), "the same person by the same account").toBe(id);
  expect([await site.count("users"), await site.count("accounts")]).toEqual([1, 1]);

  await site.adapter.deleteSession(token);
  expect(await user(before), "we see that Auth.js has ended it").toBeUndefined();
  await signIn(before);
  await before.post("/api/auth/signout", { callbackUrl: "/" });
  expect(await site.count("sessions"), "the one of Auth.js is left").toBe(1);
});

test("a link that the one mailed is good at the other, once, and leads to one user", async ({ request }) => {
  const email = "reader@navy.test";
  await theirs().post("/api/auth/signin/email", { email, callbackUrl: server.url });
  const fields = Object.fromEntries(new URL(site.mails[0]).searchParams);
  const jar = ours();
  await jar.post("/api/auth/callback/email", { ...fields, token: `${fields.token}x` });
  expect(await user(jar), "control: another token").toBeUndefined();
  await jar.post("/api/auth/callback/email", fields);
  const { id, ...shown } = await user(jar);
  expect(shown.email).toBe(email);
  expect(String((await site.adapter.getUserByEmail(email))?.id)).toBe(id);
  expect((await site.adapter.getUserByEmail(email))?.emailVerified, "proven").toBeTruthy();
  const second = theirs();
  await second.get(site.mails[0]);
  expect(second.cookie(COOKIE), "a link works once").toBeUndefined();

  await ours().post("/api/auth/signin/email", { email, callbackUrl: server.url });
  const { link } = await newestMail(request, server, email);
  const reader = theirs();
  await reader.get(link);
  expect(String((await user(reader)).id)).toBe(id);
  expect(await site.count("users")).toBe(1);
});

test("a stateless session of Auth.js goes on here while its user is there, and leaves no token behind", async () => {
  const id = String((await user(await signIn(theirs()))).id);
  await server.stop();
  // Renewed at each request, so that the user is looked up.
  server = await start({ AUTH_SESSION: "jwt", AUTH_SESSION_UPDATE_AGE: "0" }, Number(new URL(server.url).port));
  const minted = async (sub: string) => {
    const jar = ours();
    jar.set(COOKIE, await encode({ token: { sub, name: "Minted" }, secret: SECRET, salt: COOKIE }));
    return jar;
  };
  const jar = await minted(id);
  expect(await user(jar)).toMatchObject({ id, name: GRACE.name });
  expect(await user(jar), "with the token that it got").toMatchObject({ id });
  expect(await user(await minted("4711")), "control: nobody in the database").toBeUndefined();
  expect(await site.count("sessions"), "the one that Auth.js made").toBe(1);
  expect(await site.count("leptos_auth.sessions"), "one of ours, where Auth.js does not look").toBe(1);
});
