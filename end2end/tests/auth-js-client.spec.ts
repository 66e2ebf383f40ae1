// The client of Auth.js, unmodified, drives our server; its token library reads our cookie and we read its.

import { decode, encode } from "@auth/core/jwt";
import type { Page } from "@playwright/test";
import { openAuthJsClient } from "../peers/auth-js-client.ts";
import { device, passkeys } from "../support/device.ts";
import { expectUser } from "../support/page.ts";
import { PEOPLE, session, signIn, signOut } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

test.use({ server: async ({ jwtServer }, use) => use(jwtServer) });

const COOKIE = "authjs.session-token";
const DEMO = { username: "demo", password: "demo-password" };

/** Calls a function of the client in the page. */
function call(page: Page, name: string, ...values: unknown[]): Promise<any> {
  return page.evaluate(([name, values]) => (window as any).client[name](...values), [name, values] as const);
}

async function expectStatus(page: Page, status: string): Promise<void> {
  await expect(page.locator("#session")).toHaveAttribute("data-status", status);
}

test.describe("next-auth v5", () => {
  test("registers a passkey, signs in with it, and so does our own page", async ({ context, server }) => {
    await signIn(context, server, "ada");
    const page = await openAuthJsClient(context, "v5");
    const authenticator = await device(page);
    const registered = await call(page, "signInWithPasskey", "passkey", { action: "register", redirect: false });
    expect(registered).toMatchObject({ ok: true, status: 200 });
    expect(registered.error ?? null).toBeNull();
    expect(await passkeys(authenticator)).toHaveLength(1);

    await signOut(context, server);
    const back = await call(page, "signInWithPasskey", "passkey", { redirect: false });
    expect(back.error ?? null).toBeNull();
    expect((await session(context.request, server)).user.name).toBe(PEOPLE.ada.name);

    await signOut(context, server);
    await page.goto("/signin?callbackUrl=%2Faccount");
    await page.waitForURL("/account");
    expect((await session(context.request, server)).user.name).toBe(PEOPLE.ada.name);
  });

  test("session, csrf and providers have the shapes it knows", async ({ context, server }) => {
    const page = await openAuthJsClient(context, "v5");
    await expectStatus(page, "unauthenticated");
    expect(await call(page, "getSession")).toBeNull();
    expect(await call(page, "getCsrfToken")).toMatch(/^[0-9a-f]{64}$/);
    const providers = await call(page, "getProviders");
    expect(Object.keys(providers).sort()).toEqual(["credentials", "dev", "email", "passkey", "password"]);
    expect(providers.dev).toEqual({
      id: "dev",
      name: "Dev ID",
      type: "oidc",
      signinUrl: `${server.url}/api/auth/signin/dev`,
      callbackUrl: `${server.url}/api/auth/callback/dev`,
    });
    expect(providers.credentials.type).toBe("credentials");
    expect(providers.email.type).toBe("email");
  });

  test("signs in with a wrong and with the right password, updates, signs out", async ({ context }) => {
    const page = await openAuthJsClient(context, "v5");
    await expectStatus(page, "unauthenticated");

    const bad = await call(page, "signIn", "credentials", { ...DEMO, password: "wrong", redirect: false });
    expect(bad).toEqual({ error: "CredentialsSignin", code: "credentials", status: 200, ok: true, url: null });
    await expectStatus(page, "unauthenticated");

    const good = await call(page, "signIn", "credentials", { ...DEMO, redirect: false });
    expect(good).toMatchObject({ ok: true, status: 200 });
    expect(good.error ?? null).toBeNull();
    expect(good.url).toBeTruthy();
    await expectStatus(page, "authenticated");
    const shown = JSON.parse((await page.locator("#session").textContent()) ?? "");
    expect(shown.user).toMatchObject({ name: "Demo User", email: "demo@example.com" });
    expect(Date.parse(shown.expires)).toBeGreaterThan(Date.now());

    expect((await call(page, "update"))?.user.name, "update() reads").toBe("Demo User");
    expect((await call(page, "update", { anything: 1 }))?.user.name, "update(data) posts").toBe("Demo User");
    await expectStatus(page, "authenticated");

    expect(await call(page, "signOut", { redirect: false })).toHaveProperty("url");
    await expectStatus(page, "unauthenticated");
    expect(await call(page, "getSession")).toBeNull();
  });

  test("sends the browser to the provider, and asks for a mail", async ({ context, server }) => {
    const page = await openAuthJsClient(context, "v5");
    await expectStatus(page, "unauthenticated");
    const mail = await call(page, "signIn", "email", { email: "client@example.com", redirect: false });
    expect(mail).toMatchObject({ ok: true });
    expect(mail.error ?? null).toBeNull();
    expect(mail.url).toContain("/verify-request");

    void call(page, "signIn", "dev", { redirectTo: "/account" }).catch(() => {});
    await page.getByRole("button", { name: PEOPLE.ada.name }).click();
    await page.waitForURL(/\/(welcome|account)/);
    expect((await session(context.request, server))?.user.name).toBe(PEOPLE.ada.name);
  });

  test("our tabs and theirs live side by side", async ({ context, server }) => {
    const theirs = await openAuthJsClient(context, "v5");
    const ours = await context.newPage();
    await ours.goto("/");
    await call(theirs, "signIn", "credentials", { ...DEMO, redirect: false });
    await expectStatus(theirs, "authenticated");
    await ours.goto("/");
    await expectUser(ours, "Demo User");
    await signOut(context, server);
    await call(theirs, "getSession");
    expect(await call(theirs, "getSession")).toBeNull();
  });
});

