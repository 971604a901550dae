# Each target is one intent; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help set-up showdown verify test check report clean

BIN := .venv/bin
RUST := --manifest-path rust_service/Cargo.toml
PYTHON := contract python_service infra loadtests conftest.py

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14

set-up: ## install what the other targets need
	@infra/local/set_up.sh

showdown: set-up ## measure all variants with the quick profile and show the table
	@$(BIN)/showdown run --profile quick

verify: set-up ## compare every variant's answers with the golden cases, byte for byte
	@$(BIN)/showdown verify

test: set-up check ## run every test of every language
	$(BIN)/showdown up --database-only -- cargo test --locked $(RUST)
	cargo build --release --locked --quiet $(RUST)
	$(BIN)/showdown up --database-only -- $(BIN)/pytest

check: set-up ## lint and type-check; warnings are errors
	$(BIN)/ruff format --check $(PYTHON)
	$(BIN)/ruff check $(PYTHON)
	$(BIN)/mypy contract/showdown_contract python_service/python_service infra/local/local_stack loadtests/showdown loadtests/locustfile.py
	for tests in contract infra/local loadtests python_service; do $(BIN)/mypy $$tests/tests || exit; done
	cargo fmt --check $(RUST)
	cargo clippy --locked --all-targets $(RUST) -- -D warnings

report: set-up ## show the latest run again
	@$(BIN)/showdown report

clean: ## delete what the other targets made, results excepted
	rm -rf .venv rust_service/target .mypy_cache .ruff_cache .pytest_cache .hypothesis
