// The `test` that all suites use: servers that start when a suite first needs them, and a watch on every browser
// context. Rule: a console error, a refused resource, a crash or a request to a foreign host fails the test that
// caused it, also when the test was about something else.

import { test as base, expect } from "@playwright/test";
import { startHonestProvider, type HonestProvider } from "../peers/honest-provider.ts";
import { startMailSink, type MailSink } from "../peers/mail-sink.ts";
import { freePort, startServer, type Server } from "./server.ts";
import { manyProviders } from "./services.ts";
import { Watch } from "./watch.ts";

export { expect };

interface PerTest {
  /** The server of this suite: `databaseServer`, unless the suite chooses another with `test.use`. */
  server: Server;
  /** What the browser complains about. */
  watch: Watch;
}

interface PerWorker {
  /** Sessions in SQLite, mails in the dev inbox. */
  databaseServer: Server;
  /** Sessions in the cookie. */
  jwtServer: Server;
  /** Sessions that end after three seconds. */
  shortServer: Server;
  /** Stands in for an application with NextAuth.js v4, and reads tokens of v5 as well. */
  v4Server: Server;
  /** 107 providers, and Dev ID. */
  manyServer: Server;
  /** Sessions that end after a minute. */
  minuteServer: Server;
  mailSink: MailSink;
  /** Sends its mails to `mailSink`. */
  smtpServer: Server;
  honest: { provider: HonestProvider; server: Server };
  /** The same provider, which wants requests pushed and signed; its page posts the way back. */
  strict: { provider: HonestProvider; server: Server };
}

export const test = base.extend<PerTest, PerWorker>({
  databaseServer: [async ({}, use) => serve(use), { scope: "worker" }],
  jwtServer: [async ({}, use) => serve(use, { AUTH_SESSION: "jwt" }), { scope: "worker" }],
  shortServer: [
    async ({}, use) => serve(use, { AUTH_SESSION_MAX_AGE: "3", AUTH_SESSION_UPDATE_AGE: "3" }),
    { scope: "worker" },
  ],
  v4Server: [
    async ({}, use) =>
      serve(use, {
        AUTH_SESSION: "jwt",
        DATABASE_URL: "",
        AUTH_COOKIE_NAME: "next-auth.session-token",
        AUTH_JWT_FORM: "authjs-v4",
        AUTH_JWT_ACCEPT: "authjs-v5",
      }),
    { scope: "worker" },
  ],
  manyServer: [async ({}, use) => serve(use, manyProviders(107)), { scope: "worker" }],
  minuteServer: [async ({}, use) => serve(use, { AUTH_SESSION_MAX_AGE: "60", AUTH_SESSION_UPDATE_AGE: "60" }), { scope: "worker" }],
  mailSink: [
    async ({}, use) => {
      const sink = await startMailSink();
      await use(sink);
      await sink.stop();
    },
    { scope: "worker" },
  ],
  smtpServer: [
    async ({ mailSink }, use) =>
      serve(use, { EMAIL_SERVER: mailSink.url, EMAIL_FROM: "Test App <no-reply@app.test>" }),
    { scope: "worker" },
  ],
  honest: [
    async ({}, use) => {
      const port = await freePort();
      const provider = await startHonestProvider(`http://localhost:${port}`);
      const env = {
        AUTH_HONEST_ISSUER: provider.issuer,
        AUTH_HONEST_ID: provider.clientId,
        AUTH_HONEST_SECRET: provider.clientSecret,
        AUTH_HONEST_LOGOUT: "true",
      };
      const server = await startServer(env, port);
      await use({ provider, server });
      await server.stop();
      await provider.stop();
    },
    { scope: "worker" },
  ],
  strict: [
    async ({}, use) => {
      const port = await freePort();
      const provider = await startHonestProvider(`http://localhost:${port}`, true);
      const env = {
        AUTH_HONEST_ISSUER: provider.issuer,
        AUTH_HONEST_ID: provider.clientId,
        AUTH_HONEST_PRIVATE_KEY: provider.privateKey,
        AUTH_HONEST_RESPONSE_MODE: "form_post",
      };
      const server = await startServer(env, port);
      await use({ provider, server });
      await server.stop();
      await provider.stop();
    },
    { scope: "worker" },
  ],
  server: async ({ databaseServer }, use) => use(databaseServer),
  baseURL: async ({ server }, use) => use(server.url),
  watch: [
    async ({ context, server, javaScriptEnabled }, use) => {
      const watch = new Watch(server.url);
      // Without scripts nothing uses the wasm that the page announces.
      if (javaScriptEnabled === false) watch.expect(/was preloaded using link preload but not used/);
      watch.follow(context);
      await use(watch);
      expect(watch.complaints, "what the browser complained about").toEqual([]);
    },
    { auto: true },
  ],
});

async function serve(use: (server: Server) => Promise<void>, env: Record<string, string> = {}): Promise<void> {
  const server = await startServer(env);
  await use(server);
  await server.stop();
}
