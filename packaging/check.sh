#!/usr/bin/env bash
# Checks what ships: the Kubernetes manifests as they would be applied, the Dockerfile, the systemd unit.
# The tools are installed below target/packaging. Suppressed findings are in the file they concern, each with its reason.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(dirname "$here")"
work="$root/target/packaging"
tools="$work/venv"
# How exposed `systemd-analyze security` may find the unit, in tenths of 10; today 14.
EXPOSURE_MAX=15

mkdir -p "$work"
if ! cmp -s "$here/requirements.txt" "$tools/requirements.txt"; then
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$tools/requirements.txt"
fi

rm -rf "$work/manifests"
mkdir "$work/manifests"
for overlay in single redis; do
    rendered="$work/manifests/$overlay.yaml"
    "$tools/bin/kubectl" kustomize "$root/k8s/overlays/$overlay" >"$rendered"
    # A namespace of its own, secrets by reference only.
    if grep -q '^kind: Secret' "$rendered"; then
        echo "$overlay: the manifests contain a secret" >&2
        exit 1
    fi
done
"$tools/bin/kubernetes-validate" --strict --quiet "$work"/manifests/*.yaml
"$tools/bin/checkov" --framework kubernetes --skip-download --compact --quiet --directory "$work/manifests"

"$tools/bin/hadolint" "$root/Dockerfile"

if command -v systemd-analyze >/dev/null; then
    # Where the program is not installed, another one replaces it: only its path is checked.
    sed 's#^ExecStart=/usr/local/bin/rapport#ExecStart=/bin/true#' "$here/rapport.service" >"$work/rapport.service"
    systemd-analyze verify --man=no "$work/rapport.service"
    systemd-analyze security --offline=true --threshold="$EXPOSURE_MAX" "$work/rapport.service" | tail -1
else
    echo "the systemd unit was not verified: there is no systemd-analyze"
fi
