# Each target is one intent; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help set-up cloud-tools showdown verify test check versions bench fuzz soak report clean

BIN := .venv/bin
WITH_DATABASE := $(BIN)/showdown up --database-only --
SERVICE := --manifest-path rust_service/Cargo.toml
PYEXT := --manifest-path pyext/Cargo.toml --workspace
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

test: set-up check ## run every test of every language
	cargo test --locked $(PYEXT)
	$(WITH_DATABASE) cargo test --locked $(SERVICE)
	cargo build --release --locked --quiet $(SERVICE)
	$(WITH_DATABASE) $(BIN)/pytest

check: set-up ## lint and type-check; warnings are errors
	$(BIN)/ruff format --check $(PYTHON)
	$(BIN)/ruff check $(PYTHON)
	$(BIN)/mypy contract/showdown_contract python_service/python_service pyext/python/rowjson pyext/bench infra/stack/showdown_stack loadtests/showdown loadtests/locustfile.py
	for tests in contract infra infra/stack loadtests pyext python_service; do $(BIN)/mypy $$tests/tests || exit; done
	$(BIN)/lint-imports
	cargo fmt --check $(SERVICE)
	cargo fmt --check --all --manifest-path pyext/Cargo.toml
	cargo clippy --locked --all-targets $(SERVICE) -- -D warnings
	cargo clippy --locked --all-targets $(PYEXT) -- -D warnings
	cargo check --locked --quiet --bins --manifest-path pyext/fuzz/Cargo.toml

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
	rm -rf .venv rust_service/target pyext/target pyext/fuzz/target pyext/fuzz/corpus .mypy_cache .ruff_cache .pytest_cache .hypothesis
