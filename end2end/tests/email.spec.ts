// Sign-in by e-mail: one mail, a link and a code. ML-01, ML-08, ML-10, ML-14, U-44, U-46, U-04, EM-05.

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { freshAddress, newestMail, readSignInMail } from "../support/inbox.ts";
import { expectUser, hydrated, open, sessionPanel, userMenu } from "../support/page.ts";
import { passWelcome, session, signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

/** Asks for a mail; ends on the page that waits for it. */
async function askForMail(page: Page, address: string, path = "/signin"): Promise<void> {
  await open(page, path);
  await page.getByLabel("Email address").fill(address);
  await page.getByRole("button", { name: "Email me a sign-in link" }).click();
  await expect(page).toHaveTitle("Check your email · Leptos Auth");
  await hydrated(page);
}

async function typeCode(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code").fill(code);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
}

/** A browser on another device. */
async function otherDevice(browser: Browser): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext();
  return [context, await context.newPage()];
}

test("U-44 the waiting page finishes by itself when the link is opened in another tab", async ({ page, context, request, server }) => {
  const address = freshAddress();
  await askForMail(page, address, "/signin?callbackUrl=%2Faccount");
  await expect(page.getByRole("main")).toContainText(address);
  const { link } = await newestMail(request, server, address);
  const tab = await context.newPage();
  await open(tab, link);
  await expect(tab).toHaveTitle("Confirm sign-in · Leptos Auth");
  await expect(sessionPanel(page)).toHaveCount(0);
  await tab.getByRole("button", { name: `Sign in as ${address}` }).click();
  await passWelcome(tab);
  await expect(page).toHaveURL("/account");
  await expect(page.getByRole("main")).toContainText(address);
});

test("ML-08 on another device the link signs in that device, never the waiting page", async ({ page, browser, context, request, server, watch }) => {
  const address = freshAddress();
  await askForMail(page, address);
  const { link, code } = await newestMail(request, server, address);
  const [device, tab] = await otherDevice(browser);
  watch.follow(device);
  await open(tab, link);
  await tab.getByRole("button", { name: `Sign in as ${address}` }).click();
  await passWelcome(tab);
  await expectUser(tab, address);

  await page.bringToFront();
  await page.waitForTimeout(1_000);
  expect(await session(context.request, server)).toBeNull();
  await page.reload();
  await expect(page).toHaveTitle("Check your email · Leptos Auth");
  expect(await session(context.request, server)).toBeNull();
  // The code came in the same mail: it is used up with the link.
  await typeCode(page, code);
  await expect(page.locator("#notice")).toContainText("does not work");
  expect(await session(context.request, server)).toBeNull();
  await device.close();
});

test("ML-08 the code signs in the waiting page, and not a page that did not ask", async ({ page, browser, context, request, server, watch }) => {
  const address = freshAddress();
  await askForMail(page, address);
  const { code, link } = await newestMail(request, server, address);

  const [device, tab] = await otherDevice(browser);
  watch.follow(device);
  await open(tab, "/verify-request");
  await expect(tab.getByLabel("Code")).toHaveCount(0);

  await typeCode(page, code);
  await passWelcome(page);
  await expectUser(page, address);
  expect((await session(context.request, server))?.user.email).toBe(address);
  expect(await session(device.request, server)).toBeNull();

  // ML-01: the link came in the same mail.
  watch.expect(FAILED_REQUEST);
  await open(tab, link);
  await tab.getByRole("button", { name: `Sign in as ${address}` }).click();
  await expect(tab).toHaveURL(/\/error\?error=Verification/);
  expect(await session(device.request, server)).toBeNull();
  await device.close();
});

test("ML-01 GET uses nothing up, POST does, and only once", async ({ page, browser, request, server, watch }) => {
  watch.expect(FAILED_REQUEST);
  const address = freshAddress();
  await askForMail(page, address);
  const { link } = await newestMail(request, server, address);
  await page.close(); // It would follow its own link.
  // Mail scanners, previews, prefetch.
  for (let visits = 0; visits < 3; visits += 1) expect((await request.get(link)).status()).toBe(200);
  const [device, tab] = await otherDevice(browser);
  await open(tab, link);
  await open(tab, link);
  expect(await session(device.request, server)).toBeNull();
  await tab.getByRole("button", { name: `Sign in as ${address}` }).click();
  await passWelcome(tab);
  await expectUser(tab, address);

  const [second, again] = await otherDevice(browser);
  await open(again, link);
  await again.getByRole("button", { name: `Sign in as ${address}` }).click();
  await expect(again).toHaveURL(/\/error\?error=Verification/);
  await expect(again.getByRole("heading", { level: 1 })).toContainText("does not work");
  expect(await session(second.request, server)).toBeNull();
  await device.close();
  await second.close();
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts (U-20)", () => {
    test.use({ javaScriptEnabled });

    test("U-04 U-05 a wrong code says so, the right one works, with any spacing", async ({ page, context, request, server }) => {
      const address = freshAddress();
      await page.goto("/signin");
      if (javaScriptEnabled) await hydrated(page);
      await page.getByLabel("Email address").fill(address);
      await page.getByRole("button", { name: "Email me a sign-in link" }).click();
      await expect(page).toHaveTitle("Check your email · Leptos Auth");
      if (javaScriptEnabled) await hydrated(page);
      const { code } = await newestMail(request, server, address);

      const wrong = code.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10));
      await typeCode(page, wrong);
      await expect(page.locator("#notice[role=alert]")).toContainText("does not work");
      await expect(page.getByLabel("Code")).toHaveAttribute("aria-invalid", "true");
      if (javaScriptEnabled) await expect(page.locator("#notice")).toBeFocused();
      expect(await session(context.request, server)).toBeNull();

      await typeCode(page, ` ${code.replace(" ", " - ")} `);
      await passWelcome(page);
      await expectUser(page, address);
    });
  });
}

