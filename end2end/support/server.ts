// Starts the real server, each with a database and a port of its own. Rule: the tests know the server only
// through HTTP, its environment, its output and its end.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** A server that runs. */
export interface Server {
  /** Its public origin, without a slash at the end. */
  url: string;
  /** What encrypts its tokens. */
  secret: string;
  /** Everything it has printed so far. */
  log(): string;
  /** Ends it and removes its database. */
  stop(): Promise<void>;
}

/** Known to the tests, so that they can make and read tokens. Never used outside them. */
export const SECRET = "end2end: 7Hq2vTz9cXb4Lw8sRk1mYp6gNd3fJa5u";

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** The binary and the site, or one sentence that says how to get them. */
function subject(): { binary: string; site: string } {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const binary = process.env.LEPTOS_AUTH_SERVER ?? join(target, "debug/leptos-auth-server");
  const site = process.env.LEPTOS_SITE_ROOT ?? join(ROOT, "target/site");
  for (const [what, path, variable] of [
    ["server", binary, "LEPTOS_AUTH_SERVER"],
    ["site", join(site, "pkg"), "LEPTOS_SITE_ROOT"],
  ]) {
    if (!existsSync(path)) {
      throw new Error(`There is no ${what} at ${path}. Run \`cargo xtask test\`, or set ${variable}.`);
    }
  }
  return { binary, site };
}

/** Starts a server; `env` comes on top of an empty environment. */
export async function startServer(env: Record<string, string> = {}, port?: number): Promise<Server> {
  const { binary, site } = subject();
  const folder = mkdtempSync(join(tmpdir(), "leptos-auth-end2end-"));
  port ??= await freePort();
  const url = `http://localhost:${port}`;
  const process_ = spawn(binary, [], {
    cwd: folder, // No `.env` here: a developer's settings must not decide a test.
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOST: "127.0.0.1",
      PORT: String(port),
      AUTH_URL: url,
      AUTH_SECRET: SECRET,
      DATABASE_URL: `sqlite://${folder}/app.db`,
      LEPTOS_SITE_ROOT: site,
      RUST_LOG: process.env.RUST_LOG ?? "info",
      RUST_BACKTRACE: "1",
      ...env,
    },
  });
  let output = "";
  for (const stream of [process_.stdout, process_.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const stop = async () => {
    await end(process_);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(process_, url, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, secret: SECRET, log: () => output, stop };
}

/** Waits until it answers. */
async function listening(process_: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 15_000;
  let failure: Error | undefined;
  process_.once("error", (error) => (failure = error));
  while (!(await fetch(`${url}/health`).then((answer) => answer.ok, () => false))) {
    if (failure || process_.exitCode !== null || Date.now() > deadline) {
      throw new Error(`The server did not start${failure ? `: ${failure.message}` : ""}. It said:\n${output()}`);
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

async function end(process_: ChildProcess): Promise<void> {
  if (process_.exitCode !== null || process_.pid === undefined) return;
  const exited = once(process_, "exit");
  process_.kill("SIGTERM");
  const impatient = setTimeout(() => process_.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(impatient);
}
