// The second step as a person meets it: set up, asked for, remembered, and got round by a recovery code alone. SE-14, U-03,
// U-04, U-05, U-20.

import { createHmac } from "node:crypto";
import type { BrowserContext, Page } from "@playwright/test";
import { audit, axe } from "../support/audit.ts";
import { freshAddress, newestMail } from "../support/inbox.ts";
import { hydrated } from "../support/page.ts";
import { postForm, session } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

/** What an authenticator app shows (RFC 6238), on a phone whose clock is so many seconds fast. */
function code(secret: string, fast = 0): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + fast) / 30)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Proves the address by the code of a mail; where the browser is sent then. */
async function firstStep(context: BrowserContext, server: { url: string }, address: string): Promise<string> {
  const { request } = context;
  await postForm(request, server, "/api/auth/signin/email", { email: address, callbackUrl: "/account" });
  const mail = await newestMail(request, server, address);
  return postForm(request, server, "/api/auth/callback/email", { code: mail.code.replace(" ", "") });
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });

    const open = async (page: Page, path: string) => {
      await page.goto(path);
      if (javaScriptEnabled) await hydrated(page);
    };
    const press = (page: Page, name: string) => page.getByRole("main").getByRole("button", { name }).click();

    test("SE-14 from setting it up to the recovery code", async ({ page, context, server, watch }) => {
      test.setTimeout(120_000);
      watch.expect(FAILED_REQUEST); // A session that is not there yet.
      const address = freshAddress("second-step");
      await firstStep(context, server, address);

      await open(page, "/account/second-step");
      await press(page, "Set it up");
      await expect(page.getByRole("img", { name: "QR code" })).toBeVisible();
      const secret = (await page.locator("#secret").textContent())!;
      const field = page.getByLabel("Code", { exact: true });
      await expect(field).toHaveAttribute("autocomplete", "one-time-code");
      await expect(field).toHaveAttribute("inputmode", "numeric");
      if (javaScriptEnabled) await hydrated(page);
      await field.fill("000000");
      await press(page, "Turn it on");
      await expect(page.locator("#notice[role=alert]")).toContainText("This code does not work");
      await expect(page.locator("#secret")).toHaveText(secret);
      // A phone that is half a minute late; typed as people do.
      const first = code(secret, -30);
      await field.fill(`${first.slice(0, 3)} ${first.slice(3)}`);
      await press(page, "Turn it on");
      await expect(page.getByRole("heading", { name: "Your recovery codes" })).toBeVisible();
      const recoveryCodes = await page.locator("#recovery-codes li").allTextContents();
      expect(new Set(recoveryCodes).size).toBe(10);
      const file = await page.getByRole("link", { name: "Download" }).getAttribute("href");
      for (const recoveryCode of recoveryCodes) expect(file).toContain(recoveryCode);
      if (javaScriptEnabled) {
        await hydrated(page);
        expect([...(await audit(page)), ...(await axe(page))]).toEqual([]);
        await context.grantPermissions(["clipboard-read", "clipboard-write"]);
        await press(page, "Copy the recovery codes");
        await expect(page.getByRole("status").getByText("Copied")).toBeAttached();
        expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(recoveryCodes.join("\n"));
      }
      await press(page, "I have saved them");
      await expect(page.getByRole("heading", { name: "Two-factor authentication is on" })).toBeVisible();
      await expect(page.locator("#recovery-codes")).toHaveCount(0);

      // Another browser, as far as the server can tell.
      await context.clearCookies();
      const asked = await firstStep(context, server, address);
      expect(new URL(asked).pathname).toBe("/second-step");
      expect(await session(context.request, server)).toBeNull();
      await open(page, asked);
      await expect(page.locator("#notice")).toHaveCount(0);
      await page.getByLabel("Code", { exact: true }).fill("000000");
      await press(page, "Sign in");
      await expect(page.locator("#notice[role=alert]")).toContainText("This code does not work");
      await expect(page.getByLabel("Code", { exact: true })).toHaveAttribute("aria-invalid", "true");
      expect(await session(context.request, server)).toBeNull();
      await page.getByLabel("Code", { exact: true }).fill(code(secret));
      await page.getByLabel("Do not ask on this device for 30 days").check();
      await press(page, "Sign in");
      await page.waitForURL("**/account");
      expect((await session(context.request, server)).user.email).toBe(address);

      // Remembered, and then not.
      await postForm(context.request, server, "/api/auth/signout", {});
      expect(new URL(await firstStep(context, server, address)).pathname).toBe("/account");
      await context.clearCookies();
      await open(page, await firstStep(context, server, address));
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await expect(page.getByRole("heading", { name: "Use a recovery code" })).toBeVisible();
      if (javaScriptEnabled) await hydrated(page);
      await page.getByLabel("Recovery code").fill(recoveryCodes[4].replaceAll("-", " ").toUpperCase());
      await press(page, "Sign in");
      await page.waitForURL("**/account");
      await open(page, "/account/second-step");
      await expect(page.getByRole("main")).toContainText("Recovery codes left9");
    });
  });
}
