// `use_session()` is right on the first frame, in every tab, after sleep, offline and back. U-31, U-32, U-33, TS, LP-08.

import type { BrowserContext, Page } from "@playwright/test";
import { FAILED_REQUEST } from "../support/watch.ts";
import { expect, test } from "../support/test.ts";
import { SessionRequests, expectUser, hydrated, open, sessionPanel, signOutByMouse, userMenu } from "../support/page.ts";
import { chooseAtDevId, PEOPLE, session, signIn, signOut } from "../support/sign-in.ts";

const ADA = PEOPLE.ada.name;
const GRACE = PEOPLE.grace.name;
const SESSION = "**/api/auth/session";

/** Makes the page ask the server, as a message from another tab does. */
async function nudge(page: Page): Promise<void> {
  await page.evaluate(() => {
    const channel = new BroadcastChannel("leptos-auth");
    channel.postMessage(`session ${Math.random()}`);
    channel.close();
  });
}

/** Pretends that the page goes to the background, or comes back. */
async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    if (state === "visible") window.dispatchEvent(new Event("focus"));
  }, visible ? "visible" : "hidden");
}

/** Two tabs of one browser on the front page. */
async function twoTabs(context: BrowserContext): Promise<[Page, Page]> {
  const tabs: [Page, Page] = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) await open(tab, "/");
  return tabs;
}

test.describe("first frame", () => {
  /** Writes down what the header says in every frame, and how far things move. */
  async function recorder(page: Page): Promise<() => Promise<{ texts: string[]; shift: number }>> {
    await page.addInitScript(() => {
      const seen = ((window as any).seen = { texts: [] as string[], shift: 0 });
      const look = () => {
        // Before its first word has arrived the header is empty: nothing is painted yet.
        const text = document.querySelector("header")?.innerText || seen.texts.at(-1);
        if (text && seen.texts.at(-1) !== text) seen.texts.push(text);
        requestAnimationFrame(look);
      };
      look();
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shift += (entry as any).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    return () => page.evaluate(() => (window as any).seen);
  }

  test("U-31 LP-08 the first HTML knows the user and no frame shows anything else", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    const html = await (await context.request.get("/")).text();
    const header = /<header[\s\S]*?<\/header>/.exec(html)?.[0] ?? "";
    expect(header).toContain(ADA);
    expect(header).not.toContain("Sign in");

    const recorded = await recorder(page);
    const requests = new SessionRequests(page);
    await open(page, "/");
    await page.waitForTimeout(500);
    const { texts, shift } = await recorded();
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) {
      expect(text).toContain(ADA);
      expect(text).not.toContain("Sign in");
    }
    expect(shift).toBeLessThan(0.01);
    expect(requests.count, "the page came with the session").toBe(0);
  });

  test("U-31 control: signed out, every frame shows the way in", async ({ page }) => {
    const recorded = await recorder(page);
    await open(page, "/");
    await page.waitForTimeout(500);
    const { texts, shift } = await recorded();
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) expect(text).toContain("Sign in");
    expect(shift).toBeLessThan(0.01);
  });
});

