#!/usr/bin/env bash
# requirements.in -> requirements.txt for every Python from 3.11 on, and uv's own pin in tools/uv.txt.
# UPGRADE=1 takes the newest of what requirements.in leaves open.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/venv.sh
compile=(.venv/bin/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes
    --no-emit-find-links --no-emit-index-url --no-header ${UPGRADE:+--upgrade})
"${compile[@]}" requirements.in -o requirements.txt
if [ -n "${UPGRADE:-}" ]; then echo uv | "${compile[@]}" - -o tools/uv.txt; fi
