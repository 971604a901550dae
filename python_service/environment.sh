#!/bin/sh
# Makes a Python environment of the service with one of its extras, as uv.lock says: .venv-EXTRA.
#   python_service/environment.sh httpx2-2-2
set -eu
cd "$(dirname "$0")/.."
# Without rowjson, for which Rust would have to be compiled once more. Bytecode is compiled now, for the services
# cannot write to the checkout.
UV_PROJECT_ENVIRONMENT=".venv-$1" exec .venv/bin/uv sync --quiet --locked --compile-bytecode --python .venv/bin/python \
    --package showdown-python-service --extra "$1" --no-install-package rowjson
