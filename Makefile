# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
PORT ?= 8000
PYTEST_ARGS ?=
BENCH_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test bench lint messages screenshots clean

help: ## List what there is to make
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

demo: $(VENV)/demo.stamp ## Serve a store with sessions to look at on 127.0.0.1 (PORT=8000)
	@PORT=$(PORT) $(BIN)/python -m project.demo

test: $(VENV)/dev.stamp mariadb-driver ## Run the tests: SQLite, and PostgreSQL and MariaDB where they can be reached
	@$(BIN)/python -m tests.run $(PYTEST_ARGS)

bench: $(VENV)/dev.stamp ## Measure speed beside AgentOS (needs wrk and PostgreSQL; BENCH_ARGS=--help)
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

lint: $(VENV)/dev.stamp ## Check style, types, migrations and the OpenAPI document
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=1 $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null

messages: $(VENV)/dev.stamp ## Collect the texts to translate, and compile the translations (needs GNU gettext)
	cd sessions_app && ../$(BIN)/django-admin makemessages --all --add-location file --no-wrap --no-obsolete
	sed -i '/^"POT-Creation-Date:/d' sessions_app/locale/*/LC_MESSAGES/django.po
	for po in sessions_app/locale/*/LC_MESSAGES/django.po; do msgfmt --check-format --check-domain -o $${po%.po}.mo $$po; done

screenshots: $(VENV)/dev.stamp ## Take the pictures of the documentation anew (needs Chromium)
	SCREENSHOTS=docs/images DATABASE_URL=sqlite://:memory: $(BIN)/python -m pytest --quiet tests/browser/test_screenshots.py

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
	rm -f db.sqlite3 db.sqlite3-shm db.sqlite3-wal

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; choose one with PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv module is needed (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }

$(VENV)/pip.stamp: | $(BIN)/pip
	@$(PIP) install --upgrade "pip>=25.1"
	@touch $@

$(VENV)/demo.stamp: pyproject.toml | $(VENV)/pip.stamp
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --editable ".[demo]"
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/pip.stamp
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --group dev --editable ".[demo,postgres]"
	@touch $@

# There is no wheel of mysqlclient for Linux: it is compiled, which not every machine can. Tried again each time.
.PHONY: mariadb-driver
mariadb-driver: $(VENV)/dev.stamp
	@$(BIN)/python -c 'import MySQLdb' 2>/dev/null \
		|| $(PIP) install --editable ".[mariadb]" >$(VENV)/mariadb.log 2>&1 \
		|| echo "mysqlclient cannot be built here (see $(VENV)/mariadb.log); it needs a C compiler, pkg-config, Python's and MariaDB's headers."
