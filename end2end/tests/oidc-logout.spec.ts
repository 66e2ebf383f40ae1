// Signing out at a certified provider too: the browser goes there and comes back (RP-Initiated Logout), and the provider
// ends the person's other sessions here by itself (Back-Channel Logout). ID-24, RD.

import type { Page } from "@playwright/test";
import { GRACE } from "../peers/honest-provider.ts";
import { passWelcome, session } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

test.use({ server: async ({ honest }, use) => use(honest.server) });

test.beforeEach(({ watch, honest }) => {
  watch.allow(honest.provider.issuer);
  watch.expect(new RegExp(`\\(${honest.provider.issuer}`)); // Its page has no icon; that is its business.
});

/** Presses the button of the provider. Whether it asks who it is, is the question. */
async function goToProvider(page: Page): Promise<void> {
  await page.goto("/signin");
  await page.getByRole("button", { name: "Continue with Honest" }).click();
}

async function signIn(page: Page): Promise<void> {
  await goToProvider(page);
  await page.getByRole("button", { name: `Sign in as ${GRACE.name}` }).click();
  await passWelcome(page);
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test("ID-24 one sign-out there ends all sessions here", async ({ page, context, browser, server }) => {
      const elsewhere = await browser.newContext({ baseURL: server.url, javaScriptEnabled });
      try {
        await signIn(page);
        await signIn(await elsewhere.newPage());
        await page.goto("/signout?callbackUrl=%2Fsignin");
        await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
        await expect(page.getByRole("heading", { name: "Sign out of Honest?" })).toBeVisible();
        expect(await session(context.request, server), "the session here ends first").toBeNull();
        expect((await session(elsewhere.request, server))?.user.name, "control").toBe(GRACE.name);

        await page.getByRole("button", { name: "Sign out there" }).click();
        await expect(page).toHaveURL(`${server.url}/signin`);
        await expect.poll(() => session(elsewhere.request, server)).toBeNull();
        await goToProvider(page);
        await expect(page.getByRole("heading", { name: "Honest provider" }), "it asks again").toBeVisible();
      } finally {
        await elsewhere.close();
      }
    });
  });
}

test("whoever stays signed in there comes back in without a question", async ({ page, context, server }) => {
  await signIn(page);
  await page.goto("/signout");
  await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign out of Honest?" })).toBeVisible();
  await goToProvider(page);
  await passWelcome(page);
  expect((await session(context.request, server))?.user.name).toBe(GRACE.name);
});
