// A sign-in page with 107 providers: four buttons, and a fold with a search. U-07, U-20, U-39, U-43.

import { audit, axe, contrast } from "../support/audit.ts";
import { hydrated, open } from "../support/page.ts";
import { expect, test } from "../support/test.ts";
import type { Locator, Page } from "@playwright/test";

test.use({ server: async ({ manyServer }, use) => use(manyServer) });

const SHOWN = 4;
const ALL = 107;

const buttons = (page: Page): Locator => page.locator("main").getByRole("button", { name: /^Continue with / });
const fold = (page: Page): Locator => page.getByText(/^More ways to sign in/);
const search = (page: Page): Locator => page.getByRole("searchbox", { name: "Search by name" });

test("GET /api/auth/providers has five members for each, as Auth.js", async ({ request }) => {
  const providers = await (await request.get("/api/auth/providers")).json();
  expect(Object.keys(providers).length).toBeGreaterThanOrEqual(ALL);
  for (const [id, provider] of Object.entries<any>(providers)) {
    expect(Object.keys(provider).sort(), id).toEqual(["callbackUrl", "id", "name", "signinUrl", "type"]);
  }
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });

    /** Types and, where nothing happens while typing, sends. */
    async function find(page: Page, text: string): Promise<void> {
      await search(page).fill(text);
      if (!javaScriptEnabled) await page.getByRole("button", { name: "Search", exact: true }).click();
    }

    test.beforeEach(async ({ page }) => {
      await page.goto("/signin?callbackUrl=%2Faccount");
      if (javaScriptEnabled) await hydrated(page);
    });

    test("four are shown, the others are one click away", async ({ page }) => {
      await expect(buttons(page)).toHaveCount(SHOWN);
      // Dev ID is one as well.
      await expect(fold(page)).toHaveText(`More ways to sign in (${ALL + 1 - SHOWN})`);
      await expect(search(page)).toBeHidden();
      await fold(page).click();
      await expect(buttons(page)).toHaveCount(ALL + 1);
      await expect(search(page)).toBeVisible();
    });

    test("the search leaves what has the name, and there is a way back", async ({ page }) => {
      await fold(page).click();
      await find(page, "SPOTI");
      await expect(buttons(page)).toHaveCount(SHOWN + 1);
      await expect(page.getByRole("button", { name: "Continue with Spotify" })).toBeVisible();
      await expect(page.getByRole("status").filter({ hasText: "1 has that name." })).toBeVisible();

      await find(page, "no such service");
      await expect(buttons(page)).toHaveCount(SHOWN);
      await expect(page.getByText("None of these has that name.")).toBeVisible();

      await page.getByRole("link", { name: "Show all" }).click();
      if (!javaScriptEnabled) await fold(page).click();
      await expect(buttons(page)).toHaveCount(ALL + 1);
      await expect(search(page)).toHaveValue("");
      expect(new URL(page.url()).searchParams.get("callbackUrl")).toContain("/account");
    });

    test("who searches for one of the four is told where it is", async ({ page }) => {
      const name = (await buttons(page).first().innerText()).replace("Continue with ", "").trim();
      await fold(page).click();
      await find(page, name);
      await expect(page.getByText(`${name} is above.`)).toBeVisible();
    });

    test("a button in the fold sends the form to its own provider", async ({ page }) => {
      let sent: { method: string; body: string } | undefined;
      await page.route("**/api/auth/signin/spotify", async (route) => {
        sent = { method: route.request().method(), body: route.request().postData() ?? "" };
        const json = JSON.stringify({ url: new URL("/welcome", page.url()).href });
        await route.fulfill(javaScriptEnabled ? { body: json, contentType: "application/json" } : { body: "there" });
      });
      await fold(page).click();
      await find(page, "spotify");
      await page.getByRole("button", { name: "Continue with Spotify" }).click();
      await page.waitForURL(javaScriptEnabled ? "**/welcome" : "**/api/auth/signin/spotify");
      expect(sent?.method).toBe("POST");
      const fields = new URLSearchParams(sent?.body);
      expect(fields.get("csrfToken")?.length).toBeGreaterThan(20);
      expect(new URL(fields.get("callbackUrl") ?? "").pathname).toBe("/account");
    });
  });
}

