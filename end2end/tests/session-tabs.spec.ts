// All tabs follow a sign-in, a change of user and a sign-out; also on the way back. U-33, TS-01, TS-02, HD-06.

import { SessionRequests, expectUser, hydrated, open, sessionPanel, signOutByMouse, userMenu } from "../support/page.ts";
import { PEOPLE, chooseAtDevId, session, signIn, signOut } from "../support/sign-in.ts";
import { twoTabs } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;
const GRACE = PEOPLE.grace.name;

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

  test("a sign-in by a server function, which loads no page: after update() all tabs know", async ({ context, server }) => {
    const [acting, watching] = await twoTabs(context);
    await open(acting, "/dev/gallery/hook");
    await signIn(context, server, "ada"); // A cookie comes, and no page.
    await acting.getByRole("button", { name: "Update", exact: true }).click();
    await expectUser(watching, ADA, 1_000);
    await expect(userMenu(acting)).toContainText(ADA);
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
