# `make` lists the targets that have a comment after ##.
.DEFAULT_GOAL := help
.PHONY: help set-up cloud-tools showdown verify test built built-tests test-rust test-python test-infra check fmt coverage docs versions bench fuzz fuzz-services fuzz-openapi soak outbound soak-outbound lint-evaluation report publish clean

BIN := .venv/bin
WITH_DATABASE := $(BIN)/showdown up --database-only --
STATE := $(BIN)/python -c "from showdown_stack.state import state_folder; print(state_folder())"
SERVICE := --manifest-path rust_service/Cargo.toml
# Looked up where it is used, for it says so where there is none.
SQLX = $(shell rust_service/features.sh)
PYEXT := --manifest-path pyext/Cargo.toml --workspace
FUZZ := --manifest-path pyext/fuzz/Cargo.toml
UPSTREAM := --manifest-path infra/upstream/Cargo.toml
LINK := --manifest-path infra/link/Cargo.toml
TESTS := contract/tests pyext/tests python_service/tests infra/stack/tests loadtests/tests loadtests/clientlint/tests
# Not WORKERS: make gives its variables to what it starts, and services read that one.
PROCESSES := 3
# A machine that does other work now and then misses a deadline: such a test runs once more, and the summary names it.
RERUNS := --reruns=1 -raR
PYTEST :=
# In a folder of its own, for it compiles with instrumentation.
TARPAULIN := cargo tarpaulin --engine llvm --locked --skip-clean --out Stdout --target-dir target/tarpaulin
PYTHON := contract python_service pyext infra loadtests docs conftest.py
# The Python that pyo3 compiles for, when cargo and not maturin runs it.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 16

set-up: ## install what the other targets need
	@infra/stack/set_up.sh

cloud-tools: set-up ## install or build what the tests of infra/ need: OpenTofu, the provider, tflint, programs for test hosts
	@infra/tests/set_up.sh

showdown: set-up ## measure all variants with the quick profile and show the table
	@$(BIN)/showdown run --profile quick

verify: set-up ## compare every variant's answers with the golden cases, byte for byte
	@$(BIN)/showdown verify

# What is compiled is compiled first, for tests have deadlines. Those in Rust wait for minutes, and do so beside the others.
test: set-up ## run every test of every language
	$(MAKE) --jobs=2 check built
	$(MAKE) built-tests
	$(MAKE) --jobs=3 test-rust test-python test-infra

# Its last step uses one core for minutes, and so do the type checks.
built: set-up
	cargo build --release --locked --quiet $(SERVICE)
	cargo build --release --locked --quiet $(UPSTREAM)
	cargo build --release --locked --quiet $(LINK)

built-tests: set-up
	cargo test --no-run --locked $(PYEXT)
	cargo test --no-run --locked $(UPSTREAM)
	cargo test --no-run --locked $(LINK)
	cargo test --no-run --locked $(SQLX) $(SERVICE)

# With a database of their own: that of the Python tests is in the usual folder.
test-rust: set-up ## run the tests of the Rust service, of the extension's core, of the upstream and of the link
	cargo test --locked $(PYEXT)
	cargo test --locked $(UPSTREAM)
	cargo test --locked $(LINK)
	SHOWDOWN_STATE="$$($(STATE))-rust" $(WITH_DATABASE) cargo test --locked $(SQLX) $(SERVICE)

# Most tests wait for deadlines, servers or slices. With more processes, a machine of two cores would miss deadlines.
test-python: built ## run the Python tests of all folders except infra/tests
	$(WITH_DATABASE) $(BIN)/pytest --numprocesses=$(PROCESSES) --dist=loadfile $(RERUNS) $(PYTEST) $(TESTS)

test-infra: set-up ## run the tests of infra/, some of which boot hosts
	$(BIN)/pytest $(RERUNS) $(PYTEST) infra/tests

# Fuzz targets are not linked here, so libFuzzer, which is C++, need not be compiled: any path will do.
check: set-up ## lint and type-check; warnings are errors
	$(BIN)/ruff format --check $(PYTHON)
	$(BIN)/ruff check $(PYTHON)
	$(BIN)/mypy contract/showdown_contract python_service/python_service pyext/python/rowjson pyext/bench infra/stack/showdown_stack loadtests/showdown loadtests/locustfile.py loadtests/virtual loadtests/bench loadtests/clientlint/src/clientlint loadtests/clientlint/evaluation
	for tests in contract infra infra/stack loadtests loadtests/clientlint pyext python_service; do $(BIN)/mypy $$tests/tests || exit; done
	$(BIN)/mypy python_service/gunicorn.conf.py
	$(BIN)/mypy conftest.py
	$(BIN)/mypy pyext/fuzz/seeds.py
	$(BIN)/mypy docs/site
	$(BIN)/lint-imports
	$(BIN)/clientlint check $(PYTHON)
	cargo fmt --check $(SERVICE)
	cargo fmt --check $(UPSTREAM)
	cargo fmt --check $(LINK)
	cargo fmt --check --all --manifest-path pyext/Cargo.toml
	cargo clippy --locked --all-targets $(SQLX) $(SERVICE) -- -D warnings
	cargo clippy --locked --all-targets $(UPSTREAM) -- -D warnings
	cargo clippy --locked --all-targets $(LINK) -- -D warnings
	cargo clippy --locked --all-targets $(PYEXT) -- -D warnings
	cargo fmt --check $(FUZZ)
	CUSTOM_LIBFUZZER_PATH=/none/libFuzzer.a cargo clippy --locked --bins $(FUZZ) -- -D warnings

