#!/bin/sh
# Runs the extension's tests under each installed version of Python, or under those that are given as arguments.
# It reports a missing version, which is no failure.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 3.11 3.12 3.13 3.14
for version; do
    export UV_PROJECT_ENVIRONMENT=".venv/versions/$version"
    if ! .venv/bin/uv python find --quiet --no-python-downloads "$version" >/dev/null 2>&1; then
        printf 'rowjson: no Python %s here, not tested\n' "$version"
        continue
    fi
    .venv/bin/uv sync --quiet --locked --no-python-downloads --python "$version"
    printf 'rowjson: Python %s\n' "$version"
    .venv/bin/showdown up --database-only -- "$UV_PROJECT_ENVIRONMENT/bin/pytest" --quiet pyext/tests
done
