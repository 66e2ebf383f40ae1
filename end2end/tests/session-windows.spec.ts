// Many windows of one browser wake, lose the network or the server together: few questions, and nobody is signed out.
// TS-04, TS-06.

import { SessionRequests, expectUser } from "../support/page.ts";
import { PEOPLE, signIn, signOut } from "../support/sign-in.ts";
import { manyTabs, onlyOneHasFocus, total } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

const ADA = PEOPLE.ada.name;
const INTERVAL = 5 * 60_000;

test.describe("many windows", () => {
  let tabs: SessionRequests[];

  test.beforeEach(async ({ context, server }) => {
    await context.clock.install();
    await signIn(context, server, "ada");
    tabs = await manyTabs(context, 4);
    await onlyOneHasFocus(tabs);
  });

  const show = () =>
    Promise.all(tabs.map(({ page }) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")))));

  test("TS-04 a laptop that wakes after an hour asks once", async ({ context }) => {
    await context.clock.fastForward(3_600_000);
    await show();
    await SessionRequests.passAll(tabs, 10_000, 1_000);
    expect(total(tabs)).toBe(1);
    for (const { page } of tabs) await expectUser(page, ADA);
  });

  test("TS-04 windows that come to light together ask once", async ({ context, server }) => {
    await context.clock.runFor(10_000);
    await show();
    await SessionRequests.passAll(tabs, 2_000, 500);
    expect(total(tabs)).toBe(1);

    await signOut(context, server);
    await context.clock.runFor(10_000);
    await show();
    await SessionRequests.passAll(tabs, 2_000, 500);
    for (const { page } of tabs) await expectUser(page, null);
  });

  test("TS-06 a server that fails is asked by one tab, and nobody is signed out", async ({ context, watch }) => {
    watch.expect(FAILED_REQUEST);
    await context.route("**/api/auth/session", (route) => route.fulfill({ status: 503, body: "null" }));
    await SessionRequests.passAll(tabs, INTERVAL * 1.1);
    expect(tabs.filter(({ count }) => count > 0).length).toBe(1);
    expect(total(tabs)).toBeLessThanOrEqual(8);
    for (const { page } of tabs) await expectUser(page, ADA);
  });

  test("TS-06 offline nobody asks, online each asks once at most", async ({ context }) => {
    await context.setOffline(true);
    await SessionRequests.passAll(tabs, INTERVAL * 3);
    expect(total(tabs)).toBe(0);
    await context.setOffline(false);
    await SessionRequests.passAll(tabs, 20_000);
    expect(total(tabs)).toBeGreaterThanOrEqual(1);
    for (const { page, count } of tabs) {
      expect(count).toBeLessThanOrEqual(1);
      await expectUser(page, ADA);
      await expect(page.getByText("You are offline")).toHaveCount(0);
    }
  });
});
