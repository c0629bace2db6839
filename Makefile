# make test: all tests; 15 minutes with the build. Needs Rust and redis-server.
# make interop: calls the built program from other languages. Needs Python 3 and Node; a JDK for Java.
# make service-config: regenerates proto/rapport/v1/service_config.json; run it after adding an RPC.
# make released: regenerates the baseline of `buf breaking`; run it only when cutting a release.
# make long: tests at full size in a release build; run by hand, and record the result with commit and command.

CARGO ?= cargo

.PHONY: test interop service-config released long lint doc fmt help

TOOLS = target/interop
# Many tests wait for a process or an event: with one for each core the cores are idle a third of the time.
TESTS_AT_ONCE = $$((2 * $$(getconf _NPROCESSORS_ONLN)))

help:
	@sed -n 's/^# //p' Makefile

test:
	./scripts/need-redis
	RUST_TEST_THREADS=$(TESTS_AT_ONCE) $(CARGO) test --locked

interop:
	$(CARGO) build --locked
	./interop/run.sh target/debug/rapport

service-config:
	./interop/tools.sh
	$(TOOLS)/venv/bin/python interop/service_config.py $(TOOLS)/contract.binpb proto/rapport/v1/service_config.json

released:
	./interop/tools.sh
	$(TOOLS)/node/node_modules/.bin/buf build proto --path proto/rapport/v1 --exclude-source-info \
		--as-file-descriptor-set --output proto/released.binpb

long:
	./scripts/need-redis
	RAPPORT_TEST_SCALE=full $(CARGO) test --release --locked -- --nocapture

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps
	./scripts/check-dependencies

doc:
	$(CARGO) doc --locked --no-deps --open

fmt:
	$(CARGO) fmt
