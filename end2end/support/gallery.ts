// The states of `/dev/gallery`, in parts that workers share.

import { expect, type APIRequestContext } from "@playwright/test";

/** Paths of all states. */
export async function galleryStates(request: APIRequestContext): Promise<string[]> {
  const html = await (await request.get("/dev/gallery")).text();
  const states = [...new Set([...html.matchAll(/href="(\/dev\/gallery\/[\w-]+)"/g)].map((match) => match[1]))];
  expect(states.length, "states in the gallery").toBeGreaterThanOrEqual(20);
  return states;
}

/** Every `parts`-th state, beginning with `part`. */
export async function someStates(request: APIRequestContext, part: number, parts: number): Promise<string[]> {
  return (await galleryStates(request)).filter((_, index) => index % parts === part);
}
