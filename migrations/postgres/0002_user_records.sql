-- What is kept of a user besides: the hash of a password, the secret of a second step, a device that is remembered, a step
-- that waits for another. What opens something is hashed or encrypted by the auth core.
CREATE TABLE user_records (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind    TEXT NOT NULL,
    -- Which of its kind; empty for what a user has once.
    id      TEXT NOT NULL,
    value   TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    PRIMARY KEY (user_id, kind, id)
);

CREATE INDEX user_records_by_expiry ON user_records (expires);
