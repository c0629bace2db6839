//! What must happen in one step inside Redis. Each script says its KEYS, its ARGV, what it returns, and why it is one.
//! A script decides first and writes afterwards: Redis does not undo what a script has written.
//!
//! The first write of each is one that Redis refuses when memory is short, and it refuses it before anything is written.
//! Only what frees memory begins with a removal, after which Redis lets the script go on: erasing works when all else is
//! full.

use std::sync::LazyLock;

use redis::Cmd;

use super::transport::share_a_slot;

/// A script and its hash.
pub struct Script {
    script: redis::Script,
    code: &'static str,
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { script: redis::Script::new(code), code }
    }

    /// The call by hash, with its keys; arguments follow by [`Cmd::arg`].
    pub fn call(&self, keys: &[String]) -> Cmd {
        debug_assert!(share_a_slot(keys), "a script whose keys lie in several slots: {keys:?}");
        let mut call = redis::cmd("EVALSHA");
        call.arg(self.script.get_hash()).arg(keys.len()).arg(keys);
        call
    }

    /// Makes the server know the script.
    pub fn load(&self) -> Cmd {
        let mut load = redis::cmd("SCRIPT");
        load.arg("LOAD").arg(self.code);
        load
    }
}

/// What [`COMMIT`] and [`PUT_DOCUMENT`] return for another revision.
pub const CONFLICT: i64 = -1;
/// What [`COMMIT`] returns for a hold that was refused.
pub const HOLD_REFUSED: i64 = -2;

/// Changes a customer's slot.
///
/// KEYS: record, requests, history of interactions, timeline of interactions, history of changes, timeline of changes,
/// tokens, settled, log, position.
/// ARGV: expected revision (empty: no record), `put` or `erase`, record, `1` if requests follow else `0`, requests,
/// now (ms), prefix of members of settled, log entry; then counted lists: tokens (hex); drops (lane `i` or `c`, id);
/// puts (lane, id, time, bytes).
/// Returns the position in the log, [`CONFLICT`] or [`HOLD_REFUSED`].
/// A script because revision, holds and all writes must be seen by others as one.
pub static COMMIT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local lanes = { i = { KEYS[3], KEYS[4] }, c = { KEYS[5], KEYS[6] } }
if ARGV[1] == '' then
  if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
elseif redis.call('GETRANGE', KEYS[1], 4, 19) ~= ARGV[1] then
  return -1
end
local at = 9
local first, last = at + 1, at + tonumber(ARGV[at])
for i = first, last do
  if redis.call('HGET', KEYS[7], ARGV[i]) == 'r' then return -2 end
end

if ARGV[2] == 'erase' then
  for _, token in ipairs(redis.call('HKEYS', KEYS[7])) do
    redis.call('ZREM', KEYS[8], ARGV[7] .. token)
  end
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
end
local position = redis.call('HINCRBY', KEYS[10], 'end', 1)
redis.call('XADD', KEYS[9], string.format('%.0f-0', position), 'entry', ARGV[8])
if ARGV[2] == 'erase' then return position end

redis.call('SET', KEYS[1], ARGV[3])
if ARGV[4] == '1' then redis.call('SET', KEYS[2], ARGV[5]) end
for i = first, last do
  if redis.call('HSETNX', KEYS[7], ARGV[i], 'c') == 1 then
    redis.call('ZADD', KEYS[8], ARGV[6], ARGV[7] .. ARGV[i])
  end
end
local function drop(lane, id)
  local old = redis.call('HGET', lane[1], id)
  if old then
    redis.call('HDEL', lane[1], id)
    redis.call('ZREM', lane[2], string.sub(old, 1, 8) .. id)
  end
end
at = last + 1
for _ = 1, tonumber(ARGV[at]) do
  drop(lanes[ARGV[at + 1]], ARGV[at + 2])
  at = at + 2
end
at = at + 1
for _ = 1, tonumber(ARGV[at]) do
  local lane, id, time = lanes[ARGV[at + 1]], ARGV[at + 2], ARGV[at + 3]
  drop(lane, id)
  redis.call('HSET', lane[1], id, time .. ARGV[at + 4])
  redis.call('ZADD', lane[2], 0, time .. id)
  at = at + 4
end
return position",
    )
});

/// Decides a hold.
///
/// KEYS: tokens, settled. ARGV: token (hex), now (ms), member of settled.
/// Returns `c` (committed) or `r` (refused).
/// A script because looking and refusing must not let a commit in between.
pub static SETTLE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local state = redis.call('HGET', KEYS[1], ARGV[1])
if state then return state end
redis.call('HSET', KEYS[1], ARGV[1], 'r')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
return 'r'",
    )
});

