// Passkeys with Chromium's virtual authenticator (DevTools protocol, WebAuthn): the browser's own code between our page and
// our server. U-03, U-05, U-20, U-30, U-43.

import type { BrowserContext, Page } from "@playwright/test";
import { device, passkeys, touch } from "../support/device.ts";
import { freshAddress, newestMail } from "../support/inbox.ts";
import { hydrated, open } from "../support/page.ts";
import { session, signOut } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

/** Somebody new, by mail, as far as the page that welcomes them. */
async function signUp(page: Page, address: string, server: { url: string }): Promise<void> {
  await open(page, "/signin");
  await page.getByLabel("Email address").fill(address);
  await page.getByRole("button", { name: "Email me a sign-in link" }).click();
  await expect(page).toHaveTitle("Check your email · Leptos Auth");
  await hydrated(page);
  const { code } = await newestMail(page.request, server, address);
  await page.getByLabel("Code").fill(code);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveTitle("Welcome · Leptos Auth");
  await hydrated(page);
}

const add = (page: Page) => page.getByRole("button", { name: "Add a passkey" });
const use = (page: Page) => page.getByRole("button", { name: "Sign in with a passkey" });

test("a new user adds a passkey with one click and comes back with it, without typing anything", async ({ page, context, server }) => {
  const address = freshAddress();
  const authenticator = await device(page);
  await signUp(page, address, server);
  await add(page).click();
  await page.waitForURL("/");
  const [made] = await passkeys(authenticator);
  expect(made.rpId).toBe("localhost");
  expect(atob(made.userHandle ?? ""), "no address in the authenticator's id").not.toContain("@");

  await signOut(context, server);
  await touch(authenticator, false);
  await open(page, "/signin?callbackUrl=%2Faccount");
  await touch(authenticator, true);
  await use(page).click();
  await page.waitForURL("/account");
  await expect(page.getByRole("main")).toContainText(address);

  // U-43: next time it is the first way, and says so.
  await signOut(context, server);
  await touch(authenticator, false);
  await open(page, "/signin");
  const button = use(page);
  await expect(button).toBeVisible();
  await expect(button.locator("xpath=..")).toContainText("Last used");
  await button.click();
  await expect(button, "U-30").toHaveAttribute("aria-busy", "true");
});

test("passkeys stand in the list of the email field, from the start", async ({ page, context, server }) => {
  const address = freshAddress();
  const authenticator = await device(page);
  await signUp(page, address, server);
  await add(page).click();
  await page.waitForURL("/");
  await signOut(context, server);
  // The virtual authenticator chooses at once what a person chooses in the list.
  const asked = page.waitForRequest((request) => request.url().includes("webauthn-options/passkey?action=authenticate"));
  await page.goto("/signin?callbackUrl=%2Faccount");
  await asked;
  await page.waitForURL("/account");
  expect((await session(context.request, server)).user.email).toBe(address);
  expect(await passkeys(authenticator)).toHaveLength(1);
});

test("the page of passkeys: add, second one, rename, remove", async ({ page, server }) => {
  const address = freshAddress();
  await device(page);
  await signUp(page, address, server);
  await open(page, "/account/passkeys");
  await expect(page.getByRole("main")).toContainText("You have none yet.");
  await add(page).click();
  await page.waitForURL("/account/passkeys?done=passkey-added");
  await expect(page.getByRole("status").filter({ hasText: "Added" })).toBeVisible();
  const row = page.getByRole("main").getByRole("listitem").filter({ hasText: "not used yet" });
  await expect(row).toHaveCount(1);

  await hydrated(page);
  await add(page).click();
  await expect(page.getByRole("alert")).toContainText("There is a passkey already");

  await row.getByText("Change").click();
  await row.getByLabel("Name").fill("The blue laptop");
  await row.getByRole("button", { name: "Save the name" }).click();
  await page.waitForURL("/account/passkeys?done=passkey-renamed");
  await hydrated(page);
  const renamed = page.getByRole("main").getByRole("listitem").filter({ hasText: "The blue laptop" });
  await renamed.getByText("Change").click();
  await renamed.getByRole("button", { name: "Remove The blue laptop" }).click();
  await page.waitForURL("/account/passkeys?done=passkey-removed");
  await expect(page.getByRole("main")).toContainText("You have none yet.");
});

test("U-05 what goes wrong is said, and the other ways still work", async ({ page, context, server }) => {
  // A device without any passkey: the browser says what it says when a person closes its window.
  const empty = await device(page);
  await open(page, "/signin");
  const button = use(page);
  await button.click();
  await expect(page.getByRole("alert")).toContainText("No passkey was used");
  await expect(button).not.toHaveAttribute("aria-busy", "true");

  // One that was removed here, and is still on the device.
  const address = freshAddress();
  await signUp(page, address, server);
  await add(page).click();
  await page.waitForURL("/");
  await open(page, "/account/passkeys");
  await page.getByText("Change").click();
  await page.getByRole("button", { name: /^Remove/ }).click();
  await page.waitForURL("/account/passkeys?done=passkey-removed");
  await signOut(context, server);
  await touch(empty, false);
  await open(page, "/signin");
  await touch(empty, true);
  const answered = page.waitForResponse("**/api/auth/callback/passkey");
  await use(page).click();
  await answered;
  await touch(empty, false);
  await expect(page.getByRole("alert")).toContainText("This passkey does not work here");
  expect(await session(context.request, server)).toBeNull();
  expect(await passkeys(empty)).toHaveLength(1);
});

test("U-20 without scripts, and in a browser without passkeys, the button is not there", async ({ browser, server, watch }) => {
  const plain = await browser.newContext({ javaScriptEnabled: false, baseURL: server.url });
  watch.follow(plain);
  const page = await plain.newPage();
  await page.goto("/signin");
  await expect(page.getByRole("button", { name: "Email me a sign-in link" })).toBeVisible();
  await expect(use(page)).toHaveCount(0);
  await plain.close();

  const old: BrowserContext = await browser.newContext({ baseURL: server.url });
  watch.follow(old);
  await old.addInitScript(() => delete (window as any).PublicKeyCredential);
  const oldPage = await old.newPage();
  await open(oldPage, "/signin");
  await expect(oldPage.getByRole("button", { name: "Email me a sign-in link" })).toBeVisible();
  await expect(use(oldPage)).toHaveCount(0);
  await old.close();
});
