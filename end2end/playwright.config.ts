// How the browser tests run. Rule: nothing is downloaded; Debian's Chromium is the browser.

import { defineConfig } from "@playwright/test";
import { chromium } from "./support/chromium.ts";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // In the whole run a test that fails on a busy machine is tried once more, and named in the summary. Otherwise it is
  // not, so that somebody looks at the trace.
  retries: process.env.CI ? 1 : 0,
  // On two cores a third browser uses the time in which the other two wait.
  workers: 3,
  // A machine with two cores may run these browsers and a compiler at the same time.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["json", { outputFile: "test-results/report.json" }]],
  use: { ...chromium, trace: "retain-on-failure", locale: "en-GB", timezoneId: "UTC" },
});
