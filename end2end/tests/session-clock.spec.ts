// The clock of the machine is wrong, or is set while the page is open: nothing changes, the server's clock counts. U-33.

import type { BrowserContext, Page } from "@playwright/test";
import { SessionRequests, expectUser, open } from "../support/page.ts";
import { PEOPLE, signIn } from "../support/sign-in.ts";
import { twoTabs } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;
const HOUR = 3_600_000;

/** Pages see a clock that is wrong by so much. The one that counts from the start of the page stays right. */
async function setClocks(context: BrowserContext, wrong: number): Promise<void> {
  await context.addInitScript((wrong) => {
    const Right = Date;
    (window as any).wrong = wrong;
    window.Date = class extends Right {
      constructor(...parts: []) {
        super(...(parts.length ? parts : ([Right.now() + (window as any).wrong] as unknown as [])));
      }
      static now() {
        return Right.now() + (window as any).wrong;
      }
    } as DateConstructor;
  }, wrong);
}

for (const [name, wrong] of [["right", 0], ["an hour fast", HOUR], ["an hour slow", -HOUR], ["a year fast", 8766 * HOUR]] as const) {
  test.describe(`a clock that is ${name}`, () => {
    test.beforeEach(({ context }) => setClocks(context, wrong));

    test.describe("the end of a session", () => {
      test.use({ server: async ({ shortServer }, use) => use(shortServer) });

      test("is noticed when it comes, by one question, and not before", async ({ page, context, server }) => {
        await signIn(context, server, "ada");
        const requests = new SessionRequests(page);
        await open(page, "/");
        expect(Math.abs((await page.evaluate(() => Date.now())) - Date.now() - wrong), "control").toBeLessThan(5_000);
        expect(await requests.during(() => page.waitForTimeout(600))).toBe(0);
        await expectUser(page, ADA);
        await expectUser(page, null, 6_000);
        expect(requests.count).toBe(1);
      });
    });

    test("tabs follow a sign-in by a plain form", async ({ context, server }) => {
      const [acting, watching] = await twoTabs(context);
      await signIn(context, server, "ada");
      await open(acting, "/");
      await expectUser(watching, ADA, 1_000);
      await expectUser(acting, ADA);
    });
  });
}

test.describe("a clock that is set while the page is open", () => {
  test.use({ server: async ({ shortServer }, use) => use(shortServer) });

  for (const [name, jump] of [["forward", HOUR], ["back", -HOUR]] as const) {
    test(`${name}: the end comes when it comes`, async ({ page, context, server }) => {
      await setClocks(context, 0);
      await signIn(context, server, "ada");
      await open(page, "/");
      const requests = new SessionRequests(page);
      await jumpTo(page, jump);
      await expectUser(page, ADA);
      await expectUser(page, null, 6_000);
      expect(requests.count).toBeLessThanOrEqual(2);
    });
  }
});

function jumpTo(page: Page, wrong: number): Promise<void> {
  return page.evaluate((wrong) => void ((window as any).wrong = wrong), wrong);
}
