#!/usr/bin/env bash
# make test: the whole suite on SQLite and on PostgreSQL in one run of pytest. Arguments go to pytest: tests/tenants -x
set -euo pipefail
cd "$(dirname "$0")/.."
tools/system.sh test
tools/venv.sh
if [ $# = 0 ]; then      # slipcover, which costs next to nothing, in each worker; tests/support/coverage.py prints it
    export SLIPCOVER_ENABLED=1 SLIPCOVER_BRANCH=1 SLIPCOVER_SOURCE=tenants,workflows,catalogue,sales,recaps,webapp
fi
exec tools/postgres.sh .venv/bin/python -m pytest -n 3 --dist loadgroup "$@"
