#!/usr/bin/env bash
# Installs the load generators that `make bench` compares with: what Debian, crates.io, PyPI and npm have. What is there
# already stays as it is, what can't be got is said at the end, and neither stops the rest. Everything but Debian's
# packages goes to target/bench-peers, and with it when that is deleted.
set -uo pipefail
cd "$(dirname "$0")/.."

peers=$PWD/target/bench-peers
cargo=${CARGO:-cargo}
missing=()

have() { command -v "$1" >/dev/null 2>&1; }
say() { echo "bench-peers: $*"; }
[ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
mkdir -p "$peers/bin"

# Debian's packages, by the program that each is wanted for; of these, those that this distribution has.
debian() {
  local wanted=() program package
  for pair in ab:apache2-utils wrk:wrk hey:hey h2load:nghttp2-client vegeta:vegeta; do
    program=${pair%%:*} package=${pair#*:}
    have "$program" && continue
    if have apt-cache && [ -n "$(apt-cache --quiet=2 show "$package" 2>/dev/null)" ]; then
      wanted+=("$package")
    else
      missing+=("$program: no package $package here; build or download it and put it on PATH")
    fi
  done
  [ ${#wanted[@]} -gt 0 ] || return 0
  say "installing ${wanted[*]}"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null ||
    missing+=("${wanted[*]}: apt-get could not install them")
}

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if have sudo; then sudo=sudo; else say "neither root nor sudo: Debian's packages can't be installed"; fi
fi
if have apt-get && { [ "$(id -u)" -eq 0 ] || [ -n "$sudo" ]; }; then
  # Without lists there are no packages to be found.
  [ -n "$(apt-cache --quiet=2 show wrk 2>/dev/null)" ] || $sudo apt-get update -qq
fi
debian

# crates.io. goose is a library: bench/goose is the least program around it.
crate() { # program, what to install
  local program=$1; shift
  [ -x "$peers/bin/$program" ] && return
  have "$cargo" || { missing+=("$program: needs cargo"); return; }
  say "building $program"
  "$cargo" install --quiet --locked --root "$peers" --target-dir "$peers/build" "$@" ||
    missing+=("$program: cargo install $* failed")
}
crate oha oha
crate goose --path bench/goose
rm -rf "$peers/build"

# PyPI, in an environment of its own.
if [ ! -x "$peers/locust/bin/locust" ]; then
  say "installing locust"
  if ! { python3 -m venv "$peers/locust" && "$peers/locust/bin/pip" install --quiet --disable-pip-version-check locust; }; then
    rm -rf "$peers/locust"
    missing+=("locust: needs python3 with venv (Debian: python3-venv) and PyPI")
  fi
fi

# npm, in folders of their own. artillery takes 600 MB, so it has to be asked for.
node_program() {
  [ -x "$peers/$1/node_modules/.bin/$1" ] && return
  have npm || { missing+=("$1: needs npm (Debian: npm)"); return; }
  say "installing $1"
  npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$peers/$1" "$1" >/dev/null ||
    missing+=("$1: npm could not install it")
}
node_program autocannon
if [ "${BENCH_ARTILLERY:-0}" = 1 ] || have artillery; then
  have artillery || node_program artillery
else
  [ -d "$peers/artillery" ] || missing+=("artillery: 600 MB; BENCH_ARTILLERY=1 make bench-peers installs it")
fi
have k6 || missing+=("k6: none of them has it; see grafana.com/docs/k6 and put it on PATH")

if [ ${#missing[@]} -gt 0 ]; then
  say "not here; the benchmark goes without:"
  printf '  - %s\n' "${missing[@]}"
fi
say "the rest is here; make bench measures it"
