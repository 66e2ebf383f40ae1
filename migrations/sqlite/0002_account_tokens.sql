-- What a provider gave at the last sign-in with an account: access, refresh and ID token, encrypted by the auth core
-- (one JWE), so that a stolen backup opens nothing at the provider.
ALTER TABLE accounts ADD COLUMN tokens TEXT;

-- Until when one instance alone may refresh them.
ALTER TABLE accounts ADD COLUMN tokens_leased_until INTEGER;
