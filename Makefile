# Every target that users need; `make help` lists them.
SHELL := /bin/bash
CARGO ?= cargo
BIN := target/release/doorbuster

.PHONY: help setup demo test bench bench-peers fuzz fmt lint build clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what building, running and testing need (Debian, Ubuntu); elsewhere say what is missing
	@scripts/setup.sh all

build: ## the release binary
	@scripts/setup.sh demo
	$(CARGO) build --release --package doorbuster

demo: build ## stage black-friday at speed 10 (about 4 minutes) and print the verdict
	$(BIN) demo black-friday --speed 10

test: ## everything: format, lints, unit and integration tests, browser tests, a short real scenario
	@scripts/setup.sh all
	scripts/test.sh

bench: ## load engine against its peers, the console against its targets (BENCH_OPTIONS=--quick for a glance), then each crate's own
	@scripts/setup.sh demo
	$(CARGO) build --release --package doorbuster --package bench
	target/release/loadbench --json target/loadbench.json $(BENCH_OPTIONS)
	target/release/consolebench --json target/consolebench.json $(filter --quick,$(BENCH_OPTIONS)) $(CONSOLEBENCH_OPTIONS)
	$(CARGO) bench --workspace

bench-peers: ## install the load generators that bench compares with, as far as the registries have them
	@CARGO=$(CARGO) scripts/bench-peers.sh

fuzz: ## fuzz what comes in over OTLP, ten minutes
	scripts/fuzz.sh

fmt: ## format the code
	$(CARGO) fmt --all

lint: ## formatting and clippy, as the tests run them
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

clean: ## build output and runs
	$(CARGO) clean
	rm -rf runs
