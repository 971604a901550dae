#!/bin/sh
# Makes the Python environment of one file in environments/: .venv-outbound-NAME in the checkout.
#   loadtests/bench/outbound/environment.sh httpx-0.21.1
# With requirements, it writes the file first, with everything that they need pinned:
#   loadtests/bench/outbound/environment.sh httpx2-2.15 httpx2==2.15.0 certifi
set -eu
cd "$(dirname "$0")/../../.."
file=loadtests/bench/outbound/environments/$1.txt
environment=.venv-outbound-$1
shift
if [ "$#" -gt 0 ]; then
    printf '%s\n' "$@" pyperf==2.10.0 |
        .venv/bin/uv pip compile --quiet --no-header --no-annotate --python .venv/bin/python --output-file "$file" - >/dev/null
fi
.venv/bin/uv venv --quiet --allow-existing --python .venv/bin/python "$environment"
VIRTUAL_ENV=$environment exec .venv/bin/uv pip sync --quiet --compile-bytecode "$file"
