-- The tables of the auth core for MariaDB and MySQL; the same as in the other folders. Times are milliseconds since
-- 1970 in UTC, by the clock of the application.
--
-- Whatever is compared is VARBINARY or BLOB and holds UTF-8: these databases' text would take 'a' for 'A', 'ä' for 'a',
-- and a word for the same word with a space behind it, and so one person for another.
--
-- Changes of tables are not undone when a start is killed in the middle: every statement here can run again.

-- One row for each person. `email` is what is shown and written to. `email_key` is its canonical form and is set
-- only once the address is proven (by our own mail or by a trusted provider): unique, so nobody can reserve an
-- address that they cannot read.
CREATE TABLE IF NOT EXISTS users (
    id             VARBINARY(64) PRIMARY KEY,
    name           TEXT,
    email          TEXT,
    email_key      VARBINARY(320) UNIQUE,
    email_verified BIGINT,
    image          TEXT,
    created        BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Ways to sign in: the provider's id of the person, never the e-mail address, leads to the user.
CREATE TABLE IF NOT EXISTS accounts (
    provider            VARBINARY(255) NOT NULL,
    provider_account_id VARBINARY(512) NOT NULL,
    type                VARBINARY(32) NOT NULL,
    user_id             VARBINARY(64) NOT NULL,
    created             BIGINT NOT NULL,
    -- What the provider gave at the last sign-in: access, refresh and ID token, encrypted by the auth core (one JWE), so
    -- that a stolen backup opens nothing at the provider.
    tokens              MEDIUMBLOB,
    -- Until when one instance alone may refresh them.
    tokens_leased_until BIGINT,
    PRIMARY KEY (provider, provider_account_id),
    KEY accounts_by_user (user_id),
    CONSTRAINT accounts_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Sessions. Of a database session only a hash of the cookie's token is stored: a stolen backup opens nothing. A
-- stateless session has a row as well when there is a database, so that its user can see and end it; no request but
-- its renewal reads that row.
CREATE TABLE IF NOT EXISTS sessions (
    token_hash VARBINARY(96) PRIMARY KEY,
    -- What pages and the token of a stateless session call it: opens nothing.
    id         VARBINARY(64) NOT NULL UNIQUE,
    user_id    VARBINARY(64) NOT NULL,
    -- When its user signed in: it never moves.
    created    BIGINT NOT NULL,
    renewed    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    -- How long it lives after a renewal, in milliseconds, and whether the cookie outlives the browser.
    max_age    BIGINT NOT NULL,
    remembered BOOLEAN NOT NULL,
    provider   VARBINARY(255) NOT NULL,
    user_agent TEXT,
    address    VARBINARY(255),
    KEY sessions_by_user (user_id),
    KEY sessions_by_expiry (expires),
    CONSTRAINT sessions_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What every instance must know of stateless sessions without asking for each request: sessions and users whose tokens
-- are void. The sequence tells what is new. A row is kept until the last token that it concerns has expired.
CREATE TABLE IF NOT EXISTS revocations (
    sequence   BIGINT AUTO_INCREMENT PRIMARY KEY,
    -- 'session', 'user' or 'change'.
    kind       VARBINARY(16) NOT NULL,
    subject    VARBINARY(512) NOT NULL,
    -- Tokens of a user from no later than this (by sign-in, or for 'change' by issue) are meant.
    until      BIGINT NOT NULL,
    -- The one session that is spared.
    except_id  VARBINARY(512),
    expires    BIGINT NOT NULL,
    KEY revocations_by_expiry (expires)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Tokens that were mailed, hashed. Using one deletes it.
CREATE TABLE IF NOT EXISTS verification_tokens (
    identifier VARBINARY(320) NOT NULL,
    token_hash VARBINARY(512) NOT NULL,
    expires    BIGINT NOT NULL,
    PRIMARY KEY (identifier, token_hash),
    KEY verification_tokens_by_expiry (expires)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Passkeys: the public half, which opens nothing. A credential's id has up to 1023 bytes (WebAuthn section 4).
CREATE TABLE IF NOT EXISTS authenticators (
    credential_id       VARBINARY(1400) PRIMARY KEY,
    user_id             VARBINARY(64) NOT NULL,
    provider_account_id VARBINARY(1400) NOT NULL,
    public_key          BLOB NOT NULL,
    -- How often it has signed: one that counts backwards is a copy.
    counter             BIGINT NOT NULL,
    device_type         VARBINARY(32) NOT NULL,
    backed_up           BOOLEAN NOT NULL,
    transports          VARBINARY(255),
    name                TEXT,
    created             BIGINT NOT NULL,
    used                BIGINT,
    KEY authenticators_by_user (user_id),
    CONSTRAINT authenticators_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Counters of attempts: mails to an address, wrong codes, uses of one OAuth callback. Shared by all instances.
CREATE TABLE IF NOT EXISTS attempts (
    subject VARBINARY(512) PRIMARY KEY,
    count   BIGINT NOT NULL,
    resets  BIGINT NOT NULL,
    KEY attempts_by_reset (resets)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
