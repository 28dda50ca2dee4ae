#!/usr/bin/env bash
# Installs what is missing and nothing else. `demo`: what building and running need; `all`: what the tests need too.
# It starts no system service, creates no system database cluster, and leaves a running Redis alone.
set -euo pipefail

want=${1:-all}
case $want in demo | all) ;; *) echo "usage: scripts/setup.sh [demo|all]" >&2; exit 2 ;; esac

have() { command -v "$1" >/dev/null 2>&1; }
[ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"

find_postgres() { # prints the newest initdb's version, nothing if there is none
  local dir best=0
  for dir in $(dirname "$(command -v initdb 2>/dev/null || echo /nonexistent/x)") /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] || continue
    local major; major=$("$dir/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
    [ "$major" -gt "$best" ] && best=$major
  done
  [ "$best" -ge 15 ] && echo "$best" || true
}

missing_packages=() missing_words=()
need() { missing_packages+=("$1"); missing_words+=("$2"); } # Debian package, what it is

have cc || need build-essential "a C compiler (cc)"
have curl || need curl "curl"
[ -n "$(find_postgres)" ] || need postgresql "PostgreSQL 15 or newer (initdb, postgres)"
have redis-server || have valkey-server || need redis-server "redis-server or valkey-server"
if [ "$want" = all ]; then
  have chromium || have google-chrome || have chromium-browser || need chromium "Chromium, for the browser tests"
  have chromedriver || need chromium-driver "chromedriver, for the browser tests"
  python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv "Python 3 with venv, for the tests with OpenTelemetry's SDK"
  have node || need nodejs "Node.js, for the tests with OpenTelemetry's SDK"
  have openssl || need openssl "openssl, for the keys of a test"
  have npm || need npm "npm, for the tests with OpenTelemetry's SDK"
fi

if [ ${#missing_packages[@]} -gt 0 ]; then
  if have apt-get; then
    sudo=""; [ "$(id -u)" -eq 0 ] || sudo=sudo
    echo "setup: installing ${missing_packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # Debian would create and start a system cluster and a system Redis: neither is wanted.
    made=""
    if [[ " ${missing_packages[*]} " == *" postgresql "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      $sudo mkdir -p /etc/postgresql-common
      echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
      made=/etc/postgresql-common/createcluster.conf
    fi
    policy=/usr/sbin/policy-rc.d; placed=""
    if [ ! -e $policy ]; then
      printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null; $sudo chmod +x $policy; placed=$policy
    fi
    trap '[ -z "$placed" ] || $sudo rm -f "$placed"' EXIT
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${missing_packages[@]}" >/dev/null
    [ -z "$placed" ] || { $sudo rm -f "$placed"; placed=""; }
    [ -z "$made" ] || echo "setup: wrote $made so that no system cluster is made"
  else
    echo "setup: this script installs on Debian and Ubuntu only. Please install:" >&2
    printf '  - %s\n' "${missing_words[@]}" >&2
    echo "  macOS: brew install postgresql@17 redis      Fedora: dnf install gcc postgresql-server postgresql-contrib valkey" >&2
    exit 3
  fi
fi
if [ -z "$(find_postgres)" ]; then
  echo "setup: PostgreSQL 15 or newer is needed and this distribution's is older: see https://www.postgresql.org/download/" >&2
  exit 3
fi

if ! have cargo; then
  echo "setup: installing a Rust toolchain with rustup"
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --component clippy --component rustfmt
  . "$HOME/.cargo/env"
fi
least=1.89
version=$(rustc --version | sed -E 's/rustc ([0-9]+\.[0-9]+).*/\1/')
if [ "$(printf '%s\n%s\n' "$least" "$version" | sort -V | head -n 1)" != "$least" ]; then
  echo "setup: Rust $least or newer is needed, this is $version: run 'rustup update stable'" >&2
  exit 3
fi

if [ "$want" = all ]; then
  have cargo-nextest || { echo "setup: installing cargo-nextest"; cargo install --locked cargo-nextest; }
  for part in clippy fmt; do
    cargo $part --version >/dev/null 2>&1 || rustup component add "${part/fmt/rustfmt}"
  done
fi
