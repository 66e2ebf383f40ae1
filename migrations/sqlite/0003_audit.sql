-- What happened to accounts: who, what, when, from where, with what result. A row is written once, and removed when its
-- retention ends; it outlives its user, of whom it then holds no more than the id. The id begins with the time (UUID
-- version 7), so ids are in the order of time.
CREATE TABLE audit (
    id          TEXT PRIMARY KEY NOT NULL,
    user_id     TEXT,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    -- A JSON object.
    data        TEXT NOT NULL,
    -- Whether the webhook has still to be told.
    undelivered INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_user ON audit (user_id, id);
CREATE INDEX audit_by_expiry ON audit (expires);
CREATE INDEX audit_undelivered ON audit (undelivered, id);
