#!/usr/bin/env bash
# OpenTelemetry's own SDKs of Python and Node send to a real console, over gRPC, HTTP with protobuf and HTTP with JSON, packed
# with gzip: all of it must arrive as it was. Their packages are kept in a cache; only the first run needs the network.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${DOORBUSTER_TEST_CACHE:-${HOME:-/tmp}/.cache/doorbuster-tests}
mkdir -p "$cache"
sum() { cat "$@" | sha256sum | cut -c1-16; }

missing() { echo "interop: the SDK of $1 could not be installed: is there a network?" >&2; exit 3; }

# `whole` is written last, so that an interrupted installation is not taken for one.
python=$cache/interop-python-$(sum scripts/interop/python/requirements.txt)
if [ ! -f "$python/whole" ]; then
  echo "interop: installing the SDK of Python"
  rm -rf "$python"
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check -r scripts/interop/python/requirements.txt || missing Python
  touch "$python/whole"
fi
node=$cache/interop-node-$(sum scripts/interop/node/package.json scripts/interop/node/package-lock.json)
if [ ! -f "$node/whole" ]; then
  echo "interop: installing the SDK of Node"
  rm -rf "$node"
  mkdir "$node"
  cp scripts/interop/node/package.json scripts/interop/node/package-lock.json "$node"
  npm ci --silent --no-fund --no-audit --ignore-scripts --prefix "$node" || missing Node
  touch "$node/whole"
fi

# The release binary: the scenarios need it too, so it is built once.
cargo build --release --package doorbuster --quiet
bin="$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/doorbuster"
"$python/bin/python" scripts/interop/run.py "$bin" "$python/bin/python" "$node/node_modules"
echo "interop: the SDKs of Python and Node, over every protocol"
