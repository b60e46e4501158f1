#!/usr/bin/env bash
# Starts a PostgreSQL of its own, loads a broker's CSV and serves the automator until it is stopped.
#
#   examples/postgres_automator/serve.sh [FOLDER] [CSV]
#
# FOLDER keeps the database (default: example-data). PORT (8700), WORKERS (4), API_KEY (example-key), HOLD_SECONDS (900)
# and PYTHON come from the environment. It needs the Debian package postgresql and requirements.txt beside this file.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${1:-example-data}"
folder=$(cd "${1:-example-data}" && pwd)
csv=${2:-$here/broker.csv}
python=${PYTHON:-python3}
export API_KEY=${API_KEY:-example-key} HOLD_SECONDS=${HOLD_SECONDS:-900}

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1 || true)
bin=${bin:-$(dirname "$(command -v initdb || echo /none)")}
[ -x "$bin/initdb" ] || { echo "PostgreSQL is not here: apt-get install postgresql" >&2; exit 1; }

# PostgreSQL refuses to run as root; the Debian package brings a user for it
as_owner() { if [ "$(id -u)" -eq 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi; }
[ "$(id -u)" -ne 0 ] || chown postgres "$folder"

[ -f "$folder/db/PG_VERSION" ] || as_owner "$bin/initdb" -D "$folder/db" --username=automator --auth=trust --encoding=UTF8 >/dev/null
as_owner "$bin/pg_ctl" -D "$folder/db" -w -s -l "$folder/postgresql.log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=100" start
trap 'as_owner "$bin/pg_ctl" -D "$folder/db" -m fast -s stop' EXIT
"$bin/psql" -h "$folder" -U automator -d postgres -tAc "select 1 from pg_database where datname = 'automator'" | grep -q 1 ||
  "$bin/createdb" -h "$folder" -U automator automator

export DATABASE_URL="postgresql+psycopg://automator@/automator?host=$folder"
cd "$here"
"$python" load.py "$csv"
echo "serving on http://127.0.0.1:${PORT:-8700}, ${WORKERS:-4} workers; try:"
echo "  mockpos conform http://127.0.0.1:${PORT:-8700} --api-key $API_KEY --listing 4711:24 --sold-out 4714 --allow-invoice --codes $here/codes.txt"
"$python" -m gunicorn --workers "${WORKERS:-4}" --bind "127.0.0.1:${PORT:-8700}" --pid "$folder/gunicorn.pid" \
  --log-level warning 'app:create_app()' &
server=$!
trap 'kill -TERM "$server" 2>/dev/null || true' INT TERM
wait "$server" || true
wait "$server" 2>/dev/null || true
