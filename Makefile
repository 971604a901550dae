# Each target is one intent; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help set-up cloud-tools showdown verify test test-rust test-python test-infra check fmt coverage versions bench fuzz soak report clean

BIN := .venv/bin
WITH_DATABASE := $(BIN)/showdown up --database-only --
SERVICE := --manifest-path rust_service/Cargo.toml
PYEXT := --manifest-path pyext/Cargo.toml --workspace
FUZZ := --manifest-path pyext/fuzz/Cargo.toml
TESTS := contract/tests pyext/tests python_service/tests infra/stack/tests loadtests/tests
WORKERS := 2
PYTEST :=
# In a folder of its own, for what it compiles is instrumented.
TARPAULIN := cargo tarpaulin --engine llvm --locked --skip-clean --out Stdout --target-dir target/tarpaulin
PYTHON := contract python_service pyext infra loadtests conftest.py
# What pyo3 is compiled for, where it is not maturin that compiles.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14

set-up: ## install what the other targets need
	@infra/stack/set_up.sh

cloud-tools: set-up ## install or build what the tests of infra/ need: Terraform's parts, and hosts to test with
	@infra/tests/set_up.sh

showdown: set-up ## measure all variants with the quick profile and show the table
	@$(BIN)/showdown run --profile quick

verify: set-up ## compare every variant's answers with the golden cases, byte for byte
	@$(BIN)/showdown verify

test: set-up check test-rust ## run every test of every language
	$(MAKE) --jobs=2 test-python test-infra

test-rust: set-up ## run the tests of the Rust service and of the extension's core
	cargo test --locked $(PYEXT)
	$(WITH_DATABASE) cargo test --locked $(SERVICE)

# Mostly they wait: for deadlines, for servers, for rounds. With more at once, the machine would miss their deadlines.
test-python: set-up ## run the Python tests of all folders but infra/tests
	cargo build --release --locked --quiet $(SERVICE)
	$(WITH_DATABASE) $(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadfile $(PYTEST) $(TESTS)

test-infra: set-up ## run the tests of infra/, of which some boot hosts
	$(BIN)/pytest $(PYTEST) infra/tests

# Fuzz targets are not linked here, so that libFuzzer, which is C++, need not be compiled: any path will do for it.
check: set-up ## lint and type-check; warnings are errors
	$(BIN)/ruff format --check $(PYTHON)
	$(BIN)/ruff check $(PYTHON)
	$(BIN)/mypy contract/showdown_contract python_service/python_service pyext/python/rowjson pyext/bench infra/stack/showdown_stack loadtests/showdown loadtests/locustfile.py loadtests/bench
	for tests in contract infra infra/stack loadtests pyext python_service; do $(BIN)/mypy $$tests/tests || exit; done
	$(BIN)/mypy python_service/gunicorn.conf.py
	$(BIN)/lint-imports
	cargo fmt --check $(SERVICE)
	cargo fmt --check --all --manifest-path pyext/Cargo.toml
	cargo clippy --locked --all-targets $(SERVICE) -- -D warnings
	cargo clippy --locked --all-targets $(PYEXT) -- -D warnings
	cargo fmt --check $(FUZZ)
	CUSTOM_LIBFUZZER_PATH=/none/libFuzzer.a cargo clippy --locked --bins $(FUZZ) -- -D warnings

fmt: set-up ## format all Python and Rust
	$(BIN)/ruff format $(PYTHON)
	cargo fmt $(SERVICE)
	cargo fmt --all --manifest-path pyext/Cargo.toml
	cargo fmt $(FUZZ)

coverage: set-up ## run the Python and Rust tests and show what they cover; no gate
	cargo build --release --locked --quiet $(SERVICE)
	$(WITH_DATABASE) $(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadfile --cov --cov-report=term:skip-covered $(PYTEST) $(TESTS)
	@if command -v cargo-tarpaulin >/dev/null; then \
	    $(TARPAULIN) $(PYEXT) && $(WITH_DATABASE) $(TARPAULIN) $(SERVICE); \
	else \
	    echo "showdown: left out Rust, for cargo-tarpaulin is missing: type 'cargo install cargo-tarpaulin --locked'"; \
	fi

versions: set-up ## test the extension under each CPython from 3.11 on that is installed, minutes each; not in `make test`
	@pyext/versions.sh

bench: set-up ## measure the extension against other JSON libraries, a quarter of an hour; tables in pyext/README.md
	cd pyext && ../$(WITH_DATABASE) ../$(BIN)/python -m bench
	cd pyext && ../$(BIN)/python -m bench.report

# In runs of their own, for hypothesis keeps what it has tried.
fuzz: set-up ## compare the extension's JSON with orjson's and Postgres's, over 200,000 random examples
	for run in 1 2 3 4 5 6 7 8 9 10; do \
	    ROWJSON_EXAMPLES=10000 $(WITH_DATABASE) $(BIN)/pytest --quiet --timeout=0 pyext/tests/test_fuzz.py || exit; \
	done

soak: set-up ## call the extension ten million times and see whether its memory stays flat
	cd pyext && ../$(WITH_DATABASE) ../$(BIN)/python -m bench.soak

report: set-up ## show the latest run again
	@$(BIN)/showdown report

clean: ## delete what the other targets made, results excepted
	rm -rf .venv .coverage* target rust_service/target pyext/target pyext/fuzz/target pyext/fuzz/corpus .mypy_cache .ruff_cache .pytest_cache .hypothesis
