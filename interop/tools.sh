#!/usr/bin/env bash
# Installs what the clients need below target/interop; nothing is installed outside of it.
# Again only when what it is made from has changed.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(dirname "$here")"
tools="$root/target/interop"
mkdir -p "$tools"

# Runs a command unless it was run with these files as they are: once STAMP FILES... -- COMMAND...
once() {
    local stamp="$tools/$1.sum" files=()
    shift
    while [ "$1" != -- ]; do
        files+=("$1")
        shift
    done
    shift
    if [ -f "$stamp" ] && sha256sum --check --status "$stamp"; then
        return
    fi
    rm -f "$stamp"
    "$@"
    sha256sum "${files[@]}" >"$stamp"
}

python() {
    rm -rf "$tools/venv"
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
}

node_modules() {
    mkdir -p "$tools/node"
    cp "$here/node/package.json" "$tools/node/"
    (cd "$tools/node" && npm install --silent --no-package-lock --no-audit --no-fund)
}

# Where the environment keeps the protos of google.rpc, and grpc_tools those of google.protobuf.
site_packages() {
    "$tools/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
}

# The contract and the details of errors as descriptors: for clients that need no generated code.
descriptors() {
    local google
    google="$(site_packages)"
    "$tools/venv/bin/python" -m grpc_tools.protoc -I"$root/proto" -I"$google" --include_imports \
        --descriptor_set_out="$tools/contract.binpb" \
        "$root"/proto/rapport/v1/*.proto "$google/google/rpc/error_details.proto" "$google/google/rpc/status.proto"
}

# Debian's Java packages, unpacked here: installing them would need root, and change the machine.
java_libraries() {
    local packages
    mapfile -t packages <"$here/java/packages.txt"
    rm -rf "$tools/java"
    mkdir -p "$tools/java/packages"
    (
        cd "$tools/java/packages"
        apt-get download --quiet --quiet "${packages[@]}" 2>"$tools/java/download.log" || {
            cat "$tools/java/download.log" >&2
            return 1
        }
        for package in *.deb; do
            dpkg-deb --extract "$package" "$tools/java/root"
        done
    )
    rm -r "$tools/java/packages"
}

java_client() {
    local java="$tools/java" jars google
    google="$(site_packages)"
    rm -rf "$java/sources" "$java/classes"
    mkdir -p "$java/sources" "$java/classes"
    LD_LIBRARY_PATH="$(dirname "$(find "$java/root" -name 'libprotoc.so.*' -print -quit)")" "$java/root/usr/bin/protoc" \
        -I"$root/proto" -I"$google" -I"$google/grpc_tools/_proto" --plugin="protoc-gen-grpc-java=$java/root/usr/bin/grpc_java_plugin" \
        --java_out="$java/sources" --grpc-java_out="$java/sources" "$root"/proto/rapport/v1/*.proto \
        google/rpc/error_details.proto  # The packaged classes are older than ErrorInfo.
    jars="$(find "$java/root/usr/share/java" -name '*.jar' -not -name '*-[0-9]*.jar' -printf '%p:')"
    find "$java/sources" -name '*.java' >"$java/sources.txt"
    javac -nowarn -proc:none -d "$java/classes" -cp "$jars" @"$java/sources.txt" "$here/java/Client.java" 2>&1 |
        { grep -v '^Note: ' || true; }
    echo "$java/classes:$jars" >"$java/classpath"
}

once python "$here/requirements.txt" -- python
once node "$here/node/package.json" -- node_modules
cp "$here"/node/*.js "$tools/node/"
once descriptors "$root"/proto/rapport/v1/*.proto "$here/requirements.txt" -- descriptors
if command -v javac >/dev/null && command -v apt-get >/dev/null; then
    once java-libraries "$here/java/packages.txt" -- java_libraries
    once java-client "$root"/proto/rapport/v1/*.proto "$here/java/Client.java" "$here/java/packages.txt" -- java_client
else
    rm -rf "$tools/java" "$tools"/java-*.sum
    echo "Java is left out: it needs a JDK, and Debian's packages"
fi
