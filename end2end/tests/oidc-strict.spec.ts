// The certified provider at its strictest: requests are pushed (RFC 9126), our key signs instead of a secret (RFC 7523),
// and the way back is a form that its page posts. Cookies are the browser's own: what it keeps back from such a form is
// not simulated here. OA-17.

import type { Page, Request } from "@playwright/test";
import { GRACE } from "../peers/honest-provider.ts";
import { expectUser } from "../support/page.ts";
import { passWelcome, session, signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

test.use({ server: async ({ strict }, use) => use(strict.server) });

test.beforeEach(({ watch, strict }) => {
  watch.allow(strict.provider.issuer);
  watch.expect(new RegExp(`\\(${strict.provider.issuer}`)); // Its page has no icon; that is its business.
});

async function goToProvider(page: Page): Promise<void> {
  await page.goto("/signin");
  await page.getByRole("button", { name: "Continue with Honest" }).click();
  await expect(page.getByRole("heading", { name: "Honest provider" })).toBeVisible();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });

    test("OA-17 signs in, and neither address nor history holds more than a name", async ({ page, context, strict, server }) => {
      const seen: Request[] = [];
      page.on("request", (request) => void seen.push(request));
      await goToProvider(page);
      await page.getByRole("button", { name: `Sign in as ${GRACE.name}` }).click();
      // Its page waits for a click where it has no scripts.
      if (!javaScriptEnabled) await page.getByRole("button", { name: "Continue" }).click();
      await passWelcome(page);
      await expectUser(page, GRACE.name);
      expect((await session(context.request, server))?.user).toMatchObject({ name: GRACE.name, email: GRACE.email });

      const asked = seen.find((request) => request.url().startsWith(`${strict.provider.issuer}/auth?`));
      const parameters = new URL(asked?.url() ?? "http://x").searchParams;
      expect([...parameters.keys()].sort()).toEqual(["client_id", "request_uri"]);
      const sent = strict.provider.requests.at(-1) ?? {};
      expect(sent).toMatchObject({ response_type: "code", response_mode: "form_post", code_challenge_method: "S256" });

      const back = seen.filter((request) => request.url().startsWith(`${server.url}/api/auth/callback/honest`));
      expect(back.map((request) => request.method())).toEqual(["POST", "GET"]);
      expect((await back[0].allHeaders())["cookie"] ?? "", "the form comes without our cookies").not.toContain("authjs");
      expect((await back[1].allHeaders())["cookie"], "the next request has them").toContain("authjs.transaction");
      const code = new URLSearchParams(back[0].postData() ?? "").get("code") ?? "";
      expect(code.length).toBeGreaterThan(20);
      for (const request of seen) expect(request.url(), "the code is in no address").not.toContain(code);
    });
  });
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("OA-17 who signs in meanwhile in another tab is not replaced", async ({ page, context, server, watch }) => {
    watch.expect(/Failed to load resource/);
    await signIn(context, server, "grace");
    await goToProvider(page);
    await signIn(context, server, "ada");
    await page.getByRole("button", { name: `Sign in as ${GRACE.name}` }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page).toHaveURL(/\/(signin|error)\?.*error=/);
    expect((await session(context.request, server))?.user).toMatchObject({ name: "Ada Lovelace" });
  });
});