test("U-09 by keyboard: Enter goes to what was found, Escape brings all back", async ({ page }) => {
  await open(page, "/signin");
  await fold(page).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(search(page)).toBeFocused();
  await page.keyboard.type("zoom");
  await expect(buttons(page)).toHaveCount(SHOWN + 1);
  await page.keyboard.press("Escape");
  await expect(buttons(page)).toHaveCount(ALL + 1);
  await expect(search(page)).toHaveValue("");
  await expect(search(page)).toBeFocused();
  await page.keyboard.type("zoom");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Continue with Zoom" })).toBeFocused();
});

test("U-30 the pressed button waits, and no other", async ({ page }) => {
  await open(page, "/signin?q=zo");
  let answer = (): void => {};
  const asked = new Promise<void>((wake) => (answer = wake));
  await page.route("**/api/auth/signin/zoom", async (route) => {
    await asked;
    await route.fulfill({ json: { url: new URL("/welcome", page.url()).href } });
  });
  await page.getByRole("button", { name: "Continue with Zoom" }).click();
  await expect(page.locator("[aria-busy]")).toHaveCount(1);
  await expect(page.locator("[aria-busy]")).toContainText("Zoom");
  answer();
  await page.waitForURL("**/welcome");
});

test("LP-06 a link with a search in it shows no more than the field", async ({ page }) => {
  await open(page, `/signin?q=${encodeURIComponent(`call 555 <b id=planted> ${"x".repeat(500)}`)}`);
  expect(await page.locator("body").innerText()).not.toContain("555");
  await expect(page.locator("#planted")).toHaveCount(0);
  expect((await search(page).inputValue()).length).toBeLessThanOrEqual(40);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`U-06 U-07 U-10 ${colorScheme}: the open fold is sound, and every mark is drawn and stands out`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 320, height: 800 });
    await open(page, "/signin");
    await fold(page).click();
    expect([...(await audit(page)), ...(await axe(page))]).toEqual([]);
    const background = await page.locator("main .card").evaluate((card) => getComputedStyle(card).backgroundColor);
    const marks = page.locator("main .icon:has(use)");
    await expect
      .poll(() => marks.evaluateAll((all) => all.filter((mark) => mark.querySelector("use")!.getBBox().width < 5).length), {
        message: "marks that are not drawn",
      })
      .toBe(0);
    const colors = await marks.evaluateAll((all) =>
      all.map((mark) => [mark.querySelector("use")!.getAttribute("href")!, getComputedStyle(mark.querySelector("svg")!).color]),
    );
    expect(colors.length).toBeGreaterThan(50);
    expect(new Set(colors.map(([, color]) => color)).size, "some have the colour of their brand").toBeGreaterThan(10);
    for (const [mark, color] of colors) {
      expect(await contrast(page, color, background), `${mark}: ${color} on ${background}`).toBeGreaterThanOrEqual(3);
    }
  });
}

test("T-09 the front page says in development what is on and what is not, and has what to paste where", async ({ page, context, server }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await open(page, "/");
  const line = page.locator("main li").filter({ has: page.locator("strong", { hasText: /^Spotify$/ }) });
  const callback = `${server.url}/api/auth/callback/spotify`;
  await expect(line).toContainText("on");
  await expect(line.locator("code")).toHaveText(callback);
  await expect(line.getByRole("link", { name: "Register at Spotify" })).toHaveAttribute("href", /^https:\/\/.*spotify/);
  await line.getByRole("button", { name: "Copy the callback URL of Spotify" }).click();
  await expect(line.getByRole("status")).toHaveText("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(callback);

  const ended = page.locator("main li").filter({ hasText: "Microsoft closed Mixer" });
  await expect(ended).toBeHidden();
  await page.getByText(/^What is off/).click();
  await page.getByRole("searchbox", { name: "Search by name" }).fill("mixer");
  await expect(ended).toBeVisible();
});
