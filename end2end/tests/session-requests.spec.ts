// How often the hook asks the server: as rarely as it can. U-33, TS-05, TS-06.

import { SessionRequests, expectUser, open } from "../support/page.ts";
import { PEOPLE, signIn, signOut } from "../support/sign-in.ts";
import { nudge, setVisible, twoTabs } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;

test.describe("few requests", () => {
  test("U-33 ten components, one request; none while nothing happens", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    const requests = new SessionRequests(page);
    await open(page, "/dev/gallery/hook");
    await expect(page.locator('[data-session][data-session-status="authenticated"]')).toHaveCount(10);
    expect(await requests.during(() => page.waitForTimeout(800))).toBe(0);
    expect(await requests.during(() => nudge(page))).toBe(1);
    await expect(page.locator('[data-session][data-session-status="authenticated"]')).toHaveCount(10);
  });

  test("U-33 two tabs: one request each for a change", async ({ context, server }) => {
    const [acting, watching] = await twoTabs(context);
    await signIn(context, server, "ada");
    const requests = new SessionRequests(watching);
    expect(await requests.during(() => open(acting, "/"), 1_000)).toBe(1);
    await expectUser(watching, ADA);
  });

  test("U-33 focus bursts: at most one request in 5 seconds", async ({ page, context, server }) => {
    await page.clock.install();
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const burst = async () => {
      for (let looks = 0; looks < 10; looks += 1) await setVisible(page, true);
    };
    // From here on time passes only by runFor, so a slow machine does not count.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 6_000);
    expect(await requests.during(burst)).toBe(1);
    expect(await requests.during(burst)).toBe(0);
    await page.clock.runFor(4_000);
    expect(await requests.during(burst)).toBe(0);
    await page.clock.runFor(2_000);
    expect(await requests.during(burst)).toBe(1);
  });

  test("U-33 focus notices a sign-in and a sign-out elsewhere", async ({ page, context, server }) => {
    await page.clock.install();
    await open(page, "/");
    await signIn(context, server, "ada");
    await page.clock.runFor(6_000);
    await setVisible(page, true);
    await expectUser(page, ADA);
    await signOut(context, server);
    await page.clock.runFor(6_000);
    await setVisible(page, true);
    await expectUser(page, null);
  });
});

test.describe("keepalive", () => {
  const INTERVAL = 5 * 60_000;

  test.beforeEach(async ({ page, context, server }) => {
    await page.clock.install();
    await signIn(context, server, "ada");
    await open(page, "/");
  });

  test("U-33 TS-05 polls while visible, pauses while hidden", async ({ page }) => {
    const requests = new SessionRequests(page);
    expect(await requests.during(() => requests.pass(INTERVAL * 0.9))).toBe(0);
    expect(await requests.during(() => requests.pass(INTERVAL * 0.3))).toBe(1);
    await setVisible(page, false);
    expect(await requests.during(() => requests.pass(INTERVAL * 5))).toBe(0);
    expect(await requests.during(() => setVisible(page, true))).toBe(1);
    await expectUser(page, ADA);
  });

  test("TS-06 offline it asks nothing and keeps the state, online it asks at once", async ({ page, context }) => {
    const requests = new SessionRequests(page);
    await context.setOffline(true);
    expect(await requests.during(() => requests.pass(INTERVAL * 3))).toBe(0);
    await expectUser(page, ADA);
    await expect(page.getByRole("status").filter({ hasText: "offline" })).toBeVisible();
    expect(await requests.during(() => context.setOffline(false))).toBe(1);
    await expectUser(page, ADA);
    await expect(page.getByText("You are offline")).toHaveCount(0);
  });

  test("nobody signed in: no polling", async ({ page, context, server }) => {
    await signOut(context, server);
    await nudge(page);
    await expectUser(page, null);
    const requests = new SessionRequests(page);
    expect(await requests.during(() => requests.pass(INTERVAL * 3))).toBe(0);
  });
});
