// The browser: Debian's, because Playwright's own cannot be downloaded everywhere. Flags reduce background activity.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Returns the first Chromium on PATH, preferably one without windows, which is faster; CHROMIUM overrides it. */
function findChromium(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  const found = process.env.CHROMIUM ?? candidates.find((path) => existsSync(path));
  if (!found) throw new Error("The browser tests need Chromium: on Debian `apt-get install chromium`.");
  return found;
}

/** The part of Playwright's `use` that chooses the browser. */
export const chromium = {
  browserName: "chromium" as const,
  launchOptions: {
    executablePath: findChromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};