test.describe("tabs follow within a second", () => {
  for (const transport of ["BroadcastChannel", "storage event"]) {
    test(`U-33 TS-01 TS-02 sign-in, user switch and sign-out, by ${transport}`, async ({ context }) => {
      if (transport === "storage event") {
        await context.addInitScript(() => delete (window as any).BroadcastChannel);
      }
      const [acting, watching] = await twoTabs(context);
      await expectUser(watching, null);

      await open(acting, "/signin");
      await chooseAtDevId(acting, "ada");
      await hydrated(acting);
      await expectUser(watching, ADA, 1_000);
      await expectUser(acting, ADA);

      await open(acting, "/signin");
      await chooseAtDevId(acting, "grace");
      await hydrated(acting);
      await expectUser(watching, GRACE, 1_000);
      await expectUser(acting, GRACE);

      await signOutByMouse(acting);
      await hydrated(acting);
      await expectUser(watching, null, 1_000);
      await expectUser(acting, null);
    });
  }

  test("TS-01 private content is gone in the other tab", async ({ context, server }) => {
    await signIn(context, server, "ada");
    const [acting, watching] = await twoTabs(context);
    await open(watching, "/account");
    await expect(watching.getByRole("main")).toContainText(PEOPLE.ada.email);
    await signOutByMouse(acting);
    await hydrated(acting);
    await expect(watching.getByText(PEOPLE.ada.email)).toHaveCount(0, { timeout: 1_000 });
    await expect(watching).toHaveURL(/\/signin\?/);
  });

  test("TS-02 a page of the user before cannot act for the user after", async ({ context, server }) => {
    await signIn(context, server, "ada");
    const old = await context.newPage();
    await old.goto("/signout");
    // As a page without scripts, or a script that is slower than the click: the form as the server wrote it.
    const form = await old.locator('main form[action="/api/auth/signout"]').evaluate((form: HTMLFormElement) =>
      Object.fromEntries(new FormData(form).entries()),
    );
    await old.goto("about:blank");
    await signOut(context, server);
    await signIn(context, server, "grace");
    const refused = await context.request.post("/api/auth/signout", {
      headers: { origin: server.url },
      form: form as Record<string, string>,
      maxRedirects: 0,
    });
    expect(refused.headers()["location"]).toContain("error=MissingCSRF");
    expect((await session(context.request, server))?.user.name).toBe(GRACE);
  });

  test("a sign-in without scripts reaches the tabs when its page opens", async ({ context, server }) => {
    const [acting, watching] = await twoTabs(context);
    await signIn(context, server, "ada");
    await expectUser(watching, null);
    await open(acting, "/");
    await expectUser(watching, ADA, 1_000);
  });
});

test.describe("what components can do", () => {
  const panels = (page: Page) => page.locator('[data-session][data-session-status="authenticated"]');
  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
  const answer = (page: Page) => page.getByRole("main").getByRole("status");

  test("sign_in, update and sign_out without leaving the page, and the other tab follows", async ({ context }) => {
    const [acting, watching] = await twoTabs(context);
    await open(acting, "/dev/gallery/hook");
    await press(acting, "Sign in, wrong password");
    await expect(answer(acting)).toContainText("ok: false, error: Some(CredentialsSignin)");
    await expect(panels(acting)).toHaveCount(0);

    await press(acting, "Sign in");
    await expect(answer(acting)).toContainText("ok: true, error: None");
    await expectUser(watching, "Demo User", 1_000);
    await expect(panels(acting)).toHaveCount(10);
    await expect(userMenu(acting)).toContainText("Demo User");

    const requests = new SessionRequests(acting);
    expect(await requests.during(() => press(acting, "Update"))).toBe(1);
    await expect(answer(acting)).toContainText("Demo User");

    await press(acting, "Sign out and stay");
    await expect(answer(acting)).toContainText("ok: true");
    await expectUser(watching, null, 1_000);
    await expect(panels(acting)).toHaveCount(0);
    await expect(acting).toHaveURL("/dev/gallery/hook");
  });

  test("sign_in at a provider goes there and comes back to where it was told", async ({ page, context, server }) => {
    await signIn(context, server, "ada"); // Not new any more.
    await signOut(context, server);
    await open(page, "/dev/gallery/hook");
    await press(page, "Sign in at Dev ID");
    await page.getByRole("button", { name: ADA }).click();
    await expect(page).toHaveURL("/account?from=hook");
    await expect(page.getByRole("main")).toContainText(PEOPLE.ada.email);
  });

  test("a sign-out that does not reach the server changes nothing and says so", async ({ page, context, server, watch }) => {
    watch.expect(FAILED_REQUEST);
    await signIn(context, server, "ada");
    await open(page, "/dev/gallery/hook");
    await page.route("**/api/auth/signout", (route) => route.abort("connectionfailed"));
    await press(page, "Sign out and stay");
    await expect(answer(page)).toContainText("ok: false, error: Some(Unavailable)");
    await expect(panels(page)).toHaveCount(10);
    expect((await session(context.request, server))?.user.name).toBe(ADA);
  });

  test("U-34 a form keeps what was typed while the session is over, for its user only", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/dev/gallery/long-form");
    const text = page.getByLabel("Your text");
    await text.fill("a long letter");
    await signOut(context, server);
    await nudge(page);
    await expect(page.getByRole("alert")).toContainText("You are signed out");
    await expect(text).toBeHidden();
    await signIn(context, server, "ada");
    await nudge(page);
    await expect(text).toHaveValue("a long letter");
    await expect(text).toBeVisible();
    await expect(page.getByRole("alert")).toHaveCount(0);

    await signOut(context, server);
    await signIn(context, server, "grace");
    await nudge(page);
    await expect(userMenu(page)).toContainText(GRACE);
    await expect(text).toBeVisible();
    await expect(text).toHaveValue("");
  });
});

