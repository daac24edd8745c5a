# Everything a person or a pipeline asks of this project. `make setup` is quick when there is nothing to do.
.DEFAULT_GOAL := help
.PHONY: help setup browser run test check bench faults lock clean

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --no-header --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links

help:  ## What there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup:  ## Environment in .venv, locked dependencies, Kafka's jars, the pages' assets
	@PYTHON="$(PYTHON)" sh deploy/local/setup/environment.sh
	@$(BIN)/python -m compileall -q deploy handlers intake routing schemas sla
	@$(BIN)/python -m deploy.local.setup

browser: setup
	@$(BIN)/python -m deploy.local.setup.browser

run: setup  ## Everything on this machine, with demo data, at http://127.0.0.1:8080
	@exec $(BIN)/huiyin up --demo

# Three parts at a time (.ci/lanes says why); each says its own summary.
test: setup browser  ## Every test
	@sed -n -e '/^#/d' -e 's|\bpytest |$(BIN)/pytest |p' tests/parts.txt | .ci/lanes

check: setup  ## Format, lint, types, import rules, dependencies, generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m deploy.docgen --check

bench: setup  ## The project's measurements, one JSON object each
	@for part in pipeline lifecycle intake sweep search pages classify; do \
		$(BIN)/huiyin bench $$part --json || exit 1; done

faults: setup  ## What happens when brokers, the database, disks and our own processes fail: runs and writes docs/faults.md
	$(BIN)/pytest $$($(BIN)/python -m deploy.docgen.faults)
	$(BIN)/python -m deploy.docgen

lock: setup  ## New lock files from pyproject.toml: hashes, no index
	$(COMPILE) pyproject.toml requirements/build.in -o requirements/runtime.txt $(UPGRADE)
	$(COMPILE) --extra dev pyproject.toml requirements/build.in -o requirements/dev.txt $(UPGRADE)
	$(COMPILE) requirements/pip.in -o requirements/pip.txt $(UPGRADE)
	$(COMPILE) requirements/jars.in -o requirements/jars.txt $(UPGRADE)
	$(COMPILE) requirements/node.in -o requirements/node.txt $(UPGRADE)

clean:  ## Removes what set-up made here (the jars in the user's cache stay)
	rm -rf .venv .build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info \
		deploy/web/site/assets/node_modules deploy/web/site/static/vendor
