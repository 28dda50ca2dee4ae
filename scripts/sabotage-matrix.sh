#!/usr/bin/env bash
# Runs a short incident for real, once as it is and once under each sabotage; each must get exactly the verdict it deserves.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --package doorbuster --quiet
bin="$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/doorbuster"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base=scripts/sabotage/base.yaml
failed=0

# sabotage NAME EXIT-CODE WORDS FILE [OPTIONS...]: runs FILE; WORDS must stand in what it prints. `meddle` runs beside it. On a machine
# that others share a run may go wrong by itself: it gets a second try, which is said.
meddle() { :; }
sabotage() {
  local name=$1 code=$2 words=$3 file=$4 try got=0 meddler; shift 4
  for try in 1 2; do
    : >"$work/out"
    meddle & meddler=$!
    got=0
    NO_COLOR=1 "$bin" demo "$file" --speed 10 --no-tui --runs-dir "$work/runs" "$@" >"$work/out" 2>&1 || got=$?
    wait "$meddler" 2>/dev/null || true
    if [ "$got" = "$code" ] && grep -qE "$words" "$work/out"; then
      printf 'ok      %-36s exit %s  %s\n' "$name" "$got" "$(grep -m1 -E "$words" "$work/out" | cut -c1-110)"
      break
    fi
    [ "$try" = 1 ] && { printf 'FLAKY   %-36s exit %s instead of %s: once more\n' "$name" "$got" "$code"; continue; }
    printf 'WRONG   %-36s exit %s, expected %s and "%s"\n' "$name" "$got" "$code" "$words"
    grep -E '^(PASS|FAIL|INVALID|error)|^  ■' "$work/out" || tail -n 20 "$work/out"
    failed=1
  done
  meddle() { :; }
}

# at SECONDS COMMAND...: once the stage is ready and so many seconds have passed (a scenario minute is six).
at() {
  local seconds=$1; shift
  for _ in $(seq 600); do grep -q '^ready after' "$work/out" 2>/dev/null && break; sleep 0.1; done
  sleep "$seconds"
  "$@" >>"$work/meddled" 2>&1
}

sabotage "as it is" 0 '^PASS' "$base"

sed 's/id: slow-storage/id: slow-storage-of-nothing/; s/indexes: \[idx_products_recommendation\]/indexes: [idx_no_such_index]/' \
  "$base" >"$work/never.yaml"
sabotage "the fault is never applied" 4 '■ .*(was not applied|proof of missing-index)' "$work/never.yaml"

awk '/^faults:/ { print "faults: []\n"; inside = 1 } /^expect:/ { inside = 0 } !inside' "$base" >"$work/nothing.yaml"
sabotage "no fault in the file" 1 '■ slow-queries fires.*missed' "$work/nothing.yaml"

sed 's/above: 500$/above: 50000/; s/recover: 400$/recover: 40000/' monitors/shop.yaml >"$work/impossible.yaml"
sabotage "a threshold that nothing reaches" 1 '■ slow-queries fires.*missed' "$base" --monitors "$work/impossible.yaml"

awk '!a && sub(/above: 500$/, "above: 0.001") { a = 1 } !r && sub(/recover: 400$/, "recover: 0.0005") { r = 1 } { print }' \
  monitors/shop.yaml >"$work/nervous.yaml"
sabotage "a monitor that fires at rest" 1 '■ quiet in minutes 0-3' "$base" --monitors "$work/nervous.yaml"

meddle() { at 8 "$bin" fault apply http_latency service=frontend path=/api/browse delay_ms=900 --for 30s; }
sabotage "the baseline is poisoned" 1 '■ baseline in .*p95' "$base"

meddle() { at 27 "$bin" fault undo missing-index; }
sabotage "the index is restored too early" 4 '■ proof of missing-index' "$base"

NO_COLOR=1 "$bin" rollback | grep -q "nothing to do" || { echo "WRONG   something was left behind"; failed=1; }
[ "$failed" = 0 ] && echo "the sabotage matrix: each got the verdict it deserves"
exit "$failed"
