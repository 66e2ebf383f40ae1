// `npm run pictures`: see `pictures.ts`.

import { defineConfig } from "@playwright/test";
import screenshots from "./screenshots.config.ts";

export default defineConfig({ ...screenshots, testMatch: "pictures.ts", outputDir: "test-results/pictures-run" });
