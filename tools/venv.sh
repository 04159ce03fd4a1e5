#!/usr/bin/env bash
# Make .venv hold exactly what requirements.txt says, and remember it in a stamp so that the next start skips this.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/lib.sh

stamp=.venv/.karya-installed
wanted=$(cat requirements.txt tools/uv.txt | sha256sum)
if [ -x .venv/bin/python ] && [ -f $stamp ] && [ "$(<$stamp)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

python=$(find_python)
if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    rm -rf .venv
    say "karya: making .venv with $("$python" --version)"
    "$python" -m venv .venv || stop "could not make .venv in $PWD: see the message above."
fi
rm -f $stamp

pip=(.venv/bin/python -m pip --disable-pip-version-check install -q --no-input --require-hashes)
say "karya: installing what requirements.txt pins"
# uv takes seconds where pip takes most of a minute. It reads no pip.conf: where the office's own mirror is
# named there alone, pip does the work.
if "${pip[@]}" -r tools/uv.txt 2>/dev/null &&
    .venv/bin/python -m uv pip install -q --python .venv/bin/python --require-hashes --compile-bytecode -r requirements.txt; then
    :
else
    say "karya: uv could not do it, trying pip"
    "${pip[@]}" -r requirements.txt || stop "the packages of requirements.txt could not be installed: is there a way to PyPI or to a mirror of it?"
fi
printf '%s\n' "$wanted" > $stamp
