# make test: 15 minutes with its build, Rust and redis-server only.
# make interop: clients in other languages against the built program; needs Python 3, and Node for buf.
# make long: the full counts and sizes, by hand; record the result with commit and command.

CARGO ?= cargo

.PHONY: test interop long lint doc fmt help

help:
	@sed -n 's/^# //p' Makefile

test:
	./scripts/need-redis
	$(CARGO) test --locked

interop:
	$(CARGO) build --locked
	./interop/run.sh target/debug/rapport

long:
	./scripts/need-redis
	RAPPORT_TEST_SCALE=full $(CARGO) test --release --locked -- --nocapture

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps
	@if $(CARGO) deny --version >/dev/null 2>&1; \
	then $(CARGO) deny --offline check --hide-inclusion-graph bans licenses sources; \
	else echo "cargo-deny is not installed: licences, bans and sources were not checked"; fi

doc:
	$(CARGO) doc --locked --no-deps --open

fmt:
	$(CARGO) fmt
