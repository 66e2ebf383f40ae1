// The client of Auth.js, unmodified: npm `next-auth`, bundled as its users bundle it. The page is answered by the
// test itself, under the origin of the server, so the client's requests are real and its cookies are first-party.

import { build } from "esbuild";
import type { BrowserContext, Page } from "@playwright/test";

/** Which release: v5 sends `X-Auth-Return-Redirect`, v4 sends `json=true`. */
export type Version = "v5" | "v4";

/** Path of the page; the server does not know it. */
const PATH = "/app-that-uses-next-auth";

const bundles = new Map<Version, Promise<string>>();

function bundle(version: Version): Promise<string> {
  const known = bundles.get(version);
  if (known) return known;
  const built = build({
    entryPoints: [`${import.meta.dirname}/auth-js-client/page.js`],
    alias: version === "v4" ? { "next-auth/react": "next-auth-v4/react" } : {},
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "error",
    define: {
      "process.env.NODE_ENV": '"production"',
      "process.env.NEXTAUTH_URL": "undefined",
      "process.env.NEXTAUTH_URL_INTERNAL": "undefined",
      "process.env.VERCEL_URL": "undefined",
      "process.env.__NEXTAUTH_URL": "undefined",
    },
  }).then((result) => result.outputFiles?.[0]?.text ?? "");
  bundles.set(version, built);
  return built;
}

/** Opens the page in a new tab of this browser context. */
export async function openAuthJsClient(context: BrowserContext, version: Version): Promise<Page> {
  const script = await bundle(version);
  const page = await context.newPage();
  await page.route(`**${PATH}`, (route) =>
    route.fulfill({
      contentType: "text/html; charset=utf-8",
      body: `<!doctype html><title>next-auth ${version}</title><div id="app"></div><script type="module">${script.replaceAll("</script", "<\\/script")}</script>`,
    }),
  );
  await page.goto(PATH);
  return page;
}
