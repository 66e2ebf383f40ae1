// Forms that lead to a provider which redirects to an origin that our policy cannot name in advance. Also links and targets
// that only a browser follows to the end. I-01, I-03, I-09, I-25.

import { startRedirectingProvider, ALAN } from "../peers/redirecting-provider.ts";
import { passWelcome, session } from "../support/sign-in.ts";
import { freePort, startServer } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

for (const javaScriptEnabled of [false, true]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });

    test("I-09 a provider may redirect on, at sign-in and at sign-out", async ({ browser }) => {
      const provider = await startRedirectingProvider();
      const env = {
        AUTH_ACME_ISSUER: provider.url,
        AUTH_ACME_ID: provider.clientId,
        AUTH_ACME_SECRET: provider.clientSecret,
        AUTH_ACME_LOGOUT: "true",
      };
      const server = await startServer(env, await freePort());
      const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled });
      try {
        const page = await context.newPage();
        await page.goto("/signin?callbackUrl=%2Faccount%3Fq%3Da%2526b");
        await page.getByRole("button", { name: /Continue with Acme/i }).click();
        await passWelcome(page);
        await expect(page, "I-03").toHaveURL(`${server.url}/account?q=a%26b`);
        expect((await session(context.request, server))?.user.name).toBe(ALAN.name);

        await page.goto("/signout?callbackUrl=%2Fsignin");
        await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
        await expect(page).toHaveURL(`${server.url}/signin`);
        expect(await session(context.request, server)).toBeNull();
      } finally {
        await context.close();
        await server.stop();
        await provider.stop();
      }
    });

    test("I-25 an address with letters of another alphabet is sent", async ({ page }) => {
      await page.goto("/signin");
      await page.getByLabel("Email").fill("jürgen@example.com");
      await page.getByRole("button", { name: "Email me a sign-in link" }).click();
      await expect(page).toHaveURL(/\/verify-request/);
      await expect(page.getByRole("main")).toContainText("jürgen@example.com");
    });
  });
}

test("I-01 a session cookie of an older AUTH_COOKIE_DOMAIN does not hide the new one", async ({ browser }) => {
  const port = await freePort();
  const url = `http://app.example.localhost:${port}`;
  const alone = { AUTH_URL: url };
  const shared = { AUTH_URL: url, AUTH_COOKIE_DOMAIN: "example.localhost" };
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    for (const env of [alone, shared, alone, { ...shared, AUTH_SESSION: "jwt" }, alone]) {
      const server = await startServer(env, port);
      await page.goto(`${url}/signin`);
      await page.getByLabel("Username").fill("demo");
      await page.getByLabel("Password", { exact: true }).fill("demo-password");
      await page.locator("form[data-provider=credentials]").getByRole("button", { name: "Sign in", exact: true }).click();
      await page.waitForURL(/welcome|\/$/);
      await page.goto(`${url}/api/auth/session`);
      expect(JSON.parse(await page.locator("body").innerText())?.user?.name, JSON.stringify(env)).toBe("Demo User");
      const cookies = (await context.cookies()).filter(({ name }) => name === "authjs.session-token");
      expect(cookies.length, JSON.stringify(env)).toBe(1);
      await server.stop();
    }
  } finally {
    await context.close();
  }
});
