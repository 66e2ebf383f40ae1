// Every service that docs/providers has a page for, as somebody would turn it on who copies from there.

import { generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const FOLDER = resolve(import.meta.dirname, "../../docs/providers");

/** Variables that turn all of them on, and providers that nobody knows up to `count`. */
export function manyProviders(count: number): Record<string, string> {
  const pages = readdirSync(FOLDER).map((name) => readFileSync(`${FOLDER}/${name}`, "utf8"));
  const lines = pages.flatMap((page) => [...page.matchAll(/^ +(AUTH_\w+)=(.*)$/gm)]);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const filled = (name: string, value: string) => (name.endsWith("_PRIVATE_KEY") ? key : value === "…" ? "end2end" : value);
  const variables = Object.fromEntries(lines.map(([, name, value]) => [name, filled(name, value)]));
  for (let number = pages.length + 1; number <= count; number += 1) {
    const prefix = `AUTH_SUBSIDIARY_${number}`;
    const name = `Subsidiary ${number} of Wolfeschlegelsteinhausenbergerdorff Holding`;
    const values = { ISSUER: "https://login.example.com", ID: "end2end", SECRET: "end2end", NAME: name };
    for (const [part, value] of Object.entries(values)) variables[`${prefix}_${part}`] = value;
  }
  return variables;
}
