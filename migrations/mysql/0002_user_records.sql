-- What is kept of a user besides: the hash of a password, the secret of a second step, a device that is remembered, a step
-- that waits for another. What opens something is hashed or encrypted by the auth core.
CREATE TABLE IF NOT EXISTS user_records (
    user_id VARBINARY(64) NOT NULL,
    kind    VARBINARY(64) NOT NULL,
    -- Which of its kind; empty for what a user has once.
    id      VARBINARY(255) NOT NULL,
    value   MEDIUMBLOB NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    PRIMARY KEY (user_id, kind, id),
    KEY user_records_by_expiry (expires),
    CONSTRAINT user_records_of_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
