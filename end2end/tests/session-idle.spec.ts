// A question that is asked while nobody does anything says so, and only then. TS-05.

import type { Page } from "@playwright/test";
import { SessionRequests, open } from "../support/page.ts";
import { signIn } from "../support/sign-in.ts";
import { nudge, twoTabs } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";

const INTERVAL = 5 * 60_000;

/** What each question of the page says about the person. */
function idleMarks(page: Page): (string | undefined)[] {
  const marks: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/auth/session") marks.push(request.headers()["x-auth-poll"]);
  });
  return marks;
}

test.describe("idle", () => {
  test.beforeEach(async ({ context, server }) => {
    await context.clock.install();
    await signIn(context, server, "ada");
  });

  test("TS-05 a poll is marked unless somebody did something since the last", async ({ page }) => {
    await open(page, "/");
    const marks = idleMarks(page);
    const requests = new SessionRequests(page);
    const poll = () => requests.pass(INTERVAL * 1.05);
    await poll();
    expect(marks).toEqual(["1"]);
    await page.keyboard.press("Tab");
    await poll();
    await page.mouse.click(5, 5);
    await poll();
    await page.mouse.wheel(0, 100);
    await poll();
    expect(marks).toEqual(["1", undefined, undefined, undefined]);
    await poll();
    expect(marks.at(-1), "once is once").toBe("1");
  });

  test("TS-05 what is done in one tab counts for all", async ({ context }) => {
    const tabs = await twoTabs(context);
    const marks = tabs.map(idleMarks);
    const requests = tabs.map((tab) => new SessionRequests(tab));
    for (const tab of tabs) {
      await tab.keyboard.press("Tab");
      await SessionRequests.passAll(requests, INTERVAL * 1.05);
    }
    expect(marks.flat()).toEqual([undefined, undefined]);
    await SessionRequests.passAll(requests, INTERVAL * 1.05);
    expect(marks.flat().filter(Boolean)).toEqual(["1"]);
  });

  test("TS-05 a message of another tab is nobody's doing, update() and focus are somebody's", async ({ page }) => {
    await open(page, "/dev/gallery/hook");
    const marks = idleMarks(page);
    const requests = new SessionRequests(page);
    await requests.during(() => nudge(page));
    expect(marks).toEqual(["1"]);
    await requests.during(() => page.getByRole("button", { name: "Update", exact: true }).evaluate((button: HTMLElement) => button.click()));
    expect(marks).toEqual(["1", undefined]);
    await page.clock.runFor(6_000);
    await requests.during(() => page.evaluate(() => window.dispatchEvent(new Event("focus"))));
    expect(marks).toEqual(["1", undefined, undefined]);
  });
});
