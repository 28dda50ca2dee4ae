#!/usr/bin/env bash
# Fuzzes what comes in over OTLP: `scripts/fuzz.sh [SECONDS-EACH]`, 150 for each of four targets if not given. Finds end in fuzz/artifacts.
# Runs on a stable toolchain: RUSTC_BOOTSTRAP lets it have the instrumentation that cargo-fuzz asks for.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-150}
command -v cargo-fuzz >/dev/null || { echo "fuzz: installing cargo-fuzz"; cargo install --quiet --locked cargo-fuzz; }
export RUSTC_BOOTSTRAP=1
# Without a sanitizer: the code under test has no unsafe of its own, and memory is bounded by -rss_limit_mb.
build=(--fuzz-dir fuzz --sanitizer none)
cargo fuzz build "${build[@]}"
for target in traces logs metrics json; do
  mkdir -p "fuzz/corpus/$target"
  echo "fuzz: $target for $seconds s"
  cargo fuzz run "${build[@]}" "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- -max_total_time="$seconds" -max_len=4096 -rss_limit_mb=512 -timeout=5 -print_final_stats=1
done
