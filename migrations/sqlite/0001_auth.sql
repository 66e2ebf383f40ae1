-- The tables of the auth core. Times are milliseconds since 1970 in UTC. Text is compared byte by byte (BINARY
-- is SQLite's default collation), so no two identifiers are ever merged.

-- One row for each person. `email` is what is shown and written to. `email_key` is its canonical form and is set
-- only once the address is proven (by our own mail or by a trusted provider): unique, so nobody can reserve an
-- address that they cannot read.
CREATE TABLE users (
    id             TEXT PRIMARY KEY NOT NULL,
    name           TEXT,
    email          TEXT,
    email_key      TEXT UNIQUE,
    email_verified INTEGER,
    image          TEXT,
    created        INTEGER NOT NULL
) STRICT;

-- Ways to sign in: the provider's id of the person, never the e-mail address, leads to the user.
CREATE TABLE accounts (
    provider            TEXT NOT NULL,
    provider_account_id TEXT NOT NULL,
    type                TEXT NOT NULL,
    user_id             TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created             INTEGER NOT NULL,
    PRIMARY KEY (provider, provider_account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_by_user ON accounts (user_id);

-- Database sessions. Only a hash of the cookie's token is stored: a stolen backup opens nothing.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires    INTEGER NOT NULL,
    created    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- Tokens that were mailed, hashed. Using one deletes it.
CREATE TABLE verification_tokens (
    identifier TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires    INTEGER NOT NULL,
    PRIMARY KEY (identifier, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX verification_tokens_by_expiry ON verification_tokens (expires);

-- Counters of attempts: mails to an address, wrong codes, uses of one OAuth callback. Shared by all instances.
CREATE TABLE attempts (
    key    TEXT PRIMARY KEY NOT NULL,
    count  INTEGER NOT NULL,
    resets INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_by_reset ON attempts (resets);