/// Forgets what became of old holds of a customer.
///
/// KEYS: tokens, settled. ARGV: newest time that is old (ms), prefix of members of settled, tokens (hex).
/// Returns how many were forgotten.
/// A script because a token's age is looked at and the token removed in one step.
pub static FORGET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local count = 0
for i = 3, #ARGV do
  local member = ARGV[2] .. ARGV[i]
  local time = redis.call('ZSCORE', KEYS[2], member)
  if time and tonumber(time) <= tonumber(ARGV[1]) then
    redis.call('ZREM', KEYS[2], member)
    count = count + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return count",
    )
});

/// A page of a history.
///
/// KEYS: history, timeline. ARGV: `up` or `down`, lowest and highest place (as of ZRANGEBYLEX), limit.
/// Returns the places and the entries, two lists of the same length.
/// A script because the second list is read by the first, in one round trip and as of one moment. Writes nothing.
pub static HISTORY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local places
if ARGV[1] == 'up' then
  places = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])
else
  places = redis.call('ZREVRANGEBYLEX', KEYS[2], ARGV[3], ARGV[2], 'LIMIT', 0, ARGV[4])
end
if #places == 0 then return { {}, {} } end
local ids = {}
for i, place in ipairs(places) do ids[i] = string.sub(place, 9) end
return { places, redis.call('HMGET', KEYS[1], unpack(ids)) }",
    )
});

/// Replaces a value if it is still the one that was read.
///
/// KEYS: value. ARGV: bytes that were read (empty: none), new bytes (empty: none), `keep` or `none` or milliseconds
/// after which the key is garbage.
/// Returns 1, or 0 if it is another now.
/// A script because comparing and replacing must be one step. What to write is decided outside, by the rules that both
/// backends share.
pub static SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.call('GET', KEYS[1]) or ''
if there ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
elseif ARGV[3] == 'keep' then
  redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
elseif ARGV[3] == 'none' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1",
    )
});

/// Marks an entry of the key store as of another kind.
///
/// KEYS: entry. ARGV: the letter it must begin with, the letter it begins with afterwards.
/// Returns nothing.
/// A script because a key that is destroyed meanwhile must stay destroyed.
pub static MARK_KEY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.call('GET', KEYS[1])
if there and string.sub(there, 1, 1) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2] .. string.sub(there, 2)) end",
    )
});

/// Replaces what is wrapped in an entry of the key store, if it is still the same.
///
/// KEYS: entry. ARGV: the letters one of which it must begin with, the wrapped bytes that must follow; `put` or `remove`, the bytes that
/// follow the letter afterwards.
/// Returns 1, or 0 if there is something else.
/// A script because a key that is destroyed or committed meanwhile must stay so.
pub static REPLACE_KEY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.call('GET', KEYS[1])
if not there or there == '' then return 0 end
local letter = string.sub(there, 1, 1)
if not string.find(ARGV[1], letter, 1, true) or string.sub(there, 2) ~= ARGV[2] then return 0 end
if ARGV[3] == 'put' then redis.call('SET', KEYS[1], letter .. ARGV[4]) else redis.call('DEL', KEYS[1]) end
return 1",
    )
});

/// Replaces a key by its tombstone, and notes that copies of it may be left: see [`crate::store::codec::destroyed`].
///
/// KEYS: key, note. ARGV: the tombstone, the time in eight bytes, the name of the key.
/// Returns nothing.
/// A script because a key that is destroyed and not noted would stay in the append-only file.
pub static BURY_KEY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('GET', KEYS[1]) == ARGV[1] then return end
local there = redis.call('GET', KEYS[2])
local since = there and #there >= 8 and string.sub(there, 1, 8) or ARGV[2]
redis.call('SET', KEYS[2], since .. ARGV[3])
redis.call('SET', KEYS[1], ARGV[1])",
    )
});

/// Moves the cursor of a log forward, with values of its bucket, and trims the log.
///
/// KEYS: log, position, values. ARGV: where the cursor must stand, where it goes, how many entries to keep; then for each
/// value its bytes, and `none` or milliseconds after which it is garbage.
/// Returns 1, or 0 if the cursor is elsewhere.
/// A script because an entry must be counted in the step that passes it, and trimming must never pass the cursor, even if
/// another worker moves it.
pub static ADVANCE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local old = redis.call('HMGET', KEYS[2], 'cursor', 'trimmed', 'end')
if (old[1] or '0') ~= ARGV[1] then return 0 end
local cursor, trimmed, newest = tonumber(old[1] or 0), tonumber(old[2] or 0), tonumber(old[3] or 0)
local to = math.max(cursor, math.min(tonumber(ARGV[2]), newest))
local trim = math.max(trimmed, math.min(to, newest - tonumber(ARGV[3])))
if to == cursor and trim == trimmed then return 1 end
redis.call('HSET', KEYS[2], 'cursor', string.format('%.0f', to), 'trimmed', string.format('%.0f', trim))
for i = 3, to > cursor and #KEYS or 0 do
  local bytes, left = ARGV[2 * i - 2], ARGV[2 * i - 1]
  if left == 'none' then redis.call('SET', KEYS[i], bytes) else redis.call('SET', KEYS[i], bytes, 'PX', left) end
