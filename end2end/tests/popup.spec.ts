// Sign-in in a window beside the page: `SignInOptions::popup`. The page that asked stays, and learns of the session.

import { open } from "../support/page.ts";
import { PEOPLE, session, signIn, signOut } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;
const GRACE = PEOPLE.grace.name;

test("the session arrives in the page that opened the window, which closes", async ({ page, context, server }) => {
  await signIn(context, server, "grace"); // Not new any more.
  await signOut(context, server);
  await open(page, "/dev/gallery/hook");
  await page.evaluate(() => ((window as any).mark = "still here"));
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Dev ID in a window" }).click();
  const popup = await opened;
  await popup.getByRole("button", { name: GRACE }).click();
  await expect(page.locator('[data-session-status="authenticated"]')).toHaveCount(10);
  await expect(page.locator("[data-user-menu]")).toContainText(GRACE);
  await expect.poll(() => popup.isClosed()).toBe(true);
  expect(await page.evaluate(() => (window as any).mark)).toBe("still here");
  await expect(page).toHaveURL("/dev/gallery/hook");
  expect((await session(context.request, server))?.user.name).toBe(GRACE);
});

test("without a provider the window lets the person choose", async ({ page, context }) => {
  await open(page, "/dev/gallery/hook");
  // Not new any more.
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.locator("[data-user-menu]")).toContainText("Demo User");
  await page.getByRole("button", { name: "Sign out and stay" }).click();
  await expect(page.locator("[data-user-menu]")).toHaveCount(0);
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Choose in a window" }).click();
  const popup = await opened;
  await expect(popup.getByRole("heading", { level: 1 })).toHaveText(/sign in/i);
  const form = popup.locator('form[data-provider="credentials"]'); // It was used last, so it is the first of two.
  await form.getByLabel("Username").fill("demo");
  await form.getByLabel("Password", { exact: true }).fill("demo-password");
  await form.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator("[data-user-menu]")).toContainText("Demo User");
  await expect.poll(() => popup.isClosed()).toBe(true);
});

test("where windows are blocked the sign-in goes on in the page", async ({ page }) => {
  await page.addInitScript(() => (window.open = () => null));
  await open(page, "/dev/gallery/hook");
  await page.getByRole("button", { name: "Dev ID in a window" }).click();
  await expect(page.getByRole("button", { name: ADA })).toBeVisible();
});

test("a window that comes back without a session says so and stays", async ({ page }) => {
  await open(page, "/signin/popup?done");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are not signed in");
  await expect(page.getByRole("link", { name: "Try again" })).toBeVisible();
});
