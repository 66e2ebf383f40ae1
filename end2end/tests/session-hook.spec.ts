// What `use_session`, `sign_in`, `sign_out` and `RequireSession` do for a component. U-33, U-34.

import type { Page } from "@playwright/test";
import { SessionRequests, expectUser, open, userMenu } from "../support/page.ts";
import { PEOPLE, session, signIn, signOut } from "../support/sign-in.ts";
import { nudge, twoTabs } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

const ADA = PEOPLE.ada.name;
const GRACE = PEOPLE.grace.name;

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
