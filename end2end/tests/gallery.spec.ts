// Every page in every state: axe-core and our own audit, in both themes and three widths. U-01, U-02, U-03, U-06,
// U-08, U-09, U-10, U-11, U-12, U-21, U-42, HD-10.

import type { Page } from "@playwright/test";
import { audit, axe, withTextSpacing } from "../support/audit.ts";
import { someStates } from "../support/gallery.ts";
import { hydrated } from "../support/page.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

test.describe.configure({ mode: "parallel" });
test.beforeEach(({ watch }) => watch.expect(FAILED_REQUEST)); // States that are errors answer as errors.

/** axe-core where its answer may differ: in the narrow and the wide layout, and in the dark theme for its colours. */
async function axeAt(page: Page, width: number, colorScheme: "light" | "dark"): Promise<string[]> {
  if (width === 768) return [];
  return axe(page, colorScheme === "dark" ? ["color-contrast"] : undefined);
}

const PARTS = 16;
for (let part = 0; part < PARTS; part += 1) {
  test(`U-01 U-06 U-08 U-10 U-21 all themes and widths, part ${part + 1} of ${PARTS}`, async ({ page, request }) => {
    test.setTimeout(120_000);
    const findings: string[] = [];
    for (const state of await someStates(request, part, PARTS)) {
      await page.goto(state);
      await hydrated(page);
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          const found = [...(await audit(page)), ...(await axeAt(page, width, colorScheme))];
          findings.push(...found.map((finding) => `${state}, ${colorScheme}, ${width} px: ${finding}`));
        }
      }
      await page.setViewportSize({ width: 320, height: 256 }); // 1280 × 1024 at 400 %
      findings.push(...(await withTextSpacing(page)).map((finding) => `${state}, wide text: ${finding}`));
    }
    expect(findings).toEqual([]);
  });

  test(`U-06 U-47 Arabic mirrors every page, German fits, part ${part + 1} of ${PARTS}`, async ({ page, request, server }) => {
    test.setTimeout(120_000);
    const findings: string[] = [];
    const speak = (value: string) => page.context().addCookies([{ name: "language", value, url: server.url }]);
    for (const state of await someStates(request, part, PARTS)) {
      await speak("ar");
      await page.goto(state);
      await hydrated(page);
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        findings.push(...(await audit(page, "ar", "rtl")).map((finding) => `${state}, Arabic, ${width} px: ${finding}`));
      }
      findings.push(...(await axe(page)).map((finding) => `${state}, Arabic: ${finding}`));
      await speak("de"); // The longest words.
      await page.setViewportSize({ width: 320, height: 800 });
      await page.goto(state);
      findings.push(...(await audit(page, "de")).map((finding) => `${state}, German: ${finding}`));
    }
    expect(findings).toEqual([]);
  });
}

test("control: the audit and axe-core do find something", async ({ page }) => {
  await page.goto("/signin");
  await hydrated(page); // Else the script finds another document than the server sent.
  await page.evaluate(() => {
    document.body.innerHTML =
      '<h1>a</h1><h1>b</h1><input id="x"><input id="x"><button>o</button><main><p>wide</p></main>' +
      '<p>pale</p><img src="/favicon.svg">';
    const [wide, pale] = document.querySelectorAll("p");
    wide.style.width = "3000px";
    Object.assign(pale.style, { color: "#ccc", background: "#fff" });
  });
  const rows = (await audit(page)).map((finding) => finding.split(" ")[0]);
  for (const row of ["U-01", "U-02", "U-03", "U-08", "U-10"]) expect(rows).toContain(row);
  const ids = (await axe(page)).map((finding) => finding.split(" ")[1]);
  for (const id of ["label", "color-contrast", "image-alt"]) expect(ids).toContain(id);
});

test("U-11 nothing moves for who asks for that", async ({ page }) => {
  const moving = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((element) => {
        const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
        const seconds = [transitionDuration, animationName === "none" ? "0s" : animationDuration]
          .flatMap((list) => list.split(", "))
          .map((time) => parseFloat(time) * (time.endsWith("ms") ? 0.001 : 1));
        return Math.max(...seconds) > 0.01 ? [element.outerHTML.slice(0, 80)] : [];
      }),
    );
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const path of ["/", "/signin", "/dev/gallery/resend-wait"]) {
    await page.goto(path);
    expect(await moving(), path).toEqual([]);
  }
});

test("U-12 in forced colours buttons keep an outline and the focus shows", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await page.goto("/signin");
  await hydrated(page);
  for (const button of await page.locator("main .button:visible").all()) {
    const border = await button.evaluate((element) => parseFloat(getComputedStyle(element).borderTopWidth));
    expect(border, await button.innerText()).toBeGreaterThanOrEqual(1);
  }
  await page.getByLabel("Email address").focus();
  const outline = await page.getByLabel("Email address").evaluate((element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return { outlineStyle, width: parseFloat(outlineWidth) };
  });
  expect(outline.outlineStyle).not.toBe("none");
  expect(outline.width).toBeGreaterThanOrEqual(2);
});
