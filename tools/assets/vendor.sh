#!/bin/sh
# Fetches the npm packages that the pages use and writes what is needed of them to webapp/static/vendor,
# which is committed: only whoever changes a version or adds an icon (icons.txt) runs this.
set -eu
cd "$(dirname "$0")"
command -v npm >/dev/null || { echo "make assets needs Node.js 18 or newer (apt-get install nodejs npm)" >&2; exit 1; }
npm ci --silent
node build.mjs

# The pages use the weights 400 to 700 alone; the font without the others is a third lighter.
font=../../webapp/static/vendor/plus-jakarta-sans.woff2
../../.venv/bin/python -m fontTools.varLib.instancer -q "$font" wght=400:700 -o "$font.part"
mv "$font.part" "$font"
