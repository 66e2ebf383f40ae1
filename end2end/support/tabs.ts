// What tabs do to each other, and what people do to tabs.

import type { BrowserContext, Page } from "@playwright/test";
import { SessionRequests, open } from "./page.ts";

/** Makes the page ask the server, as a message from another tab does. */
export async function nudge(page: Page): Promise<void> {
  await page.evaluate(() => {
    const channel = new BroadcastChannel("leptos-auth");
    channel.postMessage(`session ${Math.random()}`);
    channel.close();
  });
}

/** Pretends that the page goes to the background, or comes back. */
export async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    if (state === "visible") window.dispatchEvent(new Event("focus"));
  }, visible ? "visible" : "hidden");
}

/** Two tabs of one browser on the front page. */
export async function twoTabs(context: BrowserContext): Promise<[Page, Page]> {
  return [await newTab(context), await newTab(context)];
}

/** Tabs of one browser on the front page, and a count of what each asks the server. */
export async function manyTabs(context: BrowserContext, count: number): Promise<SessionRequests[]> {
  const tabs: SessionRequests[] = [];
  while (tabs.length < count) tabs.push(new SessionRequests(await newTab(context)));
  return tabs;
}

async function newTab(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  await open(tab, "/");
  return tab;
}

/** What all of them asked together. */
export function total(tabs: SessionRequests[]): number {
  return tabs.reduce((sum, { count }) => sum + count, 0);
}

/** Playwright gives the focus to every page at once; on a screen one window has it. */
export async function onlyOneHasFocus(tabs: SessionRequests[]): Promise<void> {
  for (const { page } of tabs.slice(1)) await page.evaluate(() => (document.hasFocus = () => false));
}
