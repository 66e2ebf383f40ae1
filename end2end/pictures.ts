// `npm run pictures`: the pictures of the README, taken anew from the running app. They land in `docs/images`: both themes of the
// sign-in page, and a sign-in from the front page to the list of devices as an animated WebP (needs `img2webp`, Debian's `webp`).

import { execFileSync } from "node:child_process";
import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { hydrated } from "./support/page.ts";
import { expect, test } from "./support/test.ts";
import { FAILED_REQUEST } from "./support/watch.ts";

const IMAGES = `${import.meta.dirname}/../docs/images`;

for (const colorScheme of ["light", "dark"] as const) {
  test(`sign-in, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 960, height: 1010 });
    await page.goto("/dev/gallery/sign-in-passkey");
    await hydrated(page);
    await page.screenshot({ path: `${IMAGES}/sign-in-${colorScheme}.png` });
  });
}

test("a sign-in, from the front page to the devices", async ({ page, watch }) => {
  watch.expect(FAILED_REQUEST);
  await page.setViewportSize({ width: 960, height: 720 });
  const folder = mkdtempSync(join(tmpdir(), "leptos-auth-pictures-"));
  const frames: string[] = [];
  const frame = async (page: Page, milliseconds: number) => {
    const path = join(folder, `${frames.length}.png`);
    await page.screenshot({ path });
    frames.push("-d", `${milliseconds}`, path);
  };
  await page.goto("/");
  await hydrated(page);
  await frame(page, 1600);
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).click();
  await hydrated(page);
  await frame(page, 1800);
  await page.getByRole("button", { name: /Dev ID/ }).click();
  await page.getByRole("button", { name: "Ada Lovelace" }).waitFor();
  await frame(page, 1600);
  await page.getByRole("button", { name: "Ada Lovelace" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Ada");
  await hydrated(page);
  await frame(page, 1600);
  for (const [path, milliseconds] of [["/account", 1800], ["/account/methods", 2000], ["/account/devices", 2200]] as const) {
    await page.goto(path);
    await hydrated(page);
    await frame(page, milliseconds);
  }
  const target = `${IMAGES}/sign-in.webp`;
  execFileSync("img2webp", ["-loop", "0", "-lossy", "-q", "70", ...frames, "-o", target]);
  expect(statSync(target).size, "the README stays light").toBeLessThan(1_000_000);
});
