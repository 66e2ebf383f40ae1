// Tokens of every release of Auth.js, there and back: its libraries read ours, and we read theirs.

import { decode, encode } from "@auth/core/jwt";
import { decode as decodeV4, encode as encodeV4 } from "next-auth-v4/jwt";
import { openAuthJsClient } from "../peers/auth-js-client.ts";
import { PEOPLE, session, signIn } from "../support/sign-in.ts";
import { expect, test } from "../support/test.ts";
import { FAILED_REQUEST } from "../support/watch.ts";

const V4_COOKIE = "next-auth.session-token";
const MINTED = { sub: "user-1", name: "Minted Elsewhere", email: "minted@example.com", picture: null };

test.use({ server: async ({ v4Server }, use) => use(v4Server) });

test("next-auth v4 reads our cookie", async ({ context, server }) => {
  await signIn(context, server, "ada");
  const token = (await context.cookies()).find(({ name }) => name === V4_COOKIE)?.value;
  const claims = await decodeV4({ token, secret: server.secret });
  expect(claims).toMatchObject(PEOPLE.ada);
  expect(claims?.sub).toBe((await session(context.request, server)).user.id);
  await expect(decodeV4({ token, secret: `${server.secret}!` }), "control").rejects.toThrow();
});

test("we read cookies of v4, and of v5 where that is accepted", async ({ context, server }) => {
  const set = async (value: string) =>
    context.addCookies([{ name: V4_COOKIE, value, url: server.url, httpOnly: true, sameSite: "Lax" }]);
  await set(await encodeV4({ token: MINTED, secret: `${server.secret}!` }));
  expect(await session(context.request, server), "control: another secret").toEqual({});
  await set(await encodeV4({ token: MINTED, secret: server.secret }));
  expect((await session(context.request, server)).user).toMatchObject({ id: "user-1", name: MINTED.name });
  await context.clearCookies();
  await set(await encode({ token: MINTED, secret: server.secret, salt: V4_COOKIE }));
  expect((await session(context.request, server)).user).toMatchObject({ id: "user-1", name: MINTED.name });
});

test("@auth/core does not take a token of v4 for one of v5", async ({ context, server }) => {
  await signIn(context, server, "ada");
  const token = (await context.cookies()).find(({ name }) => name === V4_COOKIE)?.value;
  await expect(decode({ token, secret: server.secret, salt: V4_COOKIE })).rejects.toThrow();
});

test("the client of v4 hears of nobody in its own way", async ({ context, watch }) => {
  watch.expect(FAILED_REQUEST); // v4 is told 401.
  const page = await openAuthJsClient(context, "v4");
  const call = (name: string, ...values: unknown[]): Promise<any> =>
    page.evaluate(([name, values]) => (window as any).client[name](...values), [name, values] as const);
  const status = (status: string) => expect(page.locator("#session")).toHaveAttribute("data-status", status);
  await status("unauthenticated");
  const demo = { username: "demo", password: "demo-password", redirect: false };
  expect(await call("signIn", "credentials", { ...demo, password: "wrong" })).toMatchObject({ status: 401, ok: false });
  expect(await call("signIn", "credentials", demo)).toMatchObject({ error: null, ok: true });
  await status("authenticated");
  await call("signOut", { redirect: false });
  await status("unauthenticated");
});
