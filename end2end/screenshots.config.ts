// `npm run screenshots`: pictures for eyes, not a test. They land in `test-results/screenshots`, outside git.

import { defineConfig } from "@playwright/test";
import { chromium } from "./support/chromium.ts";

export default defineConfig({
  testDir: ".",
  testMatch: "screenshots.ts",
  outputDir: "test-results/screenshots-run",
  workers: 2,
  timeout: 300_000,
  reporter: "list",
  use: { ...chromium, locale: "en-GB", timezoneId: "UTC" },
});