test.describe("few requests", () => {
  test("U-33 ten components, one request; none while nothing happens", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    const requests = new SessionRequests(page);
    await open(page, "/dev/gallery/hook");
    await expect(page.locator('[data-session][data-session-status="authenticated"]')).toHaveCount(10);
    expect(await requests.during(() => page.waitForTimeout(800))).toBe(0);
    expect(await requests.during(() => nudge(page))).toBe(1);
    await expect(page.locator('[data-session][data-session-status="authenticated"]')).toHaveCount(10);
  });

  test("U-33 two tabs: one request each for a change", async ({ context, server }) => {
    const [acting, watching] = await twoTabs(context);
    await signIn(context, server, "ada");
    const requests = new SessionRequests(watching);
    expect(await requests.during(() => open(acting, "/"), 1_000)).toBe(1);
    await expectUser(watching, ADA);
  });

  test("U-33 focus bursts: at most one request in 5 seconds", async ({ page, context, server }) => {
    await page.clock.install();
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const burst = async () => {
      for (let looks = 0; looks < 10; looks += 1) await setVisible(page, true);
    };
    await page.clock.runFor(6_000);
    expect(await requests.during(burst)).toBe(1);
    expect(await requests.during(burst)).toBe(0);
    await page.clock.runFor(2_000); // Real time passes as well.
    expect(await requests.during(burst)).toBe(0);
    await page.clock.runFor(3_000);
    expect(await requests.during(burst)).toBe(1);
  });

  test("U-33 focus notices a sign-in and a sign-out elsewhere", async ({ page, context, server }) => {
    await page.clock.install();
    await open(page, "/");
    await signIn(context, server, "ada");
    await page.clock.runFor(6_000);
    await setVisible(page, true);
    await expectUser(page, ADA);
    await signOut(context, server);
    await page.clock.runFor(6_000);
    await setVisible(page, true);
    await expectUser(page, null);
  });
});

test.describe("keepalive", () => {
  const INTERVAL = 5 * 60_000;

  test.beforeEach(async ({ page, context, server }) => {
    await page.clock.install();
    await signIn(context, server, "ada");
    await open(page, "/");
  });

  test("U-33 TS-05 polls while visible, pauses while hidden", async ({ page }) => {
    const requests = new SessionRequests(page);
    expect(await requests.during(() => requests.pass(INTERVAL * 0.9))).toBe(0);
    expect(await requests.during(() => requests.pass(INTERVAL * 0.3))).toBe(1);
    await setVisible(page, false);
    expect(await requests.during(() => requests.pass(INTERVAL * 5))).toBe(0);
    expect(await requests.during(() => setVisible(page, true))).toBe(1);
    await expectUser(page, ADA);
  });

  test("TS-06 offline it asks nothing and keeps the state, online it asks at once", async ({ page, context }) => {
    const requests = new SessionRequests(page);
    await context.setOffline(true);
    expect(await requests.during(() => requests.pass(INTERVAL * 3))).toBe(0);
    await expectUser(page, ADA);
    await expect(page.getByRole("status").filter({ hasText: "offline" })).toBeVisible();
    expect(await requests.during(() => context.setOffline(false))).toBe(1);
    await expectUser(page, ADA);
    await expect(page.getByText("You are offline")).toHaveCount(0);
  });

  test("TS-04 four tabs poll as one", async ({ page, context }) => {
    const tabs = [page];
    while (tabs.length < 4) {
      const tab = await context.newPage();
      await open(tab, "/");
      tabs.push(tab);
    }
    const requests = tabs.map((tab) => new SessionRequests(tab));
    const total = () => requests.reduce((sum, { count }) => sum + count, 0);
    await SessionRequests.passAll(requests, INTERVAL * 6);
    expect(total()).toBeGreaterThanOrEqual(5);
    // Two tabs may wake in the same moment and both find that nobody has asked.
    expect(total()).toBeLessThanOrEqual(6 + tabs.length);
  });

  test("nobody signed in: no polling", async ({ page, context, server }) => {
    await signOut(context, server);
    await nudge(page);
    await expectUser(page, null);
    const requests = new SessionRequests(page);
    expect(await requests.during(() => requests.pass(INTERVAL * 3))).toBe(0);
  });
});

