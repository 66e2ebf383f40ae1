-- What the tables of Auth.js's pg adapter need besides: nothing but indexes. Everything else that the auth core keeps is in
-- the schema leptos_auth, so `DROP SCHEMA leptos_auth CASCADE` and dropping these indexes undoes it all.
--
-- On tables with millions of rows make them beforehand, under the same names, with CREATE INDEX CONCURRENTLY.

-- The pg adapter's own schema has no key but the ids: two sign-ins at once could make one person two users.
CREATE UNIQUE INDEX IF NOT EXISTS leptos_auth_accounts_by_person ON accounts (provider, "providerAccountId");
CREATE UNIQUE INDEX IF NOT EXISTS leptos_auth_sessions_by_token ON sessions ("sessionToken");
CREATE UNIQUE INDEX IF NOT EXISTS leptos_auth_users_by_email ON users (email);

-- Older releases of Auth.js did not write addresses in small letters.
CREATE INDEX IF NOT EXISTS leptos_auth_users_by_lower_email ON users (lower(email));
CREATE INDEX IF NOT EXISTS leptos_auth_accounts_by_user ON accounts ("userId");
CREATE INDEX IF NOT EXISTS leptos_auth_sessions_by_user ON sessions ("userId");
CREATE INDEX IF NOT EXISTS leptos_auth_sessions_by_expiry ON sessions (expires);
CREATE INDEX IF NOT EXISTS leptos_auth_verification_token_by_expiry ON verification_token (expires);
