// An HTTP server on a free port of this machine, for the peers.

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** Something the server under test talks to. */
export interface Peer {
  /** Its origin. Not `localhost`: for a browser it is another site than the server under test. */
  url: string;
  stop(): Promise<void>;
}

/** Answers requests until it is stopped. */
export async function serve(listener: RequestListener): Promise<Peer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}
