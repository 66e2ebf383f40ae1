// The first HTML and every frame after it know who is signed in. U-31, LP-08.

import type { Page } from "@playwright/test";
import { SessionRequests, open } from "../support/page.ts";
import { PEOPLE, signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;

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
