#!/usr/bin/env bash
# Calls the built program from other languages: run.sh PATH-OF-RAPPORT.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(dirname "$here")"
tools="$root/target/interop"
binary="$(realpath "${1:?usage: run.sh PATH-OF-RAPPORT}")"

"$here/tools.sh"
exec "$tools/venv/bin/python" -u "$here/interop.py" "$binary" "$tools"
