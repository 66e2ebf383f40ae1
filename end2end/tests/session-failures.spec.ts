// Only the server signs somebody out: never a network that fails. And a session that is over is noticed. U-32, TS-06.

import type { Page } from "@playwright/test";
import { SessionRequests, expectUser, open } from "../support/page.ts";
import { PEOPLE, signIn, signOut } from "../support/sign-in.ts";
import { nudge } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

const ADA = PEOPLE.ada.name;
const GRACE = PEOPLE.grace.name;
const SESSION = "**/api/auth/session";

test.describe("a failing server signs nobody out", () => {
  const failures: [string, (page: Page) => Promise<unknown>][] = [
    ["500", (page) => page.route(SESSION, (route) => route.fulfill({ status: 500, body: "null" }))],
    ["503", (page) => page.route(SESSION, (route) => route.fulfill({ status: 503, json: { message: "away" } }))],
    ["429", (page) => page.route(SESSION, (route) => route.fulfill({ status: 429, body: "null" }))],
    ["a network error", (page) => page.route(SESSION, (route) => route.abort("connectionfailed"))],
    ["a page of a proxy", (page) => page.route(SESSION, (route) => route.fulfill({ status: 200, body: "<h1>Log in to Wi-Fi</h1>" }))],
    ["an empty answer", (page) => page.route(SESSION, (route) => route.fulfill({ status: 200, body: "" }))],
  ];

  for (const [name, fail] of failures) {
    test(`U-32 TS-06 ${name}: the user stays, and all recovers by itself`, async ({ page, context, server, watch }) => {
      watch.expect(FAILED_REQUEST);
      await page.clock.install();
      await signIn(context, server, "ada");
      await open(page, "/");
      const requests = new SessionRequests(page);
      await fail(page);
      expect(await requests.during(() => nudge(page))).toBe(1);
      await expectUser(page, ADA);
      // It tries again, and ever more slowly: 2, 4, 8, 16 … seconds at most.
      const retries = await requests.during(() => requests.pass(30_000, 1_000));
      expect(retries).toBeGreaterThanOrEqual(1);
      expect(retries).toBeLessThanOrEqual(8);
      await expectUser(page, ADA);

      await page.unroute(SESSION);
      await signOut(context, server);
      await signIn(context, server, "grace");
      await requests.pass(70_000);
      await expectUser(page, GRACE);
    });
  }

  test("control: the answer `null` does sign out", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    await page.route(SESSION, (route) => route.fulfill({ status: 200, contentType: "application/json", body: "null" }));
    await nudge(page);
    await expectUser(page, null);
  });

  test("U-32 Retry-After is honoured", async ({ page, context, server, watch }) => {
    watch.expect(FAILED_REQUEST);
    await page.clock.install();
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const headers = { "retry-after": "120" };
    await page.route(SESSION, (route) => route.fulfill({ status: 429, headers, body: "" }));
    expect(await requests.during(() => nudge(page))).toBe(1);
    expect(await requests.during(() => requests.pass(110_000))).toBe(0);
    expect(await requests.during(() => requests.pass(25_000))).toBe(1);
    await expectUser(page, ADA);
  });
});

test.describe("the end of a session", () => {
  test.use({ server: async ({ shortServer }, use) => use(shortServer) });

  test("the page notices by itself when the session is over", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    await expectUser(page, ADA);
    const requests = new SessionRequests(page);
    await expectUser(page, null, 6_000);
    expect(requests.count).toBeLessThanOrEqual(2);
  });
});
