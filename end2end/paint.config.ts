// `npm run paint`: see `paint.ts`.

import { defineConfig } from "@playwright/test";
import screenshots from "./screenshots.config.ts";

export default defineConfig({ ...screenshots, testMatch: "paint.ts", workers: 1, outputDir: "test-results/paint-run" });
