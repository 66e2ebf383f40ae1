// What the tests know about the pages: see "DOM contract" in docs/pages.md.

import { expect, type Locator, type Page } from "@playwright/test";

/** Opens a page and waits until it is interactive. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/** Waits until the wasm has taken the page over. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator("html[data-hydrated]").waitFor();
}

/** The box that shows the live session. */
export function sessionPanel(page: Page): Locator {
  return page.locator("[data-session]");
}

/** The menu in the header of somebody who is signed in. */
export function userMenu(page: Page): Locator {
  return page.locator("header [data-user-menu] > summary");
}

/** The header and the live box agree on who is signed in. */
export async function expectUser(page: Page, name: string | null, timeout?: number): Promise<void> {
  const status = name ? "authenticated" : "unauthenticated";
  await expect(sessionPanel(page)).toHaveAttribute("data-session-status", status, { timeout });
  if (name) {
    await expect(userMenu(page)).toContainText(name, { timeout });
    await expect(sessionPanel(page)).toContainText(name, { timeout });
  } else {
    await expect(userMenu(page)).toHaveCount(0, { timeout });
    await expect(page.locator('header a[href^="/signin"]')).toHaveText("Sign in", { timeout });
  }
}

/** Signs out as a person does: menu, question, button. */
export async function signOutByMouse(page: Page): Promise<void> {
  await userMenu(page).click();
  await page.locator("header").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/signout*");
  await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signout"));
}

/** Counts what a page asks the server about the session, from now on. */
export class SessionRequests {
  count = 0;

  constructor(page: Page) {
    page.on("request", (request) => {
      if (new URL(request.url()).pathname === "/api/auth/session" && request.method() === "GET") this.count += 1;
    });
  }

  /** How many while `action` ran and shortly afterwards. */
  async during(action: () => Promise<unknown>, settle = 400): Promise<number> {
    const before = this.count;
    await action();
    await new Promise((wake) => setTimeout(wake, settle));
    return this.count - before;
  }
}