end
if trim > trimmed then redis.call('XTRIM', KEYS[1], 'MINID', '=', string.format('%.0f-0', trim + 1)) end
return 1",
    )
});

/// Puts a member into an index of hints.
///
/// KEYS: members, revisions. ARGV: member, revision (twenty digits).
/// Returns nothing.
/// A script because an older revision must never replace a newer one.
pub static PUT_HINT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.call('HGET', KEYS[2], ARGV[1])
if there and there >= ARGV[2] then return end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], 0, ARGV[1])",
    )
});

/// Takes a member out of an index of hints.
///
/// KEYS: members, revisions. ARGV: member, revision (twenty digits).
/// Returns nothing.
/// A script for the reason of [`PUT_HINT`].
pub static DROP_HINT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local there = redis.call('HGET', KEYS[2], ARGV[1])
if there and there > ARGV[2] then return end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])",
    )
});

/// A page of an index of hints.
///
/// KEYS: members, revisions. ARGV: lowest and highest member (as of ZRANGEBYLEX), limit.
/// Returns the members and their revisions, two lists of the same length.
/// A script for the reason of [`HISTORY`]. Writes nothing.
pub static HINTS: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local members = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])
if #members == 0 then return { {}, {} } end
return { members, redis.call('HMGET', KEYS[2], unpack(members)) }",
    )
});

/// Replaces a document and keeps its versions.
///
/// KEYS: document, versions. ARGV: expected revision (empty: no document), document, its counter (twenty digits), how
/// many versions to keep.
/// Returns 0 or [`CONFLICT`].
/// A script because comparing, replacing and trimming must be one step.
pub static PUT_DOCUMENT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if ARGV[1] == '' then
  if redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
elseif redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then
  return -1
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
local counters = redis.call('HKEYS', KEYS[2])
table.sort(counters)
for i = 1, #counters - tonumber(ARGV[4]) do redis.call('HDEL', KEYS[2], counters[i]) end
return 0",
    )
});

/// Replaces the bytes of a kept version of a document, if they are still the same.
///
/// KEYS: versions. ARGV: counter (twenty digits), the bytes that it must have, the bytes that it has afterwards.
/// Returns 1, or 0 if it has others.
/// A script because comparing and replacing must be one step.
pub static REPLACE_VERSION: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1",
    )
});

/// Asks whether the scripts above may do all that they do: writes nothing, but Redis checks it as a write (READONLY,
/// NOREPLICAS, MISCONF, and OOM of the command that adds nothing to what is not there), and tells of each command whether the
/// user may run it. A user who may run some of them only would get half of a script done.
///
/// KEYS: a name under which nothing is ever stored. ARGV: none.
/// Returns nothing, or an error.
/// A script because all other writes are scripts, which a user may be forbidden to call, and because only a script can
/// ask for permissions without a permission to ask.
pub static PROBE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local k = KEYS[1]
for _, call in ipairs({
  { 'MULTI' }, { 'EXEC' }, { 'SCAN', '0' }, { 'TYPE', k }, { 'EXISTS', k }, { 'DEL', k }, { 'GET', k },
  { 'GETRANGE', k, '0', '0' }, { 'SET', k, '' }, { 'HGET', k, 'f' }, { 'HMGET', k, 'f' }, { 'HGETALL', k },
  { 'HKEYS', k }, { 'HSET', k, 'f', '' }, { 'HSETNX', k, 'f', '' }, { 'HINCRBY', k, 'f', '1' }, { 'HDEL', k, 'f' },
  { 'ZADD', k, '0', 'm' }, { 'ZREM', k, 'm' }, { 'ZSCORE', k, 'm' }, { 'ZRANGE', k, '0', '0' },
  { 'ZRANGEBYSCORE', k, '0', '0' }, { 'ZRANGEBYLEX', k, '-', '+' }, { 'ZREVRANGEBYLEX', k, '+', '-' },
  { 'ZLEXCOUNT', k, '-', '+' }, { 'XADD', k, '*', 'f', '' }, { 'XRANGE', k, '-', '+' }, { 'XTRIM', k, 'MINID', '0' },
}) do
  if not redis.acl_check_cmd(unpack(call)) then
    return redis.error_reply('NOPERM this user may not run ' .. call[1])
  end
end
redis.call('ZADD', k, 'XX', '0', 'm')",
    )
});

/// Asks which commands the user may not run, or the server does not have.
///
/// KEYS: a name under which nothing is ever stored. ARGV: names of commands.
/// Returns those of them.
/// A script because only a script can ask for permissions without a permission to ask. Writes nothing.
pub static FORBIDDEN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local forbidden = {}
for _, name in ipairs(ARGV) do
  local is_known, may = pcall(redis.acl_check_cmd, name)
  if not (is_known and may) then forbidden[#forbidden + 1] = name end
end
return forbidden",
    )
});
