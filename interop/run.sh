#!/usr/bin/env bash
# Calls the built program from other languages: run.sh PATH-OF-RAPPORT.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
binary="$(realpath "${1:?usage: run.sh PATH-OF-RAPPORT}")"

# The contract's own linter, where Node is at hand.
if command -v npx >/dev/null; then
    echo "buf lint"
    (cd "$here/.." && npx --yes @bufbuild/buf@1.75.0 lint proto)
else
    echo "buf lint was left out: there is no Node"
fi

# The environment is made again when the requirements change.
venv="$here/venv"
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
"$venv/bin/python" "$here/client.py" "$binary"
