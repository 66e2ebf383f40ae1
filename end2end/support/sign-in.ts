// Shortcuts through sign-in for tests that are about something else. They speak HTTP with the cookies of a browser
// context; the suites `first-run` and `email` go the long way, by mouse.

import { expect, type APIRequestContext, type BrowserContext, type Page } from "@playwright/test";

/** The people of the dev identity provider. */
export const PEOPLE = {
  ada: { name: "Ada Lovelace", email: "ada@example.com" },
  grace: { name: "Grace Hopper", email: "grace@example.com" },
} as const;

export type Person = keyof typeof PEOPLE;

/** Signs a browser context in through Dev ID. Tabs that are open do not hear of it by themselves. */
export async function signIn(context: BrowserContext, server: { url: string }, person: Person): Promise<void> {
  const { request } = context;
  const url = await postForm(request, server, "/api/auth/signin/dev", { callbackUrl: "/" });
  const chosen = await request.post(`${server.url}/dev/idp/authorize`, {
    headers: { origin: server.url },
    form: { request: new URL(url).search.slice(1), persona: person },
    maxRedirects: 0,
  });
  const back = await request.get(chosen.headers()["location"], { maxRedirects: 0 });
  expect([302, 303]).toContain(back.status());
  expect((await session(request, server))?.user).toMatchObject(PEOPLE[person]);
}

/** Ends the session without telling the tabs that are open. */
export async function signOut(context: BrowserContext, server: { url: string }): Promise<void> {
  await postForm(context.request, server, "/api/auth/signout", { callbackUrl: "/" });
  expect(await session(context.request, server)).toBeNull();
}

/** POSTs one of the auth forms as a script would; answers with the address to go to. */
export async function postForm(
  request: APIRequestContext,
  server: { url: string },
  path: string,
  fields: Record<string, string>,
): Promise<string> {
  const { csrfToken } = await (await request.get(`${server.url}/api/auth/csrf`)).json();
  const response = await request.post(server.url + path, {
    headers: { origin: server.url, "x-auth-return-redirect": "1" },
    form: { csrfToken, ...fields },
  });
  expect(response.status(), `POST ${path}`).toBe(200);
  return (await response.json()).url;
}

/** What the server says about this browser. */
export async function session(request: APIRequestContext, server: { url: string }): Promise<any> {
  const response = await request.get(`${server.url}/api/auth/session`);
  expect(response.status()).toBe(200);
  return response.json();
}

/** Signs in through Dev ID by mouse, from the sign-in page. */
export async function chooseAtDevId(page: Page, person: Person): Promise<void> {
  await page.getByRole("button", { name: "Continue with Dev ID" }).click();
  await page.getByRole("button", { name: PEOPLE[person].name }).click();
  await passWelcome(page);
}

/** Somebody new is welcomed first. */
export async function passWelcome(page: Page): Promise<void> {
  await page.waitForURL((url) => !/^\/(signin|dev|api|verify-request)/.test(url.pathname));
  if (new URL(page.url()).pathname === "/welcome") await page.getByRole("link", { name: "Continue" }).click();
}
