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
    -- What the provider gave at the last sign-in: access, refresh and ID token, encrypted by the auth core (one JWE), so
    -- that a stolen backup opens nothing at the provider.
    tokens              TEXT,
    -- Until when one instance alone may refresh them.
    tokens_leased_until INTEGER,
    PRIMARY KEY (provider, provider_account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_by_user ON accounts (user_id);

-- Sessions. Of a database session only a hash of the cookie's token is stored: a stolen backup opens nothing. A
-- stateless session has a row as well when there is a database, so that its user can see and end it; no request but
-- its renewal reads that row.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    -- What pages and the token of a stateless session call it: opens nothing.
    id         TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- When its user signed in: it never moves.
    created    INTEGER NOT NULL,
    renewed    INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    -- How long it lives after a renewal, in milliseconds, and whether the cookie outlives the browser.
    max_age    INTEGER NOT NULL,
    remembered INTEGER NOT NULL,
    provider   TEXT NOT NULL,
    user_agent TEXT,
    address    TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- What every instance must know of stateless sessions without asking for each request: sessions and users whose tokens
-- are void. The sequence tells what is new. A row is kept until the last token that it concerns has expired.
CREATE TABLE revocations (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL CHECK (kind IN ('session', 'user', 'change')),
    subject    TEXT NOT NULL,
    -- Tokens of a user from no later than this (by sign-in, or for 'change' by issue) are meant.
    until      INTEGER NOT NULL,
    -- The one session that is spared.
    except_id  TEXT,
    expires    INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_by_expiry ON revocations (expires);

-- Tokens that were mailed, hashed. Using one deletes it.
CREATE TABLE verification_tokens (
    identifier TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires    INTEGER NOT NULL,
    PRIMARY KEY (identifier, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX verification_tokens_by_expiry ON verification_tokens (expires);

-- Passkeys: the public half, which opens nothing.
CREATE TABLE authenticators (
    credential_id       TEXT PRIMARY KEY NOT NULL,
    user_id             TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider_account_id TEXT NOT NULL,
    public_key          TEXT NOT NULL,
    -- How often it has signed: one that counts backwards is a copy.
    counter             INTEGER NOT NULL,
    device_type         TEXT NOT NULL,
    backed_up           INTEGER NOT NULL,
    transports          TEXT,
    name                TEXT,
    created             INTEGER NOT NULL,
    used                INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX authenticators_by_user ON authenticators (user_id);

-- Counters of attempts: mails to an address, wrong codes, uses of one OAuth callback. Shared by all instances.
CREATE TABLE attempts (
    subject TEXT PRIMARY KEY NOT NULL,
    count   INTEGER NOT NULL,
    resets  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_by_reset ON attempts (resets);
