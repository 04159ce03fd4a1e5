# Karya. `make` or `make help` lists what it can do.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help run test check fmt bench sequences kills pictures lock assets messages clean

PY := .venv/bin/python

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PORT=8081 make run     another port        KARYA_DATA=/srv/karya make run   another folder"
	@echo "  make test T=tests/tenants                  make bench ONLY=decision"

run:  ## install what is missing, load the demonstration, serve on http://127.0.0.1:$PORT (8080)
	@tools/run.sh

test:  ## every test, on SQLite and on PostgreSQL, with coverage (T=path for a part)
	@tools/test.sh $(T)

check:  ## format, lint, types, layers, templates
	@tools/check.sh

fmt:  ## put code into the house's format
	@tools/venv.sh
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

bench:  ## measure, print a table, write bench/latest.json (ONLY=decision for one)
	@tools/bench.sh $(ONLY)

sequences:  ## play ten thousand random sequences of approval, five thousand on each database (an hour or so)
	@KARYA_SEQUENCES=5000 tools/test.sh tests/catalogue/test_sequences.py
	@KARYA_TAMPERING=1 tools/test.sh tests/recaps/test_tampering.py

kills:  ## kill -9 at ten moments of an import (both databases), of taking it back, and of a batch signing (a quarter of an hour)
	@KARYA_KILLS=10 tools/test.sh tests/sales/test_resuming.py tests/recaps/test_kill.py -k killed

pictures:  ## take the guides' screenshots anew, from the stories in the browser
	@KARYA_SCREENSHOTS=1 tools/test.sh tests/journeys -k sqlite

lock:  ## requirements.in -> requirements.txt, pinned with hashes
	@tools/lock.sh

assets:  ## fetch the vendored static files anew (needs Node; the result is committed)
	@tools/assets/vendor.sh

messages:  ## collect the texts of the pages, update and compile the translations
	@tools/messages.sh

clean:  ## remove .venv, caches and what tests left; never var/
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov test-results .coverage .coverage.*
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
