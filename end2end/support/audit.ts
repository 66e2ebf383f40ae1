// What a page must be, whatever it shows: structure, labels, sizes, overflow. The rules are those of WCAG 2.2 that
// axe-core cannot or does not judge; axe-core judges the rest.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Everything axe-core finds, of any impact, by all of its rules or only by these: one line a finding. */
export async function axe(page: Page, rules?: string[]): Promise<string[]> {
  // Evaluated by the debugger, so the page's own policy stays as it is.
  await page.evaluate(`window.axe || (() => { ${AXE} })()`);
  return page.evaluate(async (rules) => {
    const options = { resultTypes: ["violations"], ...(rules && { runOnly: { type: "rule", values: rules } }) };
    const { violations } = await (window as any).axe.run(document, options);
    return violations.flatMap((violation: any) =>
      violation.nodes.map((node: any) => `axe ${violation.id} (${violation.impact}): ${node.html.slice(0, 160)}`),
    );
  }, rules);
}

/** Structure and sizes: U-01, U-02, U-03, U-08, U-09, U-10. One line a finding. */
export function audit(page: Page, lang = "en", dir = "ltr"): Promise<string[]> {
  return page.evaluate(([lang, dir]) => {
    const findings: string[] = [];
    const all = <E extends Element = HTMLElement>(selector: string) => [...document.querySelectorAll<E>(selector)];
    const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const name = (element: Element) => element.outerHTML.slice(0, 120);
    const isInside = (element: Element, holds: (parent: Element) => boolean): boolean => {
      const parent = element.parentElement;
      return !!parent && parent !== document.body && (holds(parent) || isInside(parent, holds));
    };
    const demand = (row: string, holds: boolean, what: string) => void (holds || findings.push(`${row} ${what}`));

    demand("U-01", all("h1").length === 1, `${all("h1").length} h1`);
    demand("U-01", all("main").length === 1, `${all("main").length} main`);
    demand("U-01", document.documentElement.lang === lang && document.documentElement.dir === dir, "lang or dir");
    demand("U-01", /Leptos Auth$/.test(document.title), `title: ${document.title}`);
    const ids = all("[id]").map((element) => element.id);
    demand("U-01", new Set(ids).size === ids.length, `an id twice: ${ids.filter((id, at) => ids.indexOf(id) !== at)}`);

    for (const box of all<HTMLInputElement>("input[type=checkbox], input[type=radio]")) {
      const label = box.closest("label");
      demand("U-02", !!label?.innerText.trim() || !shown(box), `no visible label: ${name(box)}`);
      const { height } = (label ?? box).getBoundingClientRect(); // A press on the label ticks the box.
      if (shown(box)) demand("U-08", height >= 44, `lower than 44 px: ${name(box)}`);
    }
    for (const input of all<HTMLInputElement>(
      "input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea",
    )) {
      const label = [...(input.labels ?? [])].find((label) => label.htmlFor === input.id && shown(label));
      demand("U-02", !!label?.innerText.trim() || !shown(input), `no visible label: ${name(input)}`);
      if (input.type === "search") continue; // Nothing about the person.
      // What a browser would fill in is another thing: the code of the app, the name of the person.
      if (!input.matches("[name=recoveryCode], [id^=passkey-]"))
        demand("U-03", !!input.autocomplete && input.autocomplete !== "off", `autocomplete: ${name(input)}`);
      if (shown(input)) demand("U-08", input.getBoundingClientRect().height >= 44, `lower than 44 px: ${name(input)}`);
    }
    for (const target of all("a[href], button, summary, [role=button]").filter(shown)) {
      const { width, height } = target.getBoundingClientRect();
      const isInText = getComputedStyle(target).display === "inline" && target.closest("p, li, dd");
      if (target.matches(".skip-link:not(:focus)") || isInText) continue;
      demand("U-08", width >= 24 && height >= 24, `smaller than 24 px (${width}×${height}): ${name(target)}`);
      if (target.matches("main .button")) demand("U-08", height >= 44, `lower than 44 px (${height}): ${name(target)}`);
    }
    demand("U-09", all("[tabindex]").every((element) => element.tabIndex <= 0), "a positive tabindex");
    const { scrollWidth, clientWidth } = document.documentElement;
    demand("U-10", scrollWidth <= clientWidth, `scrolls sideways: ${scrollWidth} of ${clientWidth} px`);
    for (const element of all("main *").filter(shown)) {
      const { left, right, width } = element.getBoundingClientRect();
      const isClipped = isInside(element, (parent) => getComputedStyle(parent).overflowX !== "visible");
      demand("U-10", isClipped || width === 0 || (left >= -1 && right <= clientWidth + 1), `sticks out: ${name(element)}`);
    }
    return findings;
  }, [lang, dir]);
}

/** What is lost when a reader spaces text out (WCAG 1.4.12): U-10. One line a finding. */
export function withTextSpacing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }" +
        "p { margin-bottom: 2em !important }",
    );
    document.adoptedStyleSheets = [sheet];
    const cut = [...document.querySelectorAll<HTMLElement>("main button, main a, main label, main h1, main p")].filter(
      (element) =>
        element.checkVisibility() &&
        getComputedStyle(element).overflowY !== "visible" &&
        element.scrollHeight > element.clientHeight + 2,
    );
    const { scrollWidth, clientWidth } = document.documentElement;
    return [
      ...cut.map((element) => `U-10 cut off: ${element.outerHTML.slice(0, 100)}`),
      ...(scrollWidth > clientWidth ? [`U-10 scrolls sideways: ${scrollWidth} of ${clientWidth} px`] : []),
    ];
  });
}

/** Contrast of two CSS colours by WCAG 2. */
export function contrast(page: Page, first: string, second: string): Promise<number> {
  return page.evaluate(([first, second]) => {
    const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
      willReadFrequently: true,
    })!;
    const luminance = (color: string) => {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((byte) => {
        const channel = byte / 255;
        return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }, [first, second] as const);
}
