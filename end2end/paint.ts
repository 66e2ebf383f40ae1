// `npm run paint`: how soon the pages of a running server are seen on a slow line, when their islands are awake, and how
// much jumps. A measurement and not a test: times depend on the machine. Start a release first (`cargo xtask build`), and
// name another address than http://localhost:3000 by PAINT_URL.
//
// The line is Lighthouse's slow 4G (1.6 Mbit/s, a round trip of 150 ms), the processor four times slower than this one.
// Each visit is a first one: nothing is cached.

import { test } from "@playwright/test";

const URL = process.env.PAINT_URL ?? "http://localhost:3000";
const PAGES = ["/", "/signin", "/signup", "/forgot-password", "/verify-request", "/error?error=AccessDenied"];
const VISITS = 5;
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };

interface Seen {
  /** Largest contentful paint, in ms since the address was asked for. */
  paint: number;
  /** When all islands were awake, in ms. */
  awake: number;
  /** Cumulative layout shift. */
  jump: number;
}

test("first visits on a slow line", async ({ browser }) => {
  const rows = [];
  for (const path of PAGES) {
    const visits: Seen[] = [];
    for (let visit = 0; visit < VISITS; visit++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const browserTools = await context.newCDPSession(page);
      await browserTools.send("Network.emulateNetworkConditions", LINE);
      await browserTools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      await page.addInitScript(watch);
      await page.goto(URL + path);
      await page.locator("html[data-hydrated]").waitFor();
      await page.waitForTimeout(500); // What the islands change is drawn.
      visits.push(await page.evaluate(() => (window as unknown as { seen: Seen }).seen));
      await context.close();
    }
    const worst = (of: (seen: Seen) => number) => Math.max(...visits.map(of));
    rows.push({ path, paint: worst((v) => v.paint), awake: worst((v) => v.awake), jump: worst((v) => v.jump) });
  }
  console.log(`The worst of ${VISITS} visits each: ms, ms, layout shift`);
  for (const { path, paint, awake, jump } of rows) {
    console.log(`${path.padEnd(28)} ${paint.toFixed(0).padStart(6)} ${awake.toFixed(0).padStart(6)} ${jump.toFixed(3)}`);
  }
});

/** Runs in the page, before anything of it. */
function watch(): void {
  const seen: Seen = { paint: 0, awake: 0, jump: 0 };
  (window as unknown as { seen: Seen }).seen = seen;
  const observe = (type: string, act: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
  observe("largest-contentful-paint", (entry) => (seen.paint = entry.startTime));
  observe("layout-shift", (entry) => (seen.jump += (entry as unknown as { value: number }).value));
  new MutationObserver(() => (seen.awake ||= performance.now())).observe(document, {
    subtree: true,
    attributeFilter: ["data-hydrated"],
  });
}
