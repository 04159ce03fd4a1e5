# Sourced by the other scripts of this folder, from the project's own folder.

say() { printf '%s\n' "$*" >&2; }
stop() { printf 'karya: %s\n' "$*" >&2; exit 1; }

# The first Python that is new enough; PYTHON=... chooses another one.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 /usr/bin/python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    candidate=$("${PYTHON:-python3}" --version 2>&1 | tail -n 1) || true
    stop "Python 3.11 or newer is needed, ${PYTHON:-python3} is: ${candidate:-not installed}. Install it, or name one: PYTHON=/path/to/python3.12 make run"
}

# Whether the dynamic linker knows a library, by its file name.
has_library() { [[ $libraries == *"$1 "* ]]; }
libraries="$( (/sbin/ldconfig -p 2>/dev/null || true) | awk '{printf "%s ", $1}')"

# Install Debian packages as root or through sudo; else say the exact command and stop.
install_packages() {
    local as_root=() update="apt-get update -q" install="apt-get install -y --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        stop "missing on this system (names of Debian's packages): $*. Install them and start again."
    fi
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }; }; then
            as_root=(sudo)
        else
            local how="sudo sh -c '$update && $install'"
            command -v sudo >/dev/null || how="su -c '$update && $install'"
            stop "system packages are missing. Run this once, then start again:
    $how"
        fi
    fi
    say "karya: installing $*"
    # A list that is a few days old names files that the mirror no longer has, hence update first.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "$update >/dev/null && $install >/dev/null" </dev/null ||
        stop "apt-get could not install: $*. The command was: $update && $install"
}
