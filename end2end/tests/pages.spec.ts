// The real pages: a tour with and without scripts, themes, weight. U-01, U-07, U-08, U-14, U-20, U-35, U-39, U-41, HD-02.

import { brotliCompressSync } from "node:zlib";
import { audit, axe, contrast } from "../support/audit.ts";
import { hydrated, open } from "../support/page.ts";
import { PAGES } from "../support/pages.ts";
import { signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

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
            await hydrated(page);
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

  test("a way through the pages keeps one h1, moves the title, and shows no error", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    await page.getByRole("main").getByRole("link", { name: "Open your account" }).click();
    await expect(page).toHaveTitle("Account · Leptos Auth");
    await expect(page.locator("h1")).toHaveText("Account");
    await page.locator("header a.brand, header a[href='/']").first().click();
    await expect(page).toHaveTitle("Leptos Auth");
    await expect(page.locator("h1")).toHaveCount(1);
  });

  test("U-14 help is in the same place on all pages", async ({ page }) => {
    for (const [path] of PAGES.filter(([, , status]) => status === 200)) {
      await page.goto(path);
      await expect(page.locator("footer").getByRole("link", { name: "Help" })).toBeVisible();
    }
  });
});

test.describe("themes", () => {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
      test.use({ javaScriptEnabled, colorScheme: "light" });

      test("U-41 the choice is in the first HTML of the next page", async ({ page, context }) => {
        await page.goto("/signin?callbackUrl=%2Faccount");
        if (javaScriptEnabled) await hydrated(page);
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
      for (const target of ["#email", 'form[data-provider="email"] button', "footer .segments button"]) {
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
