// However many tabs are open, one polls for all; another takes its place when it goes. TS-04.

import { SessionRequests, expectUser } from "../support/page.ts";
import { PEOPLE, session, signIn, signOut } from "../support/sign-in.ts";
import { manyTabs, setVisible, total } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;
const INTERVAL = 5 * 60_000;

test.describe("the leader by a lock", () => {
  let tabs: SessionRequests[];

  test.beforeEach(async ({ context, server }) => {
    await context.clock.install();
    await signIn(context, server, "ada");
    tabs = await manyTabs(context, 4);
  });

  /** The one that polled. */
  async function leader(): Promise<SessionRequests> {
    await SessionRequests.passAll(tabs, INTERVAL * 1.1);
    const asking = tabs.filter(({ count }) => count > 0);
    expect(asking.length, "tabs that poll").toBe(1);
    return asking[0];
  }

  test("TS-04 four tabs poll as one", async () => {
    await SessionRequests.passAll(tabs, INTERVAL * 4.1);
    expect(total(tabs)).toBe(4);
    expect(tabs.filter(({ count }) => count > 0).length).toBe(1);
  });

  test("TS-04 a closed leader is replaced within seconds", async () => {
    const first = await leader();
    await SessionRequests.passAll(tabs, INTERVAL * 0.88);
    await first.page.close();
    tabs.splice(tabs.indexOf(first), 1);
    expect(total(tabs)).toBe(0);
    await SessionRequests.passAll(tabs, INTERVAL * 0.05);
    expect(total(tabs)).toBe(1);
  });

  test("TS-04 a hidden leader is replaced", async () => {
    const first = await leader();
    await setVisible(first.page, false);
    await SessionRequests.passAll(tabs, INTERVAL * 2);
    expect(total(tabs)).toBe(3);
    expect(first.count).toBe(1);
  });

  test("TS-04 a poll that brings news reaches all, one question each", async ({ context, server }) => {
    await signOut(context, server);
    await SessionRequests.passAll(tabs, INTERVAL * 1.1);
    for (const { page } of tabs) await expectUser(page, null);
    for (const { count } of tabs) expect(count).toBe(1);
  });
});

test.describe("the leader by a lease", () => {
  test("TS-04 without locks one tab polls as well, and is replaced", async ({ context, server }) => {
    await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    await context.clock.install();
    await signIn(context, server, "ada");
    const tabs = await manyTabs(context, 4);
    // Storage reaches other tabs late, and here minutes pass in a second: a lease is not as exact as a lock.
    await SessionRequests.passAll(tabs, INTERVAL * 2.1, 2_000);
    expect(total(tabs)).toBeGreaterThanOrEqual(2);
    expect(total(tabs)).toBeLessThanOrEqual(4);
    const [first, ...others] = tabs.toSorted((one, other) => other.count - one.count);
    await first.page.close();
    const before = total(others);
    await SessionRequests.passAll(others, INTERVAL * 1.1, 2_000);
    expect(total(others) - before).toBeGreaterThanOrEqual(1);
    expect(total(others) - before).toBeLessThanOrEqual(2);
  });
});

test.describe("the end of a session", () => {
  test.use({ server: async ({ minuteServer }, use) => use(minuteServer) });

  test("TS-04 another tab has renewed it: the rest does not ask at once", async ({ context, server }) => {
    await context.clock.install();
    await signIn(context, server, "ada");
    const tabs = await manyTabs(context, 4);
    const { user } = await session(context.request, server);
    const renewed = { user, expires: new Date(Date.now() + 3_600_000).toISOString() };
    await context.route("**/api/auth/session", (route) => route.fulfill({ status: 200, json: renewed }));
    await SessionRequests.passAll(tabs, 45_000);
    expect(total(tabs)).toBe(0);
    // In real time: what one tab writes into storage has to reach the others.
    await expect.poll(() => total(tabs), { timeout: 20_000 }).toBeGreaterThan(0);
    await tabs[0].page.waitForTimeout(2_500);
    expect(total(tabs)).toBeLessThanOrEqual(2);
    for (const { page } of tabs) await expectUser(page, ADA);
  });

  test("TS-04 control: it is over, and all know", async ({ context, server }) => {
    await context.clock.install();
    await signIn(context, server, "ada");
    const tabs = await manyTabs(context, 4);
    await signOut(context, server);
    await SessionRequests.passAll(tabs, 70_000);
    for (const { page } of tabs) await expectUser(page, null);
    // A minute passes here in a moment, so several may find out at once and tell: a question of one's own, one for the
    // first word, and one for all that come right after it.
    for (const { count } of tabs) expect(count).toBeLessThanOrEqual(3);
  });
});
