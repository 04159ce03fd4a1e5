#!/usr/bin/env bash
# postgres.sh COMMAND...: run a command beside a throwaway PostgreSQL cluster on loopback, in a folder of its own that
# is removed afterwards. The command finds a superuser's address in KARYA_TEST_POSTGRES_URL. Where that is set already,
# the cluster it names is used and nothing is started.
set -euo pipefail
source "$(dirname "$0")/lib.sh"
if [ -n "${KARYA_TEST_POSTGRES_URL:-}" ]; then exec "$@"; fi

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)
bin=${bin:-$(dirname "$(command -v initdb)")}
folder=$(mktemp -d "${TMPDIR:-/tmp}/karya-postgres.XXXXXX")
as_owner=()
if [ "$(id -u)" = 0 ]; then      # PostgreSQL refuses to run as root
    owner=$(id -u postgres >/dev/null 2>&1 && echo postgres || echo nobody)
    chown "$owner" "$folder"
    as_owner=(runuser -u "$owner" --)
fi
cleanup() {
    (cd / && "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1) || true
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

port=$("$(find_python)" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(
    cd /
    "${as_owner[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --locale=C.UTF-8 -E UTF8 --no-sync >"$folder.log" 2>&1 &&
        "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -w -s -t 60 -l "$folder/server.log" -o "-p $port \
            -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200 -c shared_buffers=128MB \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
            -c max_prepared_transactions=10 -c timezone=UTC ${KARYA_TEST_POSTGRES_OPTIONS:-}" start >>"$folder.log" 2>&1
) || { cat "$folder.log" "$folder/server.log" >&2 2>/dev/null; rm -f "$folder.log"; stop "the throwaway PostgreSQL did not start."; }
rm -f "$folder.log"

export KARYA_TEST_POSTGRES_URL="postgresql+psycopg://postgres@127.0.0.1:$port/postgres"
"$@"
