#!/usr/bin/env bash
# make run: from a bare machine to a served page. Every step that was done before is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/lib.sh

python=$(find_python)
export KARYA_DEMO=${KARYA_DEMO:-1} PORT=${PORT:-${KARYA_PORT:-8080}}
unset PYTHONDONTWRITEBYTECODE   # without .pyc files every start compiles a hundred packages again
"$python" tools/preflight.py check
tools/system.sh run
tools/venv.sh
if ! "$python" tools/preflight.py loaded; then
    .venv/bin/python run.py init
    "$python" tools/preflight.py remember
fi
"$python" tools/preflight.py announce $$ &
exec .venv/bin/python run.py serve
