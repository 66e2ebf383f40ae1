// Forms that say what they do and what went wrong. U-03, U-05, U-13, U-30, U-32.

import type { Page } from "@playwright/test";
import { audit, axe } from "../support/audit.ts";
import { hydrated, open } from "../support/page.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

test.describe("forms", () => {
  test("U-03 fields tell password managers what they are", async ({ page }) => {
    await page.goto("/signin");
    await expect(page.getByLabel("Email address")).toHaveAttribute("autocomplete", "username webauthn");
    await expect(page.getByLabel("Email address"), "the keyboard for addresses").toHaveAttribute("inputmode", "email");
    await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("autocomplete", "current-password");
    await page.goto("/dev/gallery/link-sent");
    await expect(page.getByLabel("Code")).toHaveAttribute("autocomplete", "one-time-code");
    await expect(page.getByLabel("Code")).toHaveAttribute("inputmode", "numeric");
  });

  test("U-05 a failure is announced, focused, tied to its field, and keeps what was typed", async ({ page }) => {
    await open(page, "/signin");
    await page.getByLabel("Username").fill("nobody");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await passwordButton(page).click();
    const notice = page.locator("main #notice[role=alert]");
    await expect(notice).toBeFocused();
    await expect(notice).toContainText("Check the username and the password");
    await expect(page.getByLabel("Username")).toHaveValue("nobody");
    await expect(page.getByLabel("Username")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Username")).toHaveAttribute("aria-describedby", /notice/);
    expect([...(await audit(page)), ...(await axe(page))]).toEqual([]);
  });

  test("U-05 an empty or malformed address says how to fix it", async ({ page }) => {
    await open(page, "/signin");
    const field = page.getByLabel("Email address");
    await page.getByRole("button", { name: "Email me a sign-in link" }).click();
    await expect(field).toBeFocused();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByText("Enter your email address, for example")).toBeVisible();
    await field.fill("ada@");
    await expect(field).not.toHaveAttribute("aria-invalid", "true");
    await page.getByRole("button", { name: "Email me a sign-in link" }).click();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    expect([...(await audit(page)), ...(await axe(page))]).toEqual([]);
  });

  test("U-13 the password can be shown, keeps its caret, and is hidden when sent", async ({ page }) => {
    await open(page, "/signin");
    const field = page.getByLabel("Password", { exact: true });
    const show = page.getByRole("button", { name: "Show password" });
    await field.fill("secret words");
    await field.evaluate((input: HTMLInputElement) => input.setSelectionRange(3, 3));
    await expect(show).toHaveAttribute("aria-pressed", "false");
    await show.click();
    await expect(show).toHaveAttribute("aria-pressed", "true");
    await expect(field).toHaveAttribute("type", "text");
    expect(await field.evaluate((input: HTMLInputElement) => input.selectionStart)).toBe(3);
    await page.getByLabel("Username").fill("nobody");
    await page.route("**/api/auth/callback/credentials", async (route) => {
      await expect(field).toHaveAttribute("type", "password");
      await route.continue();
    });
    await passwordButton(page).click();
    await expect(page.locator("#notice")).toBeVisible();
    await expect(field).toHaveAttribute("type", "password");
  });

  test("U-30 a sent form shows it at once, ignores a second click, and recovers", async ({ page }) => {
    await open(page, "/signin");
    await page.getByLabel("Username").fill("nobody");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    let posts = 0;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => (answer = resolve));
    await page.route("**/api/auth/callback/credentials", async (route) => {
      posts += 1;
      await answered;
      await route.continue();
    });
    const button = passwordButton(page);
    await button.click();
    await expect(button).toHaveAttribute("aria-busy", "true", { timeout: 100 });
    await expect(button).toHaveText("Sign in");
    await button.click();
    await button.click();
    answer();
    await expect(page.locator("#notice")).toBeVisible();
    await expect(button).not.toHaveAttribute("aria-busy", "true");
    expect(posts).toBe(1);
  });

  test("U-30 back from a provider the button is idle again", async ({ page }) => {
    await open(page, "/signin");
    const button = page.getByRole("button", { name: "Continue with Dev ID" });
    await button.click();
    await expect(page).toHaveTitle("Dev ID");
    await page.goBack();
    await hydrated(page);
    await expect(button).not.toHaveAttribute("aria-busy", "true");
    await button.click();
    await expect(page).toHaveTitle("Dev ID");
  });

  test("U-32 without a network the form says so and keeps what was typed", async ({ page, context, watch }) => {
    watch.expect(FAILED_REQUEST);
    await open(page, "/signin");
    await page.getByLabel("Email address").fill("ada@example.com");
    await context.setOffline(true);
    await expect(page.getByText("You are offline")).toBeVisible();
    await page.getByRole("button", { name: "Email me a sign-in link" }).click();
    await expect(page.locator("#notice[role=alert]")).toBeVisible();
    await expect(page.getByLabel("Email address")).toHaveValue("ada@example.com");
    await context.setOffline(false);
    await page.getByRole("button", { name: "Email me a sign-in link" }).click();
    await expect(page).toHaveTitle("Check your email · Leptos Auth");
  });

  function passwordButton(page: Page) {
    return page.locator('form[data-provider="credentials"]').getByRole("button", { name: "Sign in" });
  }
});
