# Every command a developer or an operator of Eyot needs. Each brings what it needs; none wants a step by hand.
#
# CARGO_FLAGS goes to every cargo build, e.g. CARGO_FLAGS=--offline.

.DEFAULT_GOAL := help
.PHONY: help serve test check bench bench-check micro proxy attacks noisy fuzz doors clean v8 build-tools test-tools bench-tools
CARGO_FLAGS ?=
ARGS ?=
FUZZ_SECONDS ?= 600

help: ## print this
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: build-tools v8 ## build and run a node in ./eyot-data (ARGS="--domain example.com" passes flags)
	@exec cargo run --release --locked --bin eyot $(CARGO_FLAGS) -- serve $(ARGS)

test: test-tools v8 ## everything a change must pass but make check (ARGS="--test e2e cpu" runs some)
	cargo test --locked $(CARGO_FLAGS) $(ARGS)

check: build-tools v8 ## formatting, lints, the project's own rules, documentation
	cargo fmt --check
	cargo clippy --locked --all-targets $(CARGO_FLAGS) -- -D warnings
	cargo test --locked $(CARGO_FLAGS) --test tidy
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps $(CARGO_FLAGS)

bench: bench-tools v8 ## Eyot, workerd, Deno and bare hyper in turn, as tables (ARGS="--quick --only hello" does less)
	cargo bench --locked $(CARGO_FLAGS) --bench compare -- --json target/bench.json $(ARGS)

micro: build-tools v8 ## what single steps cost: starts, dispatch, operations, KV, routes, limits (ARGS="kv" runs some)
	cargo bench --locked $(CARGO_FLAGS) --bench micro -- $(ARGS)

bench-check: bench-tools v8 ## the same against benches/compare/stored.json; fails when a ratio has fallen by over 10 %
	cargo bench --locked $(CARGO_FLAGS) --bench compare -- --check $(CURDIR)/benches/compare/stored.json $(ARGS)

proxy: v8 ## a release build moves GIB (10) GiB through a streaming proxy script, three ways
	EYOT_PROXY_GIB=$(or $(GIB),10) cargo test --release --locked $(CARGO_FLAGS) --test e2e proxy:: -- --nocapture

attacks: test-tools v8 ## the attack corpus on a release build and a quiet machine; writes the table of the README
	EYOT_MEASURE=1 cargo test --release --locked $(CARGO_FLAGS) --test e2e attacks:: -- --nocapture

noisy: test-tools v8 ## eight spinning tenants and a ninth on a release build and a quiet machine; writes the table of the README
	EYOT_MEASURE=1 cargo test --release --locked $(CARGO_FLAGS) --test e2e noisy:: -- --nocapture

fuzz: test-tools v8 ## every fuzz target for ten minutes on a release build, without a nightly compiler (FUZZ_SECONDS=60 for less)
	EYOT_FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test --release --locked $(CARGO_FLAGS) --lib fuzzing -- --nocapture

doors: test-tools v8 ## 20,000 idle connections, slow heads and resets against a release build
	ulimit -n 65536 2>/dev/null; cargo bench --locked $(CARGO_FLAGS) --bench doors

clean: ## remove what was built; V8's archive and the data folder stay
	cargo clean
	rm -rf tests/clients/node_modules tests/apps/node_modules benches/compare/node_modules

v8:
	@scripts/ensure-v8

build-tools:
	@scripts/ensure-tools build

test-tools:
	@scripts/ensure-tools test

bench-tools:
	@scripts/ensure-tools bench
