// A code flow with a provider that others wrote and certified. OA-03, OA-06, OA-07, OA-11, OA-18, OA-20, U-20.

import type { Page } from "@playwright/test";
import { GRACE } from "../peers/honest-provider.ts";
import { expectUser, open, userMenu } from "../support/page.ts";
import { chooseAtDevId, passWelcome, session, signOut } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

test.use({ server: async ({ honest }, use) => use(honest.server) });

test.beforeEach(({ watch, honest }) => {
  watch.allow(honest.provider.issuer);
  watch.expect(new RegExp(`\\(${honest.provider.issuer}`)); // Its page has no icon; that is its business.
});

async function goToProvider(page: Page): Promise<void> {
  await page.goto("/signin");
  await page.getByRole("button", { name: "Continue with Honest" }).click();
  await expect(page.getByRole("heading", { name: "Honest provider" })).toBeVisible();
}

async function agree(page: Page): Promise<void> {
  await page.getByRole("button", { name: `Sign in as ${GRACE.name}` }).click();
  await passWelcome(page);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });

    test("OA-06 signs in; the request has PKCE, state and nonce", async ({ page, context, honest, server }) => {
      await goToProvider(page);
      await agree(page);
      await expectUser(page, GRACE.name);
      expect((await session(context.request, server))?.user).toMatchObject({ name: GRACE.name, email: GRACE.email });
      const sent = honest.provider.requests.at(-1) ?? {};
      expect(sent).toMatchObject({ response_type: "code", code_challenge_method: "S256" });
      expect(sent.redirect_uri, "OA-18").toBe(`${server.url}/api/auth/callback/honest`);
      expect(String(sent.code_challenge)).toMatch(/^[\w-]{43}$/);
      for (const value of [sent.state, sent.nonce]) expect(String(value).length).toBeGreaterThanOrEqual(22);
    });

    test("pressing Cancel there leads back to us, and we say so", async ({ page, context, server, watch }) => {
      watch.expect(/status of 403/);
      await goToProvider(page);
      await page.getByRole("button", { name: "Cancel" }).click();
      await expect(page.locator("#notice[role=alert]")).toContainText("You were not signed in");
      await expect(page.getByText(/access_denied|pressed Cancel/)).toHaveCount(0);
      expect(await session(context.request, server)).toBeNull();
      await goToProvider(page);
      await agree(page);
      await expectUser(page, GRACE.name);
    });
  });
}

test("OA-11 OA-07 parallel tabs, two providers, finished in the other order", async ({ context, honest, server }) => {
  const [first, second, third] = [await context.newPage(), await context.newPage(), await context.newPage()];
  await goToProvider(first);
  await open(second, "/signin");
  await second.getByRole("button", { name: "Continue with Dev ID" }).click();
  await goToProvider(third);

  await third.getByRole("button", { name: `Sign in as ${GRACE.name}` }).click();
  await passWelcome(third);
  expect((await session(context.request, server))?.user.email).toBe(GRACE.email);
  await second.getByRole("button", { name: "Ada Lovelace" }).click();
  await passWelcome(second);
  expect((await session(context.request, server))?.user.email).toBe("ada@example.com");
  await first.getByRole("button", { name: `Sign in as ${GRACE.name}` }).click();
  await passWelcome(first);
  expect((await session(context.request, server))?.user.email).toBe(GRACE.email);

  const [one, two] = honest.provider.requests.slice(-2);
  for (const name of ["state", "nonce", "code_challenge"]) expect(one[name]).not.toBe(two[name]);
});

test("OA-03 the address of a finished sign-in is good for nothing", async ({ page, context, server, watch }) => {
  watch.expect(FAILED_REQUEST);
  await goToProvider(page);
  const callback = page.waitForRequest(/\/api\/auth\/callback\/honest/);
  await agree(page);
  const used = (await callback).url();
  await expectUser(page, GRACE.name);
  const user = (await session(context.request, server))?.user;
  await page.goto(used);
  await expect(page).toHaveURL(/\/(signin|error)\?.*error=/);
  expect((await session(context.request, server))?.user, "who is in stays in").toEqual(user);
  await signOut(context, server);
  await page.goto(used);
  await expect(page).toHaveURL(/\/(signin|error)\?.*error=/);
  expect(await session(context.request, server)).toBeNull();
});

test("OA-20 a GET starts nothing", async ({ page, context, honest }) => {
  const before = honest.provider.requests.length;
  const response = await context.request.get("/api/auth/signin/honest", { maxRedirects: 0 });
  expect(response.headers()["location"] ?? "").not.toContain(honest.provider.issuer);
  expect(response.headers()["set-cookie"] ?? "").not.toMatch(/state|pkce|nonce|transaction/);
  await page.goto("/api/auth/signin/honest");
  await expect(page.locator('form[data-provider="honest"][method="post"]')).toBeVisible();
  expect(honest.provider.requests.length).toBe(before);
});

test("the method used last time comes first and says so (U-43)", async ({ page, context, server }) => {
  await goToProvider(page);
  await agree(page);
  await signOut(context, server);
  await open(page, "/signin");
  await expect(userMenu(page)).toHaveCount(0);
  const first = page.getByRole("main").locator("form[data-provider]").first();
  await expect(first).toHaveAttribute("data-provider", "honest");
  await expect(first).toContainText("Last used");
  const cookies = JSON.stringify(await context.cookies());
  expect(cookies).not.toContain(GRACE.email);
  await chooseAtDevId(page, "ada");
  await expectUser(page, "Ada Lovelace");
});
