#!/usr/bin/env bash
# Format, lint, types, layers, templates. All of them run; the last line says which failed.
set -uo pipefail
cd "$(dirname "$0")/.."
tools/system.sh run && tools/venv.sh || exit 1

failed=()
check() {
    local name=$1
    shift
    printf '== %s\n' "$name"
    "$@" || failed+=("$name")
}
export PYTHONPATH=.
check "ruff format" .venv/bin/python -m ruff format --check .
check "ruff" .venv/bin/python -m ruff check .
check "mypy --strict" .venv/bin/python -m mypy
check "import-linter" .venv/bin/python -c 'from importlinter.cli import lint_imports_command as main; main()'
check "djlint" .venv/bin/python -m djlint --lint --quiet webapp/templates recaps/templates
if [ ${#failed[@]} != 0 ]; then
    printf 'make check failed: %s\n' "$(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
    exit 1
fi
echo "make check passed"
