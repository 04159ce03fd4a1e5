#!/usr/bin/env bash
# make test: the whole suite on SQLite and on PostgreSQL in one run of pytest. Arguments go to pytest: tests/tenants -x
set -euo pipefail
cd "$(dirname "$0")/.."
tools/system.sh test
tools/venv.sh
cover=(--cov --cov-report=term)
[ $# = 0 ] || cover=()
exec tools/postgres.sh .venv/bin/python -m pytest -n 2 --dist loadgroup "${cover[@]}" "$@"
