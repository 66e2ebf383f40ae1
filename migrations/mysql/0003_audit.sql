-- What happened to accounts: who, what, when, from where, with what result. A row is written once, and removed when its
-- retention ends; it outlives its user, of whom it then holds no more than the id. The id begins with the time (UUID
-- version 7), so ids are in the order of time.
CREATE TABLE IF NOT EXISTS audit (
    id          VARBINARY(64) PRIMARY KEY,
    user_id     VARBINARY(64),
    created     BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    -- A JSON object.
    data        MEDIUMBLOB NOT NULL,
    -- Whether the webhook has still to be told.
    undelivered BOOLEAN NOT NULL,
    KEY audit_by_user (user_id, id),
    KEY audit_by_expiry (expires),
    KEY audit_undelivered (undelivered, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
