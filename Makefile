# Everything that one does with the project. Each target gets what it needs by itself; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMPS := .playhead/stamps
JARS := .playhead/jars
RECORDINGS ?= examples/recordings

RECORDER := services/collector/recorder
DASHBOARD := services/query-api/dashboard
NATIVE := services/collector/native
native = $(wildcard $(NATIVE)/Cargo.* $(NATIVE)/src/*.rs)
sources = $(shell find $(1)/src $(1)/public $(1)/index.html $(1)/package.json $(wildcard $(1)/tsconfig*.json $(1)/*.ts $(1)/*.mjs) -type f 2>/dev/null)

.PHONY: help demo run smoke test test-one lint format types bench docs clients soak-sessionizer topics migrate doctor build jars install tools lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# --- run -------------------------------------------------------------------------------------------------

demo: install ## everything on this machine, with recorded sessions played in
	@exec $(BIN)/playhead demo --recordings $(RECORDINGS)

run: install ## everything on this machine; Ctrl-C stops it, data is kept
	@exec $(BIN)/playhead run

smoke: install ## does it work here? recordings in, everything asked back (RECORDINGS=dir), all stopped
	@$(BIN)/playhead smoke --recordings $(RECORDINGS)

topics: $(STAMPS)/python ## make the topics of the running stack the declared ones
	@$(BIN)/playhead topics

migrate: $(STAMPS)/python ## apply the migrations to the running stack's ClickHouse
	@$(BIN)/playhead migrate

doctor: $(STAMPS)/python ## what is missing on this machine, and how to get it
	@$(BIN)/playhead doctor

# --- test ------------------------------------------------------------------------------------------------

test: install chromium ## lint, types and all tests
	@echo "==> lint"
	@$(MAKE) lint
	@echo "==> types"
	@$(MAKE) types
	@echo "==> tests of the collector's native module"
	@cargo test --quiet --locked --lib --manifest-path $(NATIVE)/Cargo.toml --target-dir .playhead/native
	@echo "==> tests of recorder and dashboard"
	@npm run test --workspaces --if-present
	@echo "==> browser tests"
	@npm run test:browser --workspace tests/browser
	@echo "==> tests"
	@$(BIN)/pytest

test-one: install ## one of them: make test-one T=tests/playhead (or a TypeScript test)
	@test -n "$(T)" || { echo "say which: make test-one T=tests/playhead" >&2; exit 2; }
	@case "$(T)" in \
	    tests/browser*) npm run test:browser --workspace tests/browser -- "$(notdir $(T))" ;; \
	    $(RECORDER)*) npm run test --workspace $(RECORDER) -- "$(notdir $(T))" ;; \
	    $(DASHBOARD)*) npm run test --workspace $(DASHBOARD) -- "$(notdir $(T))" ;; \
	    *) $(BIN)/pytest "$(T)" ;; \
	esac

lint: $(STAMPS)/python $(STAMPS)/npm ## ruff, import rules, eslint
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports
	@npm run --silent lint

format: $(STAMPS)/python ## let ruff format and mend what it can
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

types: $(STAMPS)/python $(STAMPS)/npm ## mypy and tsc
	@$(BIN)/mypy
	@npm run --silent types

bench: install ## the benchmarks (B=pipeline for one); each prints a table and writes benchmarks/results/
	@for name in $(if $(B),$(B),$(patsubst benchmarks/%/__main__.py,%,$(wildcard benchmarks/*/__main__.py))); do \
	    $(BIN)/python -m benchmarks.$$name; \
	done

clients: $(STAMPS)/python $(STAMPS)/npm ## typed clients of the query API for Python and TypeScript, into clients/
	@$(BIN)/python clients/generate.py

soak-sessionizer: install ## kill workers, broker and engine in random order for MINUTES=…, and until KILLS=… (SEED=…)
	@test -n "$(MINUTES)" || { echo "say for how long: make soak-sessionizer MINUTES=10" >&2; exit 2; }
	@$(BIN)/python -m tests.soak $(MINUTES) $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED)) \
	    $(if $(REPORT),--report)

docs: $(STAMPS)/python ## docs/metrics.md and docs/settings.md, from what the services declare
	@$(BIN)/python docs/reference.py

# --- set up ----------------------------------------------------------------------------------------------

# Beside one another: most of it is waiting for downloads.
install: ## all that the other targets need
	@$(MAKE) --silent -j4 $(STAMPS)/python $(STAMPS)/npm $(STAMPS)/jars $(STAMPS)/class-archive build

build: $(STAMPS)/recorder $(STAMPS)/dashboard ## recorder.js and the dashboard

jars: $(STAMPS)/class-archive ## Kafka's jars

tools:
	@deploy/setup/machine.sh python cargo node java maven

.PHONY: chromium
chromium:
	@deploy/setup/machine.sh chromium

lock: $(STAMPS)/python ## pin the Python packages anew
	@$(BIN)/pip-compile --quiet --all-extras --allow-unsafe --generate-hashes --no-emit-find-links \
	    --no-emit-index-url --no-emit-trusted-host --strip-extras --output-file requirements/dev.txt pyproject.toml

# Order-only: the machine is looked at in every run, but what was installed is not installed again for it.
$(STAMPS)/python: requirements/dev.txt pyproject.toml deploy/setup/python.sh hatch_build.py $(native) | tools
	@echo "==> Python packages and the collector's native module (once, about a minute)"
	@deploy/setup/python.sh $(VENV)
	@mkdir -p $(@D) && touch $@

$(STAMPS)/npm: package-lock.json package.json $(RECORDER)/package.json $(DASHBOARD)/package.json tests/browser/package.json | tools
	@echo "==> npm packages (once, about half a minute)"
	@npm ci --silent --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

$(STAMPS)/jars: deploy/kafka/pom.xml | tools
	@echo "==> Kafka's jars (once, about a quarter of a minute)"
	@rm -rf $(JARS)
	@mvn --batch-mode --quiet -Dstyle.color=never --file deploy/kafka/pom.xml dependency:copy-dependencies \
	    -DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(JARS)
	@mkdir -p $(@D) && touch $@

$(STAMPS)/class-archive: $(STAMPS)/jars | $(STAMPS)/python
	@$(BIN)/playhead class-archive
	@mkdir -p $(@D) && touch $@

$(STAMPS)/recorder: $(STAMPS)/npm $(call sources,$(RECORDER))
	@echo "==> recorder.js"
	@npm run --silent build --workspace $(RECORDER) -- --logLevel warn
	@mkdir -p $(@D) && touch $@

$(STAMPS)/dashboard: $(STAMPS)/npm $(call sources,$(DASHBOARD))
	@echo "==> dashboard"
	@npm run --silent build --workspace $(DASHBOARD) -- --logLevel warn
	@mkdir -p $(@D) && touch $@

clean: ## remove all that was installed and built; recorded data stays in .playhead/data
	rm -rf $(VENV) node_modules $(RECORDER)/node_modules $(DASHBOARD)/node_modules tests/browser/node_modules
	rm -rf $(RECORDER)/dist $(DASHBOARD)/dist $(STAMPS) $(JARS) .playhead/native services/collector/collector/*.abi3.so
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
