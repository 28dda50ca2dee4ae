#!/usr/bin/env bash
# OpenTelemetry's own SDKs of Python and Node send to a real console, over gRPC, HTTP with protobuf and HTTP with JSON, packed
# with gzip: all of it must arrive as it was. Their packages are kept in a cache; only the first run needs the network.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${DOORBUSTER_TEST_CACHE:-${HOME:-/tmp}/.cache/doorbuster-tests}
mkdir -p "$cache"
sum() { cat "$@" | sha256sum | cut -c1-16; }

# A folder is moved to its place only when it is whole, so that an interrupted installation is not taken for one.
python=$cache/interop-python-$(sum scripts/interop/python/requirements.txt)
if [ ! -x "$python/bin/python" ]; then
  echo "interop: installing the Python SDK"
  rm -rf "$python"
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check -r scripts/interop/python/requirements.txt ||
    { rm -rf "$python"; echo "interop: the Python SDK could not be installed: is there a network?" >&2; exit 3; }
fi
node=$cache/interop-node-$(sum scripts/interop/node/package.json scripts/interop/node/package-lock.json)
if [ ! -d "$node" ]; then
  echo "interop: installing the Node SDK"
  fresh=$(mktemp -d "$cache/interop-node-fresh-XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  cp scripts/interop/node/package.json scripts/interop/node/package-lock.json "$fresh"
  npm ci --silent --no-fund --no-audit --ignore-scripts --prefix "$fresh" ||
    { echo "interop: the Node SDK could not be installed: is there a network?" >&2; exit 3; }
  mv "$fresh" "$node"
fi

cargo build --package doorbuster --quiet
bin="$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/debug/doorbuster"
"$python/bin/python" scripts/interop/run.py "$bin" "$python/bin/python" "$node/node_modules"
echo "interop: the SDKs of Python and Node, over every protocol"