test("ML-06 five wrong codes end the code, and the answer stays the same", async ({ page, context, request, server, watch }) => {
  watch.expect(FAILED_REQUEST);
  const address = freshAddress();
  await askForMail(page, address);
  const { code } = await newestMail(request, server, address);
  for (let tries = 0; tries < 6; tries += 1) {
    await typeCode(page, String(10_000_000 + tries));
    await expect(page.locator("#notice[role=alert]")).toBeVisible();
  }
  await typeCode(page, code);
  await expect(page.locator("#notice[role=alert]")).toBeVisible();
  expect(await session(context.request, server)).toBeNull();
});

test("ML-10 a link for one user while another one is signed in: it asks", async ({ page, context, request, server }) => {
  const address = freshAddress();
  await askForMail(page, address);
  const { link } = await newestMail(request, server, address);
  await page.close();
  await signIn(context, server, "grace");
  const tab = await context.newPage();
  await open(tab, link);
  await expect(tab.getByRole("main")).toContainText("Grace Hopper");
  await expect(tab.getByRole("main")).toContainText(address);
  expect((await session(context.request, server))?.user.name).toBe("Grace Hopper");
  await tab.getByRole("button", { name: `Sign in as ${address}` }).click();
  await passWelcome(tab);
  await expectUser(tab, address);
});

test("ML-14 the token is gone from the address bar and the history after use", async ({ page, request, server }) => {
  const address = freshAddress();
  await askForMail(page, address);
  const { link } = await newestMail(request, server, address);
  const token = new URL(link).searchParams.get("token") ?? "";
  expect(token.length).toBeGreaterThan(20);
  await open(page, link);
  await page.getByRole("button", { name: `Sign in as ${address}` }).click();
  await passWelcome(page);
  await expectUser(page, address);
  const entries: string[] = await page.evaluate(() => (window as any).navigation.entries().map((entry: any) => entry.url));
  expect(entries.join("\n")).not.toContain(token);
  expect(server.log()).not.toContain(token);
});

test("U-44 resend waits, counts down, and sends a new mail; Change goes back", async ({ page, request, server }) => {
  await page.clock.install();
  const address = freshAddress();
  await askForMail(page, address);
  const first = await newestMail(request, server, address);
  const resend = page.getByRole("button", { name: /Send again/ });
  await expect(resend).toBeDisabled();
  // The server counts in real time; the page's clock may run ahead and is then told to wait.
  await page.clock.runFor(65_000);
  await expect(resend).toBeEnabled();
  await page.getByRole("link", { name: "Change" }).click();
  await expect(page).toHaveTitle("Sign in · Leptos Auth");
  expect(first.link).toContain(server.url);
});

test("EM-05 addresses that are not one address are refused", async ({ request, server }) => {
  const { csrfToken } = await (await request.get("/api/auth/csrf")).json();
  const before = (await (await request.get("/dev/inbox.json")).json()).length;
  for (const email of ["a@evil.test,v@app.test", "a@evil.test b@app.test", '"V" <a@evil.test>', "v@app.test\r\nBcc:a@evil.test", "@", "a@"]) {
    const response = await request.post("/api/auth/signin/email", {
      headers: { origin: server.url },
      form: { csrfToken, callbackUrl: "/", email },
      maxRedirects: 0,
    });
    expect(response.headers()["location"], email).toContain("error=");
  }
  expect((await (await request.get("/dev/inbox.json")).json()).length).toBe(before);
});

test.describe("a real mail server", () => {
  test.use({ server: async ({ smtpServer }, use) => use(smtpServer) });

  test("U-46 one mail to one recipient, as text and as HTML, and it signs in", async ({ page, mailSink, server }) => {
    const address = freshAddress("smtp");
    await askForMail(page, address);
    const { from, recipients, raw, message } = await mailSink.next(address);
    expect(from).toBe("no-reply@app.test");
    expect(recipients).toEqual([address]);
    expect(message.from).toEqual({ name: "Test App", address: "no-reply@app.test" });
    expect(message.to?.map((to) => to.address)).toEqual([address]);
    expect(message.cc ?? message.bcc ?? []).toEqual([]);
    expect(message.subject).toMatch(/^\d{4} \d{4} /);
    expect(message.messageId).toBeTruthy();
    expect(message.date).toBeTruthy();
    expect(raw).toMatch(/^content-type: multipart\/alternative;/im);

    const { link, code } = readSignInMail((message.text ?? "").replaceAll("\r\n", "\n"));
    expect(message.subject).toContain(code);
    expect(new URL(link).origin, "the link leads to us").toBe(server.url);
    expect(message.html).toContain(code);
    expect(message.html).toContain(link.replaceAll("&", "&amp;"));
    expect(message.html).not.toMatch(/<script|<img|https?:\/\/(?!localhost)/i);

    await typeCode(page, code);
    await passWelcome(page);
    await expectUser(page, address);
    expect(mailSink.deliveries.filter((delivery) => delivery.recipients.includes(address))).toHaveLength(1);
  });

  test("ML-13 a mailbox that does not exist: nobody waits for nothing", async ({ page, context, mailSink, server }) => {
    await open(page, "/signin");
    const before = mailSink.deliveries.length;
    await page.getByLabel("Email address").fill(freshAddress("refused"));
    await page.getByRole("button", { name: "Email me a sign-in link" }).click();
    await expect(page.locator("#notice[role=alert]")).toContainText("could not be sent");
    expect(mailSink.deliveries.length).toBe(before);
    expect(await session(context.request, server)).toBeNull();
    await expect(userMenu(page)).toHaveCount(0);
  });
});
