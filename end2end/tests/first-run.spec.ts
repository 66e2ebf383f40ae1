// A fresh clone: signed in three ways, with scripts and without. T-02, T-03, U-20, U-01, HD-10.

import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";
import { freshAddress } from "../support/inbox.ts";
import { expectUser, hydrated, signOutByMouse, userMenu } from "../support/page.ts";
import { chooseAtDevId, passWelcome } from "../support/sign-in.ts";

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });
    const ready = async (page: Page) => {
      if (javaScriptEnabled) await hydrated(page);
    };

    test.beforeEach(async ({ page }) => {
      await page.goto("/");
      await ready(page);
      await expectUser(page, null);
      await page.locator("header").getByRole("link", { name: "Sign in" }).click();
      await expect(page).toHaveTitle("Sign in · Leptos Auth");
      await ready(page);
    });

    /** Everybody ends on the front page, is known there, and can leave. */
    const signedInAs = async (page: Page, name: string) => {
      await passWelcome(page);
      await expect(page).toHaveURL("/");
      await ready(page);
      await expectUser(page, name);
      await signOutByMouse(page);
      await expectUser(page, null);
    };

    test("T-02 by Dev ID", async ({ page }) => {
      await chooseAtDevId(page, "ada");
      await signedInAs(page, "Ada Lovelace");
    });

    test("T-03 by a link from the dev inbox", async ({ page, context, watch }) => {
      watch.expect(/Blocked script execution/); // Playwright's own, in the frame that may run nothing.
      const address = freshAddress("first-run");
      await page.getByLabel("Email address").fill(address);
      await page.getByRole("button", { name: "Email me a sign-in link" }).click();
      await expect(page).toHaveTitle("Check your email · Leptos Auth");
      await expect(page.getByRole("main")).toContainText(address);
      await page.close(); // It would follow into the app by itself: see `email`.

      const inbox = await context.newPage();
      await inbox.goto("/dev/inbox");
      await inbox.getByRole("listitem").filter({ hasText: address }).getByRole("link").click();
      // By key: right after scrolling, Chromium may give a click to the frame that was there before.
      await inbox.locator("pre a").press("Enter");
      await expect(inbox).toHaveTitle("Confirm sign-in · Leptos Auth");
      await ready(inbox);
      await inbox.getByRole("button", { name: `Sign in as ${address}` }).click();
      await signedInAs(inbox, address);
    });

    test("T-02 by the demo account", async ({ page }) => {
      await page.getByLabel("Username").fill("demo");
      await page.getByLabel("Password", { exact: true }).fill("demo-password");
      await page.locator('form[data-provider="credentials"]').getByRole("button", { name: "Sign in" }).click();
      await signedInAs(page, "Demo User");
    });

    test("a wrong password is refused and says what to do", async ({ page }) => {
      await page.getByLabel("Username").fill("demo");
      await page.getByLabel("Password", { exact: true }).fill("wrong");
      await page.locator('form[data-provider="credentials"]').getByRole("button", { name: "Sign in" }).click();
      await expect(page.locator("#notice[role=alert]")).toContainText("do not match");
      await expect(userMenu(page)).toHaveCount(0);
      await page.getByLabel("Username").fill("demo");
      await page.getByLabel("Password", { exact: true }).fill("demo-password");
      await page.locator('form[data-provider="credentials"]').getByRole("button", { name: "Sign in" }).click();
      await signedInAs(page, "Demo User");
    });
  });
}

test("HD-10 by keyboard alone", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await tabTo(page, page.locator("header").getByRole("link", { name: "Sign in" }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveTitle("Sign in · Leptos Auth");
  await hydrated(page);
  await tabTo(page, page.getByLabel("Username"));
  await page.keyboard.type("demo");
  await tabTo(page, page.getByLabel("Password", { exact: true }));
  await page.keyboard.type("demo-password");
  await page.keyboard.press("Enter");
  await passWelcome(page);
  await hydrated(page);
  await expectUser(page, "Demo User");
  await tabTo(page, userMenu(page));
  await page.keyboard.press("Enter");
  const account = page.locator("[data-user-menu]").getByRole("link", { name: "Account" });
  await expect(account).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(account).toBeHidden();
});

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, target: Locator) {
  for (let presses = 0; presses < 40; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab does not lead there");
}
