// The tour in Debian's Firefox: it takes every page over, and complains about nothing, neither its policy nor its scripts. HD-02.
//
// Playwright drives only a Firefox of its own, which cannot be downloaded everywhere; puppeteer drives any by WebDriver BiDi.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { expect, test } from "../support/test.ts";

const OPEN = ["/", "/signin", "/signup", "/forgot-password", "/verify-request", "/signout", "/dev/gallery/sign-in-passkey"];
const OWN = ["", "/methods", "/email", "/password", "/passkeys", "/second-step", "/devices", "/activity", "/data"];

const folders = (process.env.PATH ?? "").split(delimiter);
const firefox = ["firefox-esr", "firefox"].flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);

test.skip(!firefox, "Firefox is not installed: on Debian `apt-get install firefox-esr`");

let browser: Browser;
test.beforeAll(async () => {
  browser = await puppeteer.launch({ browser: "firefox", executablePath: firefox, headless: true });
});
test.afterAll(() => browser?.close());

/** What the page says in the console, as it comes. */
async function openPage(): Promise<[Page, string[]]> {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on("console", (message) => void (["error", "warn"].includes(message.type()) && said.push(message.text())));
  page.on("pageerror", (error) => said.push(String(error)));
  return [page, said];
}

async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector("html[data-hydrated]", { timeout: 30_000 });
}

test("HD-02 every page is taken over, and Firefox complains about none", async ({ server }) => {
  test.setTimeout(180_000);
  const [page, said] = await openPage();
  for (const path of OPEN) await visit(page, server.url + path);
  await visit(page, `${server.url}/dev/gallery/hook`);
  await page.locator("::-p-xpath(//button[normalize-space()='Sign in'])").click();
  await page.waitForSelector("[data-user-menu]");
  for (const path of OWN) await visit(page, `${server.url}/account${path}`);
  expect(said).toEqual([]);
});

test("control: Firefox refuses what the policy forbids, and says so", async ({ server }) => {
  const [page, said] = await openPage();
  await visit(page, `${server.url}/signin`);
  await page.evaluate(() => {
    document.body.insertAdjacentHTML("beforeend", '<img src="/nothing.png" onerror="window.owned = true">');
  });
  await expect.poll(() => said.join(" ")).toContain("Content-Security-Policy");
  expect(await page.evaluate(() => "owned" in window)).toBe(false);
});
