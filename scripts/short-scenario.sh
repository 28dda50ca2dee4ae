#!/usr/bin/env bash
# The main scenario for real, in a folder of its own: PASS or not.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --package doorbuster --quiet
bin="${CARGO_TARGET_DIR:-target}/release/doorbuster"
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT
"$bin" demo black-friday --speed 5 --no-tui --runs-dir "$runs"
run=$(ls -d "$runs"/black-friday-*)
"$bin" validate "$run" >/dev/null
"$bin" rollback | grep -q "nothing to do"
for file in run.json verdict.json verdict.junit.xml truth.json evidence.json; do [ -s "$run/$file" ]; done
echo "the short scenario passed"
