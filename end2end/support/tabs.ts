// What tabs do to each other, and what people do to tabs.

import type { BrowserContext, Page } from "@playwright/test";
import { open } from "./page.ts";

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
  const tabs: [Page, Page] = [await context.newPage(), await context.newPage()];
  for (const tab of tabs) await open(tab, "/");
  return tabs;
}
