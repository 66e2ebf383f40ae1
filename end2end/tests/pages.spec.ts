// The real pages: forms that say what they do, themes, policy, weight, foreign sites. U-03, U-05, U-07, U-08, U-13,
// U-14, U-20, U-30, U-35, U-39, U-41, HD-01, HD-02, HD-03, LP-06, CB-03.

import { brotliCompressSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { serve } from "../peers/serve.ts";
import { audit, axe, contrast } from "../support/audit.ts";
import { open } from "../support/page.ts";
import { signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

/** Path, title, and what the page answers. */
const PAGES = [
  ["/", "Leptos Auth", 200],
  ["/signin", "Sign in · Leptos Auth", 200],
  ["/signin/email-link?token=x&email=a%40example.com", "Confirm sign-in · Leptos Auth", 200],
  ["/verify-request", "Check your email · Leptos Auth", 200],
  ["/signout", "Sign out · Leptos Auth", 200],
  ["/error?error=AccessDenied", "Sign-in problem · Leptos Auth", 403],
  ["/welcome", "Welcome · Leptos Auth", 200],
  ["/nowhere", "Page not found · Leptos Auth", 404],
] as const;

test.describe("tour", () => {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
      test.use({ javaScriptEnabled });

      test("U-01 HD-02 every page has its title, its status and nothing to complain about", async ({ page, context, server, watch }) => {
        test.setTimeout(90_000);
        watch.expect(/status of (403|404)/);
        for (const signedIn of [false, true]) {
          if (signedIn) await signIn(context, server, "ada");
          for (const [path, title, status] of signedIn ? [...PAGES, ["/account", "Account · Leptos Auth", 200] as const] : PAGES) {
            const response = await page.goto(path);
            expect(response?.status(), path).toBe(status);
            await expect(page).toHaveTitle(title);
            await expect(page.locator("h1")).toHaveCount(1);
            await expect(page.locator("main")).toHaveCount(1);
            const text = await page.locator("main").innerText();
            expect(text, "U-39 no code is shown").not.toMatch(/AccessDenied|SessionRequired|CredentialsSignin|undefined|null\b/);
            if (!javaScriptEnabled) continue;
            await page.locator("html[data-hydrated]").waitFor();
            await page.setViewportSize({ width: 320, height: 800 });
            expect([...(await audit(page)), ...(await axe(page))], path).toEqual([]);
          }
        }
      });
    });
  }

  test("U-20 what needs scripts is absent without them", async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto("/signin");
    await expect(page.getByRole("button", { name: "Show password" })).toHaveCount(0);
    await expect(page.getByLabel("Password", { exact: true })).toBeVisible();
    await context.close();
  });

  test("client-side navigation keeps one h1, moves the title, and shows no error", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    await page.getByRole("main").getByRole("link", { name: "Open your account" }).click();
    await expect(page).toHaveTitle("Account · Leptos Auth");
    await expect(page.locator("h1")).toHaveText("Account");
    await page.locator("header a.brand, header a[href='/']").first().click();
    await expect(page).toHaveTitle("Leptos Auth");
    await expect(page.locator("h1")).toHaveCount(1);
  });
});

test.describe("forms", () => {
  test("U-03 fields tell password managers what they are", async ({ page }) => {
    await page.goto("/signin");
    await expect(page.getByLabel("Email address")).toHaveAttribute("autocomplete", "username webauthn");
    await expect(page.getByLabel("Email address")).toHaveAttribute("type", "email");
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
    await page.locator("html[data-hydrated]").waitFor();
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

  test("U-14 help is in the same place on all pages", async ({ page }) => {
    for (const [path] of PAGES.filter(([, , status]) => status === 200)) {
      await page.goto(path);
      await expect(page.locator("footer").getByRole("link", { name: "Help" })).toBeVisible();
    }
  });

  function passwordButton(page: Page) {
    return page.locator('form[data-provider="credentials"]').getByRole("button", { name: "Sign in" });
  }
});

test.describe("themes", () => {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
      test.use({ javaScriptEnabled, colorScheme: "light" });

      test("U-41 the choice is in the first HTML of the next page", async ({ page, context }) => {
        await page.goto("/signin?callbackUrl=%2Faccount");
        if (javaScriptEnabled) await page.locator("html[data-hydrated]").waitFor();
        const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        const light = await background();
        const saved = page.waitForResponse("**/api/fn/set_theme");
        await page.getByRole("button", { name: "Dark" }).click();
        await saved;
        await expect(page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
        await expect(page).toHaveURL("/signin?callbackUrl=%2Faccount");
        await expect.poll(background).not.toBe(light);
        const html = await (await context.request.get("/")).text();
        expect(/<html[^>]*>/.exec(html)?.[0]).toContain('data-theme="dark"');
        expect(html).toMatch(/<meta name="color-scheme" content="dark"/);
        await page.goto("/");
        expect(await background()).not.toBe(light);
      });
    });
  }

  for (const colorScheme of ["light", "dark"] as const) {
    test(`U-07 U-08 ${colorScheme}: borders of fields and the focus ring stand out`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await open(page, "/signin");
      const style = (selector: string, property: string) =>
        page.locator(selector).first().evaluate((element, property) => getComputedStyle(element).getPropertyValue(property), property);
      const card = await style("main .card", "background-color");
      expect(await contrast(page, await style("#email", "border-top-color"), card)).toBeGreaterThanOrEqual(3);
      await page.keyboard.press("Tab");
      for (const target of ["#email", 'form[data-provider="email"] button', "footer button"]) {
        await page.locator(target).first().focus();
        const outline = await style(target, "outline-color");
        expect(parseFloat(await style(target, "outline-width")), target).toBeGreaterThanOrEqual(2);
        expect(await style(target, "outline-style"), target).not.toBe("none");
        const behind = target.startsWith("footer") ? await style("html", "background-color") : card;
        expect(await contrast(page, outline, behind), target).toBeGreaterThanOrEqual(3);
      }
    });
  }
});

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
      await page.locator("html[data-hydrated]").waitFor();
      await expect(page.locator("h1"), path).toHaveCount(1);
      expect(await page.locator("body").innerText(), path).not.toContain("locked");
      await expect(page.locator("#planted"), path).toHaveCount(0);
    }
  });
});

test("U-35 the sign-in page is light, and paints after two requests", async ({ page, request }) => {
  const html = await (await request.get("/signin")).body();
  const css = /href="(\/pkg\/[^"]+\.css)"/.exec(html.toString())?.[1] ?? "";
  const sheet = await (await request.get(css)).body();
  const weight = brotliCompressSync(html).length + brotliCompressSync(sheet).length;
  expect(weight, `${weight} bytes of HTML and CSS`).toBeLessThanOrEqual(14 * 1024);
  await page.goto("/signin");
  const blocking = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as any[]).filter((entry) => entry.renderBlockingStatus === "blocking").map((entry) => entry.name),
  );
  expect(blocking).toEqual([new URL(css, page.url()).href]);
});
