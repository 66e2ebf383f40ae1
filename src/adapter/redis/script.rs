//! Lua scripts, each of which Redis runs as one atomic step.
//!
//! Rules: every key is declared in `KEYS`, and all keys of one script have the same hash tag, so that a cluster can run it.
//! Scripts read JSON but never write it, because Lua has only one type of number. No script fails after its first write.

use std::sync::LazyLock;

use super::connection::NamedScript;

macro_rules! scripts {
    ($($(#[$doc:meta])+ $name:ident = $text:literal;)+) => {
        $($(#[$doc])+ pub(super) static $name: LazyLock<NamedScript> = LazyLock::new(|| NamedScript::new($text));)+
    };
}

scripts! {
    /// Keys: users, ids, e-mails, accounts, the user's accounts. Arguments: id, user, name of the account or nothing,
    /// account. 0: something is taken.
    CREATE_USER = "
        local key = cjson.decode(ARGV[2]).email_key
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
        if key ~= cjson.null and redis.call('HEXISTS', KEYS[3], key) == 1 then return 0 end
        if ARGV[3] ~= '' and redis.call('HEXISTS', KEYS[4], ARGV[3]) == 1 then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[2], 0, ARGV[1])
        if key ~= cjson.null then redis.call('HSET', KEYS[3], key, ARGV[1]) end
        if ARGV[3] ~= '' then
            redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
            redis.call('SADD', KEYS[5], ARGV[3])
        end
        return 1";

    /// Compares rows with what was read, and writes only if none has changed. Keys: those of all steps. Arguments, both
    /// JSON: the comparisons (key number, field, and row; false for none), and the writes (command, key number, and two
    /// more arguments, of which the second may be empty).
    CHANGE_USER = "
        for _, is in ipairs(cjson.decode(ARGV[1])) do
            if redis.call('HGET', KEYS[is[1]], is[2]) ~= is[3] then return 0 end
        end
        for _, step in ipairs(cjson.decode(ARGV[2])) do
            if step[4] == '' then
                redis.call(step[1], KEYS[step[2]], step[3])
            else
                redis.call(step[1], KEYS[step[2]], step[3], step[4])
            end
        end
        return 1";

    /// Keys: users, ids, e-mails, accounts, the user's accounts, passkeys, the user's passkeys, the user's records, records
    /// by end. Arguments: id, the same as JSON.
    DELETE_USER = "
        local user = redis.call('HGET', KEYS[1], ARGV[1])
        if not user then return 0 end
        local key = cjson.decode(user).email_key
        if key ~= cjson.null then redis.call('HDEL', KEYS[3], key) end
        for _, name in ipairs(redis.call('SMEMBERS', KEYS[5])) do redis.call('HDEL', KEYS[4], name) end
        for _, name in ipairs(redis.call('SMEMBERS', KEYS[7])) do redis.call('HDEL', KEYS[6], name) end
        for _, name in ipairs(redis.call('HKEYS', KEYS[8])) do redis.call('ZREM', KEYS[9], ARGV[2] .. name) end
        redis.call('DEL', KEYS[5], KEYS[7], KEYS[8])
        redis.call('ZREM', KEYS[2], ARGV[1])
        redis.call('HDEL', KEYS[1], ARGV[1])
        return 1";

    /// Keys: e-mails, users. Argument: the proven address.
    USER_BY_EMAIL = "
        local id = redis.call('HGET', KEYS[1], ARGV[1])
        return id and redis.call('HGET', KEYS[2], id)";

    /// Keys: accounts, users. Argument: name of the account.
    USER_BY_ACCOUNT = "
        local account = redis.call('HGET', KEYS[1], ARGV[1])
        return account and redis.call('HGET', KEYS[2], cjson.decode(account).user_id)";

    /// Rows in the order of their ids. Keys: ids, rows by id. Arguments: the id before, how many.
    LIST_AFTER = "
        local rows = {}
        for _, id in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], '(' .. ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
            local row = redis.call('HGET', KEYS[2], id)
            if row then rows[#rows + 1] = row end
        end
        return rows";

    /// Keys: all of a kind, the user's.
    LIST_OWN = "
        local rows = {}
        for _, name in ipairs(redis.call('SMEMBERS', KEYS[2])) do
            local row = redis.call('HGET', KEYS[1], name)
            if row then rows[#rows + 1] = row end
        end
        return rows";

    /// Key: all of a kind. Arguments: name, the row as read, the row to be. 0: it is no longer as read.
    REPLACE = "
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        return 1";

    /// Key: a user's sessions. Arguments: hash of the token, end, milliseconds until then. An entry may outlive its
    /// session, never the other way round, so its end only grows.
    LIST_SESSION = "
        redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
        return 1";

    /// Key: a user's sessions. Argument: the instant before which entries are forgotten.
    LISTED_SESSIONS = "
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
        return redis.call('ZRANGE', KEYS[1], 0, -1)";

    /// Key: session. Arguments: the session as read, the session to be, milliseconds it lives. 0: it is no longer as
    /// read.
    REPLACE_SESSION = "
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1";

    /// Keys: session, users. One server alone can run it: in a cluster they lie apart.
    SESSION_AND_USER = "
        local session = redis.call('GET', KEYS[1])
        local user = session and redis.call('HGET', KEYS[2], cjson.decode(session).user_id)
        return user and { session, user }";

    /// Key: tokens of an identifier. Arguments: hash, end, milliseconds that a row is kept after its end. The clock of
    /// Redis decides only when a row that nobody used is thrown away.
    CREATE_TOKEN = "
        local time = redis.call('TIME')
        local now, kept = time[1] * 1000 + math.floor(time[2] / 1000), tonumber(ARGV[3])
        local left = math.min(math.max(tonumber(ARGV[2]) - now, 0) + kept, 3e12)
        redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - kept))
        if redis.call('PTTL', KEYS[1]) < left then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left)) end
        return 1";

    /// Key: tokens of an identifier. Arguments: hash, now.
    USE_TOKEN = "
        local expires = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if not expires or tonumber(expires) <= tonumber(ARGV[2]) then return 0 end
        redis.call('DEL', KEYS[1])
        return 1";

    /// Key: attempts. Arguments: now, end of a window that begins now, its length in milliseconds, the latest end of a window.
    COUNT_ATTEMPT = "
        local resets = redis.call('HGET', KEYS[1], 'resets')
        if resets and tonumber(resets) > tonumber(ARGV[1]) and tonumber(resets) <= tonumber(ARGV[4]) then
            return { redis.call('HINCRBY', KEYS[1], 'count', 1), resets }
        end
        redis.call('HSET', KEYS[1], 'count', 1, 'resets', ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return { 1, ARGV[2] }";

    /// Key: attempts. Argument: the highest number of attempts to subtract.
    RETURN_ATTEMPTS = "
        local count = redis.call('HGET', KEYS[1], 'count')
        if not count then return 0 end
        redis.call('HSET', KEYS[1], 'count', string.format('%.0f', math.max(tonumber(count) - tonumber(ARGV[1]), 0)))
        return 1";

    /// Keys: last number, revocations by number, numbers by end. Arguments: channel, then end and revocation of each.
    /// Numbers are never below the time: a server that has lost the last of them goes on above what was read.
    ADD_REVOCATIONS = "
        local time = redis.call('TIME')
        local number = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), time[1] * 1000 + math.floor(time[2] / 1000))
        for i = 2, #ARGV, 2 do
            number = number + 1
            local text = string.format('%.0f', number)
            redis.call('ZADD', KEYS[2], text, text .. ' ' .. ARGV[i + 1])
            redis.call('ZADD', KEYS[3], ARGV[i], text)
        end
        redis.call('SET', KEYS[1], string.format('%.0f', number))
        redis.pcall('PUBLISH', ARGV[1], '')
        return 1";

    /// Keys: rows by id, ids, ids by end, ids of what is undelivered, the user's ids (the ids once more, if it is
    /// nobody's). Arguments: id, row, end, whether it is undelivered. 0: the id is taken.
    ADD_AUDIT = "
        if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
        redis.call('ZADD', KEYS[2], 0, ARGV[1])
        redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
        if ARGV[4] ~= '' then redis.call('ZADD', KEYS[4], 0, ARGV[1]) end
        redis.call('ZADD', KEYS[5], 0, ARGV[1])
        return 1";

    /// The newest first. Keys: the user's ids, rows by id. Arguments: where to begin, how many.
    LIST_AUDIT = "
        local rows = {}
        for _, id in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[1], '-', 'LIMIT', 0, ARGV[2])) do
            local row = redis.call('HGET', KEYS[2], id)
            if row then rows[#rows + 1] = row end
        end
        return rows";

    /// Keys: ids by end, rows by id. Arguments: now, how many.
    EXPIRED_AUDIT = "
        local rows = {}
        for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
            local row = redis.call('HGET', KEYS[2], id)
            if row then rows[#rows + 1] = row end
        end
        return rows";

    /// Keys: as of ADD_AUDIT. Argument: id.
    REMOVE_AUDIT = "
        for i = 2, 5 do redis.call('ZREM', KEYS[i], ARGV[1]) end
        return redis.call('HDEL', KEYS[1], ARGV[1])";

    /// Keys: revocations by number, numbers by end. Arguments: now, how many.
    PURGE_REVOCATIONS = "
        local expired = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
        for _, number in ipairs(expired) do
            redis.call('ZREMRANGEBYSCORE', KEYS[1], number, number)
            redis.call('ZREM', KEYS[2], number)
        end
        return #expired";
}