test.describe("next-auth v4", () => {
  test("signs in with a wrong and with the right password, and out", async ({ context, watch }) => {
    watch.expect(FAILED_REQUEST); // v4 is told 401.
    // Nobody is `{}` in v4 and `null` in v5. We answer `null`; v4 complains and then does the right thing.
    watch.expect(/CLIENT_FETCH_ERROR/);
    const page = await openAuthJsClient(context, "v4");
    await expectStatus(page, "unauthenticated");
    expect(Object.keys(await call(page, "getProviders")).sort()).toEqual(["credentials", "dev", "email", "passkey", "password"]);
    const bad = await call(page, "signIn", "credentials", { ...DEMO, password: "wrong", redirect: false });
    expect(bad).toMatchObject({ error: "CredentialsSignin", status: 401, ok: false, url: null });
    const good = await call(page, "signIn", "credentials", { ...DEMO, redirect: false });
    expect(good).toMatchObject({ error: null, status: 200, ok: true });
    await expectStatus(page, "authenticated");
    expect((await call(page, "update"))?.user.name).toBe("Demo User");
    expect(await call(page, "signOut", { redirect: false })).toHaveProperty("url");
    await expectStatus(page, "unauthenticated");
  });
});

test.describe("tokens", () => {
  test.use({ server: async ({ jwtServer }, use) => use(jwtServer) });

  test("@auth/core reads our cookie", async ({ context, server }) => {
    await signIn(context, server, "ada");
    const cookie = (await context.cookies()).find(({ name }) => name === COOKIE);
    const token = await decode({ token: cookie?.value, secret: server.secret, salt: COOKIE });
    expect(token).toMatchObject(PEOPLE.ada);
    expect(token?.sub).toBe((await session(context.request, server)).user.id);
    for (const claim of ["iat", "exp", "jti"]) expect(token).toHaveProperty(claim);
    await expect(decode({ token: cookie?.value, secret: `${server.secret}!`, salt: COOKIE }), "control").rejects.toThrow();
  });

  test("we read a cookie of @auth/core", async ({ page, context, server }) => {
    const token = { sub: "user-1", name: "Minted Elsewhere", email: "minted@example.com", picture: null };
    const set = async (secret: string, salt: string) => {
      const value = await encode({ token, secret, salt, maxAge: 3_600 });
      await context.addCookies([{ name: COOKIE, value, url: server.url, httpOnly: true, sameSite: "Lax" }]);
    };
    await set(`${server.secret}!`, COOKIE);
    expect(await session(context.request, server), "control: another secret").toBeNull();
    await set(server.secret, `__Secure-${COOKIE}`);
    expect(await session(context.request, server), "control: another salt").toBeNull();
    await set(server.secret, COOKIE);
    expect((await session(context.request, server))?.user).toMatchObject({ id: "user-1", name: token.name, email: token.email });
    await page.goto("/");
    await expectUser(page, token.name);
  });
});