fmt: set-up ## format all Python and Rust
	$(BIN)/ruff format $(PYTHON)
	cargo fmt $(SERVICE)
	cargo fmt $(UPSTREAM)
	cargo fmt $(LINK)
	cargo fmt --all --manifest-path pyext/Cargo.toml
	cargo fmt $(FUZZ)

coverage: built ## run the Python and Rust tests and show what they cover; no gate
	$(WITH_DATABASE) $(BIN)/pytest --numprocesses=$(PROCESSES) --dist=loadfile --cov --cov-report=term:skip-covered $(PYTEST) $(TESTS)
	@if command -v cargo-tarpaulin >/dev/null; then \
	    $(TARPAULIN) $(PYEXT) && $(TARPAULIN) $(UPSTREAM) && $(TARPAULIN) $(LINK) && $(WITH_DATABASE) $(TARPAULIN) $(SQLX) $(SERVICE); \
	else \
	    echo "showdown: left out Rust, for cargo-tarpaulin is missing: type 'cargo install cargo-tarpaulin --locked'"; \
	fi

docs: set-up ## build the site of all documents in target/docs/site; a broken link is an error
	$(BIN)/python docs/site/lay_out.py target/docs
	$(BIN)/zensical build --strict --config-file target/docs/zensical.toml

versions: set-up ## test the extension under each installed CPython from 3.11 on, minutes each; not in `make test`
	@pyext/versions.sh

bench: set-up ## measure the extension against other JSON libraries (15 minutes); updates pyext/README.md
	cd pyext && ../$(WITH_DATABASE) ../$(BIN)/python -m bench
	cd pyext && ../$(BIN)/python -m bench.report

# In several runs, for hypothesis remembers every example of a run in memory.
fuzz: set-up ## compare the extension's JSON with orjson's and Postgres's, over 200,000 random examples
	for run in 1 2 3 4 5 6 7 8 9 10; do \
	    ROWJSON_EXAMPLES=10000 $(WITH_DATABASE) $(BIN)/pytest --quiet --timeout=0 pyext/tests/test_fuzz.py || exit; \
	done

fuzz-services: built ## compare the answers of all variants measured by default to 20,000 random requests (20 minutes)
	$(BIN)/python loadtests/bench/differential.py requests
	$(BIN)/python loadtests/bench/differential.py raw

fuzz-openapi: built ## ask each variant measured by default 100,000 requests in sequences, made up by schemathesis (hours)
	$(BIN)/python loadtests/bench/stateful.py

soak: set-up ## call the extension ten million times and see whether its memory stays flat
	cd pyext && ../$(WITH_DATABASE) ../$(BIN)/python -m bench.soak

outbound: set-up ## measure what an HTTP client costs without load (30 minutes); writes docs/results/outbound-construct
	cd loadtests/bench && for part in construct loads flames report; do ../../$(BIN)/python -m outbound $$part || exit; done

soak-outbound: set-up ## ten minutes of a service that leaks HTTP clients, beside one that shares one
	@$(BIN)/showdown run --profile soak --rate 5/s --no-twin --variants starlette,starlette-leaky,starlette-leaky-traced

lint-evaluation: set-up ## print how right clientlint is, on its corpus and on packages from PyPI, which are fetched
	cd loadtests/clientlint && ../../$(BIN)/python -m evaluation

report: set-up ## show the latest run again
	@$(BIN)/showdown report

publish: set-up ## keep the latest run under docs/results, and put its figures into README.md and docs/
	@$(BIN)/showdown keep quick
	@$(BIN)/showdown report docs/results/quick --readme README.md
	@$(BIN)/python -m showdown.report.cited docs/*.md

clean: ## delete what the other targets have made, except for results
	rm -rf .venv .venv-* .coverage* target rust_service/target infra/upstream/target infra/link/target pyext/target pyext/fuzz/target pyext/fuzz/corpus .mypy_cache .ruff_cache .pytest_cache .hypothesis
