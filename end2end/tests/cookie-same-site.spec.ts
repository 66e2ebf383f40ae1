// What a browser sends when another site makes the request: measures the table in docs/sessions.md. Cookies ignore ports,
// so a second listener under the site's host name receives exactly what the site would get.

import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { serve } from "../peers/serve.ts";
import { startServer } from "../support/server.ts";
import { postForm, signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

const DOCUMENT = resolve(import.meta.dirname, "../../docs/sessions.md");

/** Each kind of request, and how a page makes it to an address. */
const REQUESTS: [string, (page: Page, url: string) => Promise<unknown>][] = [
  ["link, redirect (GET navigation)", (page, url) => inPage(page, `<a href="${url}">x</a>`, "a")],
  ["form (POST navigation)", (page, url) => inPage(page, `<form method="post" action="${url}"><button>x</button></form>`, "button")],
  ["frame", (page, url) => inPage(page, `<iframe src="${url}"></iframe>`)],
  ["image", (page, url) => inPage(page, `<img src="${url}">`)],
  ["`fetch` with credentials", (page, url) => page.evaluate((url) => fetch(url, { mode: "no-cors", credentials: "include" }).then(() => {}), url)],
];

async function inPage(page: Page, html: string, click?: string): Promise<void> {
  await page.evaluate((html) => (document.body.innerHTML = html), html);
  if (click) await page.locator(click).click();
}

function html(response: ServerResponse): void {
  response.setHeader("content-type", "text/html");
  response.end("<!doctype html><link rel=icon href='data:,'><title>x</title><body></body>");
}

/** The columns of the table: what arrives of the session, and of the other cookies. */
function cells(names: string[]): string {
  const others = names.filter((name) => name !== "authjs.session-token").map((name) => name.replace(/^authjs\./, "").split(".")[0]);
  const all = ["callback-url", "csrf-token", "familiar-browser", "last-provider", "transaction", "verify-request"];
  if (others.length > 0) expect(others.sort(), "all of them or none").toEqual(all);
  return `${names.includes("authjs.session-token") ? "sent" : "not sent"} | ${others.length > 0 ? "sent" : "not sent"}`;
}

for (const sameSite of ["lax", "strict"]) {
  test(`CK-03 what arrives from another site is documented: ${sameSite}`, async ({ context, page, watch }) => {
    const server = await startServer({ AUTH_COOKIE_SAME_SITE: sameSite });
    const arrived = new Map<string, string[]>();
    const mirror = await serve((request, response) => {
      const names = (request.headers.cookie ?? "").split("; ").map((cookie) => cookie.split("=")[0]);
      arrived.set(request.url ?? "", names.filter(Boolean));
      html(response);
    });
    const evil = await serve((request, response) => {
      const to = new URL(request.url ?? "/", "http://x").searchParams.get("to");
      if (to) response.writeHead(302, { location: to }).end();
      else html(response);
    });
    const site = mirror.url.replace("127.0.0.1", "localhost");
    for (const origin of [server.url, site, evil.url]) watch.allow(origin);
    watch.expect(FAILED_REQUEST);
    try {
      await signIn(context, server, "ada");
      await postForm(context.request, server, "/api/auth/signin/email", { email: "ada@example.com" });
      await postForm(context.request, server, "/api/auth/signin/dev", {});

      const measure = async (from: string) => {
        const rows: string[] = [];
        for (const [index, [kind, request]] of REQUESTS.entries()) {
          const path = `/${index}?${from}`;
          await page.goto(from);
          await request(page, site + path);
          await expect.poll(() => arrived.has(path), kind).toBe(true);
          rows.push(`| ${kind} | ${sameSite} | ${cells(arrived.get(path) ?? [])} |`);
        }
        return rows;
      };
      for (const row of await measure(site)) expect(row, "control: its own pages").toContain("| sent | sent |");
      const table = await measure(evil.url);
      await page.goto(evil.url);
      await inPage(page, `<a href="/?to=${encodeURIComponent(`${site}/redirected`)}">x</a>`, "a");
      await expect.poll(() => arrived.has("/redirected")).toBe(true);
      expect(table[0]).toContain(cells(arrived.get("/redirected") ?? []));

      const documented = readFileSync(DOCUMENT, "utf8").split("\n").filter((line) => line.includes(`| ${sameSite} |`));
      expect(table).toEqual(documented);
    } finally {
      await Promise.all([server.stop(), mirror.stop(), evil.stop()]);
    }
  });
}
