// What other pages of the browser can do to the hook: cause a request, and nothing else. TS-03.

import { SessionRequests, expectUser, open } from "../support/page.ts";
import { PEOPLE, chooseAtDevId, session, signIn } from "../support/sign-in.ts";
import { nudge, twoTabs } from "../support/tabs.ts";
import { expect, test } from "../support/test.ts";

const ADA = PEOPLE.ada.name;

test.describe("what other pages can do", () => {
  test("TS-03 junk in the channel, in storage and by postMessage is ignored", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const junk = async () => {
      await page.evaluate(() => {
        const channel = new BroadcastChannel("leptos-auth");
        const messages: unknown[] = [
          "", "null", "sessions", "x session", `session ${"x".repeat(100_000)}`, { event: "session", data: { user: "eve" } },
          ["session 1"], 7, null, undefined, new ArrayBuffer(8), "<img src=x onerror=alert(1)>",
        ];
        for (const message of messages) {
          channel.postMessage(message);
          if (typeof message === "string") {
            window.dispatchEvent(new StorageEvent("storage", { key: "leptos-auth", newValue: message }));
            window.dispatchEvent(new StorageEvent("storage", { key: "other", newValue: "session 1" }));
          }
          window.postMessage(message, "*");
        }
        window.postMessage("session 1", "*");
        channel.close();
      });
    };
    expect(await requests.during(junk)).toBe(0);
    await expectUser(page, ADA);
    expect(await requests.during(() => nudge(page)), "control").toBe(1);
  });

  test("TS-03 a flood of good messages causes a handful of requests and changes nothing", async ({ page, context, server }) => {
    await signIn(context, server, "ada");
    await open(page, "/");
    const requests = new SessionRequests(page);
    const flood = () =>
      page.evaluate(async () => {
        const channel = new BroadcastChannel("leptos-auth");
        for (let sent = 0; sent < 500; sent += 1) {
          channel.postMessage(`session ${sent}`);
          await new Promise((wake) => setTimeout(wake, 2));
        }
        channel.close();
      });
    const seconds = await duration(async () => expect(await requests.during(flood)).toBeGreaterThan(0));
    expect(requests.count).toBeLessThanOrEqual(seconds * 4 + 2);
    await expectUser(page, ADA);
  });

  test("TS-03 nothing private is stored in the browser or sent between tabs", async ({ context, server }) => {
    await context.addInitScript(() => {
      const heard: string[] = ((window as any).heard = []);
      new BroadcastChannel("leptos-auth").onmessage = (event) => heard.push(JSON.stringify(event.data));
    });
    const [acting, watching] = await twoTabs(context);
    await open(acting, "/signin");
    await chooseAtDevId(acting, "ada");
    await expectUser(acting, ADA);
    await expectUser(watching, ADA);
    const user = (await session(context.request, server)).user;
    const cookies = (await context.cookies()).map((cookie) => cookie.value);
    for (const page of [acting, watching]) {
      const stored = await page.evaluate(() =>
        JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), (window as any).heard, document.cookie]),
      );
      for (const secret of [user.id, user.name, user.email, ...cookies]) expect(stored).not.toContain(secret);
    }
    const heard: string[] = await watching.evaluate(() => (window as any).heard);
    expect(heard.length, "control: the tabs did talk").toBeGreaterThan(0);
  });
});

async function duration(action: () => Promise<unknown>): Promise<number> {
  const start = Date.now();
  await action();
  return (Date.now() - start) / 1_000;
}
