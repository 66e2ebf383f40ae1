// What is behind a sign-in is refused by the server, not only hidden. U-34, HD-06, LP-08.

import { expectUser, open } from "../support/page.ts";
import { chooseAtDevId, PEOPLE, signIn, signOut } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

test("signed out: no private byte, and the way to sign-in and back", async ({ page, context, server }) => {
  const raw = await context.request.get("/account?tab=1", { maxRedirects: 0 });
  expect([302, 303, 307]).toContain(raw.status());
  expect(raw.headers()["cache-control"]).toContain("no-store");
  const location = new URL(raw.headers()["location"], server.url);
  expect(location.pathname).toBe("/signin");
  expect(location.searchParams.get("callbackUrl")).toMatch(/\/account\?tab=1$/);
  for (const word of ["Profile", "User id", "This session"]) expect(await raw.text()).not.toContain(word);

  await page.goto("/account?tab=1");
  await expect(page).toHaveTitle("Sign in · Leptos Auth");
  await expect(page.locator("#notice")).toContainText("Please sign in first");
  await page.getByRole("button", { name: "Continue with Dev ID" }).click();
  await page.getByRole("button", { name: PEOPLE.ada.name }).click();
  const welcome = page.getByRole("link", { name: "Continue" });
  const main = page.getByRole("main");
  await expect(welcome.or(main.getByText("User id"))).toBeVisible();
  if (await welcome.isVisible()) await welcome.click();
  await expect(page).toHaveURL("/account?tab=1");
  await expect(main).toContainText(PEOPLE.ada.email);

  const signedIn = await context.request.get("/account", { maxRedirects: 0 });
  expect(signedIn.status(), "control").toBe(200);
  expect(await signedIn.text()).toContain("User id");
  expect(signedIn.headers()["cache-control"]).toContain("no-store");
});

test("the data is refused at its own address too", async ({ context, server }) => {
  const refused = await context.request.get("/api/fn/account", { headers: { accept: "application/json" } });
  expect(refused.status()).toBe(401);
  await signIn(context, server, "ada");
  const given = await context.request.get("/api/fn/account", { headers: { accept: "application/json" } });
  expect(given.status(), "control").toBe(200);
  expect(await given.text()).toContain(PEOPLE.ada.email);
});

test("each user gets their own", async ({ page, context, browser, server }) => {
  await signIn(context, server, "ada");
  const other = await browser.newContext();
  await signIn(other, server, "grace");
  const html = await (await other.request.get("/account")).text();
  expect(html).toContain(PEOPLE.grace.email);
  expect(html).not.toContain(PEOPLE.ada.email);
  await open(page, "/account");
  await expect(page.getByRole("main")).toContainText(PEOPLE.ada.email);
  await expect(page.getByText(PEOPLE.grace.email)).toHaveCount(0);
  await other.close();
});

test("a link to the page from one that does not know yet is guarded as well", async ({ page, context, server }) => {
  await signIn(context, server, "ada");
  await open(page, "/");
  // The session ends without a word to this tab; then somebody follows a link in it.
  await signOut(context, server);
  await page.getByRole("main").getByRole("link", { name: "Open your account" }).click();
  await expect(page).toHaveURL(/\/signin\?error=SessionRequired&callbackUrl=.*%2Faccount/);
  await expect(page.getByText(PEOPLE.ada.email)).toHaveCount(0);
});

test("U-34 after the session ended the user comes back to the same place, fragment included", async ({ page, context, server }) => {
  await signIn(context, server, "ada");
  await open(page, "/account?tab=1#devices");
  const tab = await context.newPage();
  await open(tab, "/");
  await signOut(context, server);
  await tab.reload(); // Tells the others.
  await expect(page).toHaveTitle("Sign in · Leptos Auth");
  await chooseAtDevId(page, "ada");
  await expect(page).toHaveURL("/account?tab=1#devices");
  await open(page, "/");
  await expectUser(page, PEOPLE.ada.name);
});

test("a foreign callbackUrl is not followed (RD)", async ({ page }) => {
  await page.goto("/signin?callbackUrl=https%3A%2F%2Fevil.test%2Fphish");
  await chooseAtDevId(page, "ada");
  await expect(page).toHaveURL("/");
});
