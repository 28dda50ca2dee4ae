#!/usr/bin/env bash
# All checks, cheapest first. Real scenarios come last: they need the release binary.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "format"
cargo fmt --all --check
step "clippy"
cargo clippy --workspace --all-targets -- -D warnings
step "tests"
cargo nextest run --workspace --no-fail-fast
step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
step "other people's SDKs send to the console"
scripts/interop.sh
step "a short real scenario"
scripts/short-scenario.sh
step "the sabotage matrix"
scripts/sabotage-matrix.sh
