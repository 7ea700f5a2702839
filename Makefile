# Two commands matter: `make run` and `make test`. Everything they need is set up on the way.
PYTHON ?= python3
T ?=
B ?=
export UV_SYSTEM_CERTS := 1
export UV_PYTHON_PREFERENCE := only-system
UV := .tools/bin/uv
BIN := .venv/bin
WEEK_AGO = $(shell date -u -d '7 days ago' +%F)
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --exclude-newer "$(WEEK_AGO)"

# Databases that live for one test are made in memory where there is room for them.
IN_MEMORY = $(shell [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ] 2>/dev/null && echo TMPDIR=/dev/shm)
STORED = tests/unit/api tests/unit/cli tests/unit/services tests/unit/storage tests/unit/web tests/integration tests/acceptance

.DEFAULT_GOAL := help
.PHONY: help run test check lock bench evaluate browser-test screenshots schemas texts seed clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(UV): requirements-uv.lock
	$(PYTHON) -m pip install --quiet --root-user-action=ignore --upgrade --target .tools --require-hashes -r requirements-uv.lock
	@touch $@

.venv/.ready: $(UV) pyproject.toml requirements-dev.lock
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --quiet --compile-bytecode --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

run: .venv/.ready ## Load the seed lists and the demonstration if the database is empty, then serve
	$(BIN)/traceability demo --if-empty
	$(BIN)/traceability serve

# The core rooms, what works on a database, and the browser are tested in processes of their own: the browser's driver
# keeps an event loop running, and a failure of the quick rooms is told first. What works on a database waits now and then.
test: .venv/.ready ## Run every test: SQLite, real PostgreSQL, browser when a Chromium is present (T= passes to pytest)
	$(if $(T),$(IN_MEMORY) $(BIN)/pytest -n 2 -m "not browser" $(T))
	$(if $(T),,$(BIN)/pytest -n 2 -m "not browser" $(STORED:%=--ignore=%))
	$(if $(T),,$(IN_MEMORY) $(BIN)/pytest -n 3 -m "not browser" $(STORED))
	$(if $(T),,$(BIN)/pytest -m browser)

check: .venv/.ready ## Lint, types, import arrows, container files, freshness of generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/python scripts/schemas.py --check
	$(BIN)/python scripts/rules_doc.py --check
	$(BIN)/python scripts/texts.py --check
	$(BIN)/python scripts/house_rules.py

lock: $(UV) ## Resolve again: every version pinned with hashes, none younger than a week
	echo uv | $(COMPILE) --no-annotate - -o requirements-uv.lock
	$(COMPILE) --extra all --group dev pyproject.toml -o requirements-dev.lock
	$(COMPILE) --extra all pyproject.toml -o requirements.lock
	echo pymerkle | $(COMPILE) --no-annotate - -o requirements-peers.lock
	echo nomenklatura | $(COMPILE) --no-annotate - -o requirements-names-peer.lock

.peers/.ready: .venv/.ready requirements-peers.lock
	$(UV) pip install --quiet --python .venv --target .peers --require-hashes -r requirements-peers.lock
	@touch $@

# PyICU, which nomenklatura needs, is built here: not every machine can, and the bench goes on without it.
.names-peer/.ready: .venv/.ready requirements-names-peer.lock
	$(UV) pip install --quiet --python .venv --target .names-peer --require-hashes -r requirements-names-peer.lock
	@touch $@

bench: .peers/.ready ## Measure rates against named references and targets (B=--strict fails where one is missed)
	@$(MAKE) --no-print-directory .names-peer/.ready \
		|| echo "nomenklatura could not be built (it needs libicu-dev, pkg-config and a C++ compiler): not judged"
	PYTHONPATH=.peers $(BIN)/python -m bench $(B)

evaluate: .venv/.ready ## Print quality figures with intervals (documents, names, rules)
	$(BIN)/python -m bench.evaluate

browser-test: .venv/.ready ## Only the browser tests (needs a Chromium)
	$(BIN)/pytest -m browser $(T)

screenshots: .venv/.ready ## Photograph every page of the demonstration for docs/pages.md (needs a Chromium)
	$(BIN)/python scripts/screenshots.py

schemas: .venv/.ready ## Regenerate schemas/ and docs/rules.md from the code
	$(BIN)/python scripts/schemas.py
	$(BIN)/python scripts/rules_doc.py

texts: .venv/.ready ## Bring the files of the pages' languages up to date, and tell what is not translated
	$(BIN)/python scripts/texts.py

seed: .venv/.ready ## Rebuild seed/ from a folder of collected lists (FROM=path)
	$(BIN)/python scripts/build_seed.py $(FROM)

clean: ## Remove the environment and the local data
	rm -rf .venv .peers .names-peer .tools var
