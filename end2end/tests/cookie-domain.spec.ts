// A session for all hosts of a domain: two real host names in a browser, which decides by itself what it sends.

import { freePort, startServer } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

test("CK-01 hosts under the domain share the session, and no other host gets it", async ({ browser }) => {
  const port = await freePort();
  const origin = (host: string) => `http://${host}:${port}`;
  const env = { AUTH_URL: origin("app.example.localhost"), AUTH_COOKIE_DOMAIN: "example.localhost" };
  const server = await startServer(env, port);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${origin("app.example.localhost")}/signin`);
    await page.getByLabel("Username").fill("demo");
    await page.getByLabel("Password", { exact: true }).fill("demo-password");
    await page.locator("form[data-provider=credentials]").getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(/welcome/);

    const session = async (host: string) => {
      await page.goto(`${origin(host)}/api/auth/session`);
      return JSON.parse(await page.locator("body").innerText());
    };
    for (const host of ["app.example.localhost", "shop.example.localhost", "example.localhost"]) {
      expect((await session(host))?.user?.name, host).toBe("Demo User");
    }
    for (const host of ["localhost", "other.localhost"]) expect(await session(host), host).toBeNull();
    const shared = (await context.cookies()).filter(({ domain }) => domain.startsWith("."));
    expect(shared.map(({ name }) => name), "only the session leaves its host").toEqual(["authjs.session-token"]);
  } finally {
    await context.close();
    await server.stop();
  }
});
