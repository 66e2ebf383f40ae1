// What the tests know about the pages.

import { expect, type Locator, type Page, type Request } from "@playwright/test";

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
  private running = new Set<Request>();

  constructor(readonly page: Page) {
    const isOne = (request: Request) => new URL(request.url()).pathname === "/api/auth/session" && request.method() === "GET";
    page.on("request", (request) => {
      if (!isOne(request)) return;
      this.count += 1;
      this.running.add(request);
    });
    page.on("requestfinished", (request) => this.running.delete(request));
    page.on("requestfailed", (request) => this.running.delete(request));
  }

  /**
   * Lets the page's clock run ahead, and the answers keep pace: without that, a question that takes milliseconds
   * would take minutes by the page's clock.
   */
  pass(milliseconds: number, step?: number): Promise<void> {
    return SessionRequests.passAll([this], milliseconds, step);
  }

  /** The same for several tabs of one browser: they have one clock. */
  static async passAll(tabs: SessionRequests[], milliseconds: number, step = 5_000): Promise<void> {
    for (let left = milliseconds; left > 0; left -= step) {
      await tabs[0].page.clock.runFor(Math.min(step, left));
      await pause(10);
      while (tabs.some((tab) => tab.running.size > 0)) await pause(5);
    }
  }

  /** How many while `action` ran and shortly afterwards. */
  async during(action: () => Promise<unknown>, settle = 400): Promise<number> {
    const before = this.count;
    await action();
    await pause(settle);
    return this.count - before;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}
