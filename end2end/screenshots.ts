// Takes a picture of every page and every state of the gallery: both themes, a phone and a desktop.

import { galleryStates } from "./support/gallery.ts";
import { hydrated } from "./support/page.ts";
import { signIn } from "./support/sign-in.ts";
import { test } from "./support/test.ts";
import { FAILED_REQUEST } from "./support/watch.ts";

const FOLDER = `${import.meta.dirname}/test-results/screenshots`;

test.describe.configure({ mode: "parallel" });
for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [320, 1280]) {
    test(`${colorScheme} ${width}`, async ({ page, context, request, server, watch }) => {
      watch.expect(FAILED_REQUEST);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const take = async (path: string, name: string) => {
        await page.goto(path);
        await hydrated(page);
        await page.screenshot({ path: `${FOLDER}/${name}.${colorScheme}.${width}.png`, fullPage: true });
      };
      await take("/", "home");
      await take("/signin", "signin");
      for (const state of await galleryStates(request)) await take(state, `gallery-${state.split("/").at(-1)}`);
      await signIn(context, server, "ada");
      await take("/", "home-signed-in");
      await take("/account", "account-real");
      await page.locator("header summary").click();
      await page.screenshot({ path: `${FOLDER}/menu.${colorScheme}.${width}.png` });
      for (const [path, name] of [["/dev/inbox", "dev-inbox"], ["/dev/gallery", "dev-gallery"]]) {
        await page.goto(path);
        await page.screenshot({ path: `${FOLDER}/${name}.${colorScheme}.${width}.png`, fullPage: true });
      }
    });
  }
}
