#!/usr/bin/env bash
# make bench: measure on SQLite and on a throwaway PostgreSQL that keeps its promises on disk (fsync on).
set -euo pipefail
cd "$(dirname "$0")/.."
tools/system.sh test
tools/venv.sh
export KARYA_TEST_POSTGRES_OPTIONS="-c fsync=on -c synchronous_commit=on -c full_page_writes=on"
exec tools/postgres.sh .venv/bin/python -m bench "$@"
