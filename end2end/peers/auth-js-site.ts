// An Auth.js site that others wrote: `@auth/core` with `@auth/pg-adapter` on a PostgreSQL database of its own. It answers
// requests without a port, as if it stood where the server under test stands.

import { randomBytes } from "node:crypto";
import { Auth } from "@auth/core";
import type { Adapter } from "@auth/core/adapters";
import PostgresAdapter from "@auth/pg-adapter";
import pg from "pg";
import type { HonestProvider } from "./honest-provider.ts";

/** The tables of its documentation. */
const SCHEMA = `
  CREATE TABLE verification_token (
    identifier TEXT NOT NULL, expires TIMESTAMPTZ NOT NULL, token TEXT NOT NULL, PRIMARY KEY (identifier, token)
  );
  CREATE TABLE accounts (
    id SERIAL PRIMARY KEY, "userId" INTEGER NOT NULL, type VARCHAR(255) NOT NULL, provider VARCHAR(255) NOT NULL,
    "providerAccountId" VARCHAR(255) NOT NULL, refresh_token TEXT, access_token TEXT, expires_at BIGINT, id_token TEXT,
    scope TEXT, session_state TEXT, token_type TEXT
  );
  CREATE TABLE sessions (
    id SERIAL PRIMARY KEY, "userId" INTEGER NOT NULL, expires TIMESTAMPTZ NOT NULL, "sessionToken" VARCHAR(255) NOT NULL
  );
  CREATE TABLE users (id SERIAL PRIMARY KEY, name VARCHAR(255), email VARCHAR(255), "emailVerified" TIMESTAMPTZ, image TEXT);`;

/** The site, its database and its adapter. */
export interface AuthJsSite {
  /** Of its database. */
  url: string;
  adapter: Required<Pick<Adapter, "getUser" | "getUserByEmail" | "getUserByAccount" | "getSessionAndUser" | "deleteSession">>;
  /** Answers a request. */
  answer(request: Request): Promise<Response>;
  /** Links that it has mailed. */
  mails: string[];
  /** One number from the database. */
  count(table: string): Promise<number>;
  stop(): Promise<void>;
}

/** Makes a database on that PostgreSQL, and the site on it. */
export async function startAuthJsSite(postgres: string, secret: string, honest: HonestProvider): Promise<AuthJsSite> {
  const name = `authjs_${randomBytes(8).toString("hex")}`;
  const url = new URL(postgres);
  url.pathname = name;
  await run(postgres, `CREATE DATABASE ${name}`);
  const pool = new pg.Pool({ connectionString: url.href });
  await pool.query(SCHEMA);
  const adapter = PostgresAdapter(pool) as AuthJsSite["adapter"];
  const mails: string[] = [];
  const answer = (request: Request) =>
    Auth(request, {
      adapter: adapter as Adapter,
      basePath: "/api/auth",
      secret,
      trustHost: true,
      session: { strategy: "database" },
      providers: [
        // Without `idToken: false` it would not ask the provider for name and address.
        { id: "honest", type: "oidc", name: "Honest", idToken: false, ...pick(honest) },
        {
          id: "email",
          type: "email",
          name: "Email",
          sendVerificationRequest: async ({ url }: { url: string }) => void mails.push(url),
        } as never,
      ],
      // A used link is what a test tries on purpose.
      logger: { error: (error) => void (error.name === "Verification" || console.error(error)) },
      callbacks: { session: ({ session, user }) => ({ ...session, user: { ...session.user, id: user.id } }) },
    });
  const count = async (table: string) => Number((await pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
  const stop = async () => {
    await pool.end();
    await run(postgres, `DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { url: url.href, adapter, answer, mails, count, stop };
}

function pick({ issuer, clientId, clientSecret }: HonestProvider) {
  return { issuer, clientId, clientSecret };
}

async function run(postgres: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  await client.query(statement);
  await client.end();
}