test.describe("a failing server signs nobody out", () => {
  const failures: [string, (page: Page) => Promise<unknown>][] = [
    ["500", (page) => page.route(SESSION, (route) => route.fulfill({ status: 500, body: "null" }))],
    ["503", (page) => page.route(SESSION, (route) => route.fulfill({ status: 503, json: { message: "away" } }))],
    ["429", (page) => page.route(SESSION, (route) => route.fulfill({ status: 429, body: "null" }))],
    ["a network error", (page) => page.route(SESSION, (route) => route.abort("connectionfailed"))],
    ["a page of a proxy", (page) => page.route(SESSION, (route) => route.fulfill({ status: 200, body: "<h1>Log in to Wi-Fi</h1>" }))],
    ["an empty answer", (page) => page.route(SESSION, (route) => route.fulfill({ status: 200, body: "" }))],
  ];

  for (const [name, fail] of failures) {
    test(`U-32 TS-06 ${name}: the user stays, and all recovers by itself`, async ({ page, context, server, watch }) => {
      watch.expect(FAILED_REQUEST);
      await page.clock.install();
      await signIn(context, server, "ada");
      await open(page, "/");
      const requests = new SessionRequests(page);
      await fail(page);
      expect(await requests.during(() => nudge(page))).toBe(1);
      await expectUser(page, ADA);
      // It tries again, and ever more slowly: 2, 4, 8, 16 … seconds at most.
      const retries = await requests.during(() => requests.pass(30_000, 1_000));
      expect(retries).toBeGreaterThanOrEqual(1);
      expect(retries).toBeLessThanOrEqual(8);
      await expectUser(page, ADA);

      await page.unroute(SESSION);
      await signOut(context, server);
      await signIn(context, server, "grace");
      await requests.pass(70_000);
      await expectUser(page, GRACE);
    });
  }

  test("control: the answer `null` does sign out", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    await page.route(SESSION, (route) => route.fulfill({ status: 200, contentType: "application/json", body: "null" }));
    await nudge(page);
    await expectUser(page, null);
  });

  test("U-32 Retry-After is honoured", async ({ page, context, server, watch }) => {
    watch.expect(FAILED_REQUEST);
    await page.clock.install();
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const headers = { "retry-after": "120" };
    await page.route(SESSION, (route) => route.fulfill({ status: 429, headers, body: "" }));
    expect(await requests.during(() => nudge(page))).toBe(1);
    expect(await requests.during(() => requests.pass(110_000))).toBe(0);
    expect(await requests.during(() => requests.pass(25_000))).toBe(1);
    await expectUser(page, ADA);
  });
});

test.describe("the end of a session", () => {
  test.use({ server: async ({ shortServer }, use) => use(shortServer) });

  test("the page notices by itself when the session is over", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    await expectUser(page, ADA);
    const requests = new SessionRequests(page);
    await expectUser(page, null, 6_000);
    expect(requests.count).toBeLessThanOrEqual(2);
  });
});

