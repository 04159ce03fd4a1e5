#!/usr/bin/env bash
# Collect the texts (Indonesian is the source), update webapp/translations/en, compile every language.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/venv.sh
template=$(mktemp --suffix .pot)
trap 'rm -f "$template"' EXIT
.venv/bin/python -m babel.messages.frontend -q extract -F tools/babel.cfg -k N_ -k lazy_gettext -k _l \
    --no-location --sort-output -o "$template" .
.venv/bin/python tools/messages.py "$template"
