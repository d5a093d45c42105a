# make demo     collects the five seed sites from the bundled archive into output/
# make test     lint, types, import contract and tests
# make lint     ruff, mypy, import-linter
# make pytest   the tests alone
# make format   formats, and mends what ruff can mend
# make docs     writes the made parts of docs/ anew
# make site     builds docs/ as a web site with search into build/site, to be read from the disk
# make bench    measures, and rewrites the tables in docs/; QUICK=1: small numbers, nothing written
# make count    counts instructions of a page against pinned figures; needs valgrind
# make lock     resolves both requirements files anew; needs uv
# make clean    removes .venv and output/
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: help demo test lint format docs site pytest bench count lock clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# \(make \)/\1/p' Makefile

demo: $(READY)
	@$(BIN)/scrapy collect --all -a archive=seeds/demo.warc.gz

test: lint pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

pytest: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	$(BIN)/python -m crawler.corpus.schema_page
	$(BIN)/python -m crawler.inspection.reference

site: $(READY)
	$(BIN)/sphinx-build -q -W --keep-going docs build/site
	@echo "build/site/index.html"

bench: $(READY)
	$(BIN)/python benchmarks/run.py $(if $(QUICK),--quick) $(BENCH)

count: $(READY)
	$(BIN)/python benchmarks/regression.py

# Writes requirements.lock (a checkout) and, with the same versions, requirements-run.lock (the container) anew; needs uv.
LOCK := uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url pyproject.toml
lock:
	$(LOCK) --upgrade --extra dev -o requirements.lock
	$(LOCK) --constraint requirements.lock --extra web --extra alerts --group build -o requirements-run.lock

clean:
	rm -rf .venv output

# One environment from the lock, made by uv when it is there and by pip otherwise.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "setting up .venv (once, about a minute) ..."
	@if command -v uv >/dev/null 2>&1; then \
	  uv -q venv --clear --python "$(PYTHON)" .venv && uv -q pip install --python $(BIN)/python --require-hashes --no-deps -r requirements.lock; \
	else \
	  $(PYTHON) -m venv --clear .venv || { echo "python3 cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 2; }; \
	  $(BIN)/python -m pip -q --disable-pip-version-check install --require-hashes --no-deps -r requirements.lock; \
	fi
	@touch $@
