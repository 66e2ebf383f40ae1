// Passwords as a person uses them, with scripts and without. U-03, U-05, U-20, CR-14.

import type { Page } from "@playwright/test";
import { audit, axe } from "../support/audit.ts";
import { freshAddress, newestLink, newestMail } from "../support/inbox.ts";
import { hydrated } from "../support/page.ts";
import { expect, test } from "../support/test.ts";

const PASSWORD = "a bicycle for the mind";
const OTHER = "two bicycles for two minds";

for (const javaScriptEnabled of [true, false]) {
  const name = javaScriptEnabled ? "with scripts" : "without scripts";

  test(`U-20 ${name}: sign-up, sign-in, change and reset`, async ({ browser, request, server }) => {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    const address = freshAddress("password");

    await visit(page, "/signup");
    await page.getByLabel("Email address").fill(address);
    await page.getByLabel("Password", { exact: true }).fill("password1");
    await page.getByRole("button", { name: "Create the account" }).click();
    await expect(page.locator("#notice[role=alert]")).toContainText("known to others");
    await page.getByLabel("Email address").fill(address);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create the account" }).click();
    await expect(page).toHaveTitle("Check your email · Leptos Auth");
    const { code } = await newestMail(request, server, address);
    await page.getByLabel("Code").fill(code);
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/welcome/);

    await visit(page, "/account/password");
    await page.locator("#currentPassword").fill(PASSWORD);
    await page.getByLabel("New password").fill(OTHER);
    await page.getByRole("button", { name: "Change the password" }).click();
    await expect(page.locator("p[role=status]").first()).toContainText("Your password is changed");
    await context.clearCookies();

    await signIn(page, address, PASSWORD);
    await expect(page.locator("#notice[role=alert]")).toBeVisible();
    await signIn(page, address, OTHER);
    await expect(page).toHaveURL("/");
    await context.clearCookies();

    await visit(page, "/signin");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expect(page).toHaveTitle("Forgot your password? · Leptos Auth");
    if (javaScriptEnabled) await hydrated(page);
    await page.getByLabel("Email address").fill(address);
    await page.getByRole("button", { name: "Email me the link" }).click();
    await expect(page.locator("p[role=status]").first()).toContainText("on its way");
    await visit(page, await newestLink(request, server, address));
    await expect(page.getByRole("main")).toContainText(address);
    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByRole("button", { name: "Set the new password" }).click();
    await expect(page).toHaveTitle("Sign in · Leptos Auth");
    await expect(page.locator("p[role=status]").first()).toContainText("signed out everywhere");
    await signIn(page, address, PASSWORD);
    await expect(page).toHaveURL("/");
    await context.close();
  });

  async function visit(page: Page, path: string): Promise<void> {
    await page.goto(path);
    if (javaScriptEnabled) await hydrated(page);
  }

  async function signIn(page: Page, address: string, password: string): Promise<void> {
    await visit(page, "/signin");
    await page.getByLabel("Email address").fill(address);
    await page.getByLabel("Account password").fill(password);
    await page.locator('form[data-provider="email"]').getByRole("button", { name: "Sign in", exact: true }).click();
  }
}

test("U-03 fields tell password managers what they are", async ({ page }) => {
  await page.goto("/dev/gallery/sign-up");
  await expect(page.getByLabel("Email address")).toHaveAttribute("autocomplete", "email");
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("autocomplete", "new-password");
  await page.goto("/dev/gallery/account-password");
  await expect(page.locator("input[autocomplete=username]")).toHaveValue("ada@example.com");
  await expect(page.getByLabel("New password")).toHaveAttribute("autocomplete", "new-password");
  expect([...(await audit(page)), ...(await axe(page))]).toEqual([]);
});
