// The pages of the ways to sign in and of the devices, by mouse. U-09, U-20, U-45, LK-07, LK-08, SE-16.

import { audit, axe } from "../support/audit.ts";
import { freshAddress, newestMail } from "../support/inbox.ts";
import { hydrated, userMenu } from "../support/page.ts";
import { passWelcome, PEOPLE, signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { startServer, type Server } from "../support/server.ts";
import type { Page } from "@playwright/test";

// A server for each test: the people of Dev ID are linked and unlinked.
test.use({
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
});

/** The row of a list that begins with that name. */
const row = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name });

async function signInByMail(page: Page, server: Server, address: string): Promise<void> {
  await page.getByLabel("Email address").fill(address);
  await page.getByRole("button", { name: "Email me a sign-in link" }).click();
  await page.waitForURL("**/verify-request*");
  await page.goto((await newestMail(page.request, server, address)).link);
  await page.getByRole("main").getByRole("button").first().click();
  await passWelcome(page);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });

    async function open(page: Page, path: string): Promise<void> {
      await page.goto(path);
      if (javaScriptEnabled) await hydrated(page);
    }

    test("LK-07 a provider is linked, and unlinked again", async ({ page, server }) => {
      await open(page, "/signin?callbackUrl=%2Faccount%2Fmethods");
      await signInByMail(page, server, freshAddress());
      await open(page, "/account/methods");
      await row(page, "Dev ID").getByRole("button", { name: "Link" }).click();
      await page.getByRole("button", { name: PEOPLE.grace.name }).click();
      await expect(page.getByRole("status").filter({ hasText: "From now on you can sign in with it" })).toBeVisible();
      await expect(row(page, "Dev ID")).toContainText(PEOPLE.grace.email);
      if (javaScriptEnabled) await hydrated(page);
      await row(page, "Dev ID").getByRole("button", { name: "Unlink" }).click();
      await expect(page.getByRole("status").filter({ hasText: "Unlinked" })).toBeVisible();
      await expect(row(page, "Dev ID")).toContainText("Not linked");
    });

    test("LK-08 the only way to sign in says why it stays", async ({ page, context, server }) => {
      await signIn(context, server, "ada");
      await open(page, "/account/methods");
      await expect(row(page, "Dev ID")).toContainText("Your only way to sign in");
      await expect(row(page, "Dev ID").getByRole("button")).toHaveCount(0);
    });

    test("the same address at a new provider ends in one account", async ({ page, server }) => {
      await open(page, "/signin?callbackUrl=%2Faccount");
      await signInByMail(page, server, PEOPLE.ada.email);
      await page.context().clearCookies();

      await open(page, "/signin?callbackUrl=%2Faccount");
      await page.getByRole("button", { name: "Continue with Dev ID" }).click();
      await page.getByRole("button", { name: PEOPLE.ada.name }).click();
      await expect(page.getByRole("alert")).toContainText("You already have an account");
      await expect(page.getByText("whether to link Dev ID to it")).toBeVisible();
      if (javaScriptEnabled) await hydrated(page);
      await signInByMail(page, server, PEOPLE.ada.email);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Link Dev ID to your account?");
      if (javaScriptEnabled) {
        await hydrated(page);
        expect([...(await audit(page)), ...(await axe(page))]).toEqual([]);
      }
      await page.getByRole("button", { name: "Link Dev ID" }).click();
      await page.waitForURL("**/account?*");
      await open(page, "/account/methods");
      await expect(row(page, "Dev ID")).toContainText(PEOPLE.ada.email);
    });

    test("U-45 SE-16 a device is signed out from another", async ({ page, context, browser, server }) => {
      await signIn(context, server, "ada");
      const other = await browser.newContext({ baseURL: server.url });
      await signIn(other, server, "ada");
      await open(page, "/account/devices");
      const rows = page.getByRole("main").getByRole("list").last().getByRole("listitem");
      await expect(rows).toHaveCount(2);
      await expect(rows.first()).toContainText("This device");
      await expect(rows.first().getByRole("button")).toHaveCount(0);
      await rows.last().getByRole("button", { name: "Sign out" }).click();
      await expect(page.getByRole("status").filter({ hasText: "That device is signed out" })).toBeVisible();
      const there = await other.newPage();
      await there.goto("/account");
      expect(new URL(there.url()).pathname, "its next request").toBe("/signin");
      await expect(userMenu(page)).toContainText(PEOPLE.ada.name);
      await other.close();
    });
  });
}
