-- What the tables of Auth.js's Prisma schema need besides: nothing but indexes. Its unique keys are there already. Everything
-- else that the auth core keeps is in the schema leptos_auth, so `DROP SCHEMA leptos_auth CASCADE` and dropping these indexes
-- undoes it all.
--
-- All of them are partial or on an expression: Prisma does not look at such indexes, so `prisma migrate` sees no drift.
--
-- On tables with millions of rows make them beforehand, under the same names, with CREATE INDEX CONCURRENTLY.

-- Older releases of Auth.js did not write addresses in small letters.
CREATE INDEX IF NOT EXISTS leptos_auth_user_by_lower_email ON "User" (lower(email));
CREATE INDEX IF NOT EXISTS leptos_auth_account_by_user ON "Account" ("userId") WHERE "userId" IS NOT NULL;
CREATE INDEX IF NOT EXISTS leptos_auth_session_by_user ON "Session" ("userId") WHERE "userId" IS NOT NULL;
CREATE INDEX IF NOT EXISTS leptos_auth_session_by_expiry ON "Session" (expires) WHERE expires IS NOT NULL;
CREATE INDEX IF NOT EXISTS leptos_auth_verification_token_by_expiry ON "VerificationToken" (expires)
    WHERE expires IS NOT NULL;
