#!/usr/bin/env bash
# system.sh run|test: bring the system's packages that a target needs, when they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
source tools/lib.sh

missing=()
has_library libpango-1.0.so.0 || missing+=(libpango-1.0-0)
has_library libpangoft2-1.0.so.0 || missing+=(libpangoft2-1.0-0)
has_library libharfbuzz-subset.so.0 || missing+=(libharfbuzz-subset0)
if [ ! -x .venv/bin/python ]; then
    python=$(find_python)
    # Debian ships ensurepip apart, in a package named after the version.
    "$python" -c 'import ensurepip' 2>/dev/null ||
        missing+=("$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
fi
if [ "${1:-run}" = test ]; then
    if [ -z "${KARYA_TEST_POSTGRES_URL:-}" ]; then
        compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
    fi
    command -v chromium >/dev/null || missing+=(chromium)
    command -v pdfsig >/dev/null || missing+=(poppler-utils)
    command -v qpdf >/dev/null || missing+=(qpdf)
    command -v softhsm2-util >/dev/null || missing+=(softhsm2)
fi
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
