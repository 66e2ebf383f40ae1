// What foreign sites, foreign scripts and crafted addresses can do: nothing. HD-01, HD-02, HD-03, LP-06, CB-03.

import { serve } from "../peers/serve.ts";
import { hydrated } from "../support/page.ts";
import { PAGES } from "../support/pages.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

test.describe("policy", () => {
  test("HD-02 every HTML answer has a strict policy with a nonce of its own", async ({ request }) => {
    const nonces = new Set<string>();
    for (const [path] of PAGES) {
      const policy = (await request.get(path)).headers()["content-security-policy"] ?? "";
      const directives = new Map(policy.split(";").map((part) => part.trim().split(/ (.*)/s).slice(0, 2) as [string, string]));
      const script = directives.get("script-src") ?? "";
      expect(script, path).toContain("'strict-dynamic'");
      expect(script, path).toContain("'wasm-unsafe-eval'");
      expect(policy, path).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
      expect(directives.get("object-src") ?? directives.get("default-src"), path).toBe("'none'");
      expect(directives.get("base-uri"), path).toBe("'none'");
      expect(directives.get("frame-ancestors"), path).toBe("'none'");
      expect(directives.get("form-action"), path).toMatch(/^'self'/);
      const nonce = /'nonce-([^']+)'/.exec(script)?.[1] ?? "";
      expect(nonce.length, path).toBeGreaterThanOrEqual(16);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(PAGES.length);
  });

  test("HD-03 a script that gets into the HTML is not run", async ({ page, watch }) => {
    watch.expect(/Content Security Policy|Content-Security-Policy/);
    const inject = (removePolicy: boolean) =>
      page.route("**/signin*", async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers() };
        if (removePolicy) delete headers["content-security-policy"];
        const body = (await response.text()).replace(
          "</body>",
          '<script>window.owned = 1</script><img src="/nothing.png" onerror="window.owned = 2"><a id="js" href="javascript:window.owned=3">x</a></body>',
        );
        await route.fulfill({ response, headers, body });
      });
    const owned = () => page.evaluate(() => (window as any).owned ?? null);
    watch.expect(FAILED_REQUEST);
    await inject(false);
    await page.goto("/signin");
    await page.locator("#js").evaluate((link: HTMLElement) => link.click());
    await page.waitForTimeout(300);
    expect(await owned()).toBeNull();
    await page.unroute("**/signin*");
    await inject(true);
    await page.goto("/signin");
    await expect.poll(owned, "control: without the policy it runs").not.toBeNull();
  });

  test("HD-01 no page can be framed by another site", async ({ page, server, watch }) => {
    const evil = await serve((request, response) => {
      response.setHeader("content-type", "text/html");
      const path = new URL(request.url ?? "/", "http://x").searchParams.get("path");
      response.end(path ? `<!doctype html><iframe src="${server.url}${path}"></iframe>` : "<!doctype html><h1>framed</h1>");
    });
    watch.allow(evil.url);
    watch.expect(/frame|Failed to load resource/i);
    for (const path of ["/", "/signin", "/signout", "/account", "/signin/email-link", "/verify-request", "/api/auth/session"]) {
      await page.goto(`${evil.url}/?path=${encodeURIComponent(path)}`);
      const frame = page.frames()[1];
      await expect.poll(() => frame.url(), path).toMatch(/^chrome-error:/);
    }
    await page.setContent(`<iframe src="${evil.url}/"></iframe>`);
    await expect(page.frameLocator("iframe").locator("h1"), "control").toHaveText("framed");
    await evil.stop();
  });

  test("LP-06 CB-03 what stands in the address is not shown", async ({ page, watch }) => {
    watch.expect(FAILED_REQUEST);
    const text = "Your account is locked call 555 <b id=planted>now</b> \0\u{202e}";
    const query = new URLSearchParams({
      __path: "/api/fn/sign_in_form",
      __err: Buffer.from(text).toString("base64"),
      callbackUrl: `/${text}`,
      ...Object.fromEntries(["error", "code", "email", "token", "provider", "retryAfter"].map((name) => [name, text])),
    });
    for (const path of ["/", "/signin", "/error", "/verify-request", "/signout", "/welcome", "/signin/email-link", "/account"]) {
      await page.goto(`${path}?${query}`);
      await hydrated(page);
      await expect(page.locator("h1"), path).toHaveCount(1);
      expect(await page.locator("body").innerText(), path).not.toContain("locked");
      await expect(page.locator("#planted"), path).toHaveCount(0);
    }
  });
});
