#!/bin/sh
# Fetches the npm packages that the pages use and writes what is needed of them to webapp/static/vendor,
# which is committed: only whoever changes a version or adds an icon (icons.txt) runs this.
set -eu
cd "$(dirname "$0")"
command -v npm >/dev/null || { echo "make assets needs Node.js 18 or newer (apt-get install nodejs npm)" >&2; exit 1; }
npm ci --silent
node build.mjs
