#!/usr/bin/env bash
# Makes the golden stores of a format with the program of the release that wrote it last: make.sh RAPPORT FOLDER
#
# RAPPORT is the released program, FOLDER where the files go, for example tests/golden/format-1. Needs redis-server, redis-cli,
# zstd, and the Python of interop/tools.sh (or another one with its requirements, named by PYTHON).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(dirname "$(dirname "$here")")"
rapport="$(realpath "$1")"
mkdir -p "$2"
folder="$(realpath "$2")"
python="${PYTHON:-$root/target/interop/venv/bin/python}"
work="$(mktemp -d)"
port="$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT

# until COMMAND...: repeats a command until it succeeds, for a minute at most.
until_ok() {
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    echo "$* did not succeed" >&2
    exit 1
}

# filled NAME SETTINGS...: serves the demo from a store, fills it, stops the server and exports the store.
filled() {
    local name="$1" server
    shift
    NO_COLOR=1 "$rapport" serve --demo --listen 127.0.0.1:0 "$@" >"$work/$name.log" 2>&1 &
    server=$!
    started+=("$server")
    until_ok grep -q "buf curl" "$work/$name.log"
    local address
    address="$(grep -o "demo at http://[0-9.:]*" "$work/$name.log" | head -1 | cut -d/ -f3)"
    "$python" "$here/fill.py" "$address" "$work/$name.answers.json"
    "$rapport" policy get --server "http://$address" >"$folder/policy.yaml"
    # The worker has moved the indexes and the statistics are merged when the server has stopped.
    kill -TERM "$server"
    wait "$server"
    "$rapport" fsck "$@"
    "$rapport" export "$work/$name.export.ndjson" "$@"
    "$rapport" fsck "$@"
}

key="$work/wrapping.key"
filled redb --store "redb:$work/redb/data" --keys "file:$work/redb/keys" --wrapping-key-file "$key"
cp "$work/redb/data/data.redb" "$work/redb.data.redb"
cp "$work/redb/keys/keys.redb" "$work/redb.keys.redb"

redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$work" --dbfilename redis.rdb >"$work/redis.log" 2>&1 &
started+=("$!")
redis-server --port "$((port + 1))" --bind 127.0.0.1 --save "" --appendonly no --dir "$work" --dbfilename keys.rdb >"$work/keys.log" 2>&1 &
started+=("$!")
until_ok redis-cli -p "$port" ping
until_ok redis-cli -p "$((port + 1))" ping
filled redis --store "redis://127.0.0.1:$port/0" --keys "redis://127.0.0.1:$((port + 1))/0" --wrapping-key-file "$key" --allow-volatile-redis
# One dump of both: a store that a release before has begun in one server.
"$rapport" copy --keys-only "redis://127.0.0.1:$((port + 1))/0" "redis://127.0.0.1:$port/1" --allow-volatile-redis
redis-cli -p "$port" save

for file in redb.{data,keys}.redb redis.rdb {redb,redis}.answers.json {redb,redis}.export.ndjson; do
    zstd --quiet --force -19 "$work/$file" -o "$folder/$file.zst"
done
cp "$key" "$folder/wrapping-key.txt"
chmod 644 "$folder"/*
"$rapport" --version
redis-server --version
ls -l "$folder"