test.describe("what other pages can do", () => {
  test("TS-03 junk in the channel, in storage and by postMessage is ignored", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const junk = async () => {
      await page.evaluate(() => {
        const channel = new BroadcastChannel("leptos-auth");
        const messages: unknown[] = [
          "", "null", "sessions", "x session", `session ${"x".repeat(100_000)}`, { event: "session", data: { user: "eve" } },
          ["session 1"], 7, null, undefined, new ArrayBuffer(8), "<img src=x onerror=alert(1)>",
        ];
        for (const message of messages) {
          channel.postMessage(message);
          if (typeof message === "string") {
            window.dispatchEvent(new StorageEvent("storage", { key: "leptos-auth", newValue: message }));
            window.dispatchEvent(new StorageEvent("storage", { key: "other", newValue: "session 1" }));
          }
          window.postMessage(message, "*");
        }
        window.postMessage("session 1", "*");
        channel.close();
      });
    };
    expect(await requests.during(junk)).toBe(0);
    await expectUser(page, ADA);
    expect(await requests.during(() => nudge(page)), "control").toBe(1);
  });

  test("TS-03 a flood of good messages causes a handful of requests and changes nothing", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const flood = () =>
      page.evaluate(async () => {
        const channel = new BroadcastChannel("leptos-auth");
        for (let sent = 0; sent < 500; sent += 1) {
          channel.postMessage(`session ${sent}`);
          await new Promise((wake) => setTimeout(wake, 2));
        }
        channel.close();
      });
    const seconds = await duration(async () => expect(await requests.during(flood)).toBeGreaterThan(0));
    expect(requests.count).toBeLessThanOrEqual(seconds * 4 + 2);
    await expectUser(page, ADA);
  });

  test("TS-03 nothing private is stored in the browser or sent between tabs", async ({ context, server }) => {
    await context.addInitScript(() => {
      const heard: string[] = ((window as any).heard = []);
      new BroadcastChannel("leptos-auth").onmessage = (event) => heard.push(JSON.stringify(event.data));
    });
    const [acting, watching] = await twoTabs(context);
    await open(acting, "/signin");
    await chooseAtDevId(acting, "ada");
    await expectUser(acting, ADA);
    await expectUser(watching, ADA);
    const user = (await session(context.request, server)).user;
    const cookies = (await context.cookies()).map((cookie) => cookie.value);
    for (const page of [acting, watching]) {
      const stored = await page.evaluate(() =>
        JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), (window as any).heard, document.cookie]),
      );
      for (const secret of [user.id, user.name, user.email, ...cookies]) expect(stored).not.toContain(secret);
    }
    const heard: string[] = await watching.evaluate(() => (window as any).heard);
    expect(heard.length, "control: the tabs did talk").toBeGreaterThan(0);
  });
});

test.describe("back", () => {
  test("HD-06 a page from the back/forward cache asks before it is believed", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    await signOut(context, server);
    const comeBack = () =>
      page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    expect(await requests.during(comeBack)).toBe(1);
    await expectUser(page, null, 1_000);
  });

  test("HD-06 after sign-out the back button shows nothing private", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/account");
    await expect(page.getByRole("main")).toContainText(PEOPLE.ada.email);
    await open(page, "/");
    await signOutByMouse(page);
    await expectUser(page, null);
    for (let steps = 0; steps < 3; steps += 1) {
      await page.goBack();
      await expect(page.getByText(PEOPLE.ada.email)).toHaveCount(0, { timeout: 1_000 });
      await expect(userMenu(page)).toHaveCount(0, { timeout: 1_000 });
    }
  });
});

test.describe("sessions in the cookie", () => {
  test.use({ server: async ({ jwtServer }, use) => use(jwtServer) });

  test("U-31 U-33 the same holds without a table of sessions", async ({ context, server }) => {
    await signIn(context, server, "ada");
    const [acting, watching] = await twoTabs(context);
    await expectUser(acting, ADA);
    await signOutByMouse(acting);
    await hydrated(acting);
    await expectUser(watching, null, 1_000);
    await expect(sessionPanel(acting)).toHaveAttribute("data-session-status", "unauthenticated");
  });
});

async function duration(action: () => Promise<unknown>): Promise<number> {
  const start = Date.now();
  await action();
  return (Date.now() - start) / 1_000;
}
