# Everything starts here: `make serve` and `make test` set up what they need by themselves.
SHELL := /bin/sh
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11, 5))' 2>/dev/null && { echo $$p; break; }; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PORT ?= 8000
export NO_MKDOCS_2_WARNING := 1
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help serve site preview check fix run audit diff base-site test nightly bench shots book offline exports bench-book bench-pages bench-search system clean

help:
	@echo "make serve    execute and check every snippet, build, and serve with reload at http://127.0.0.1:$(PORT)"
	@echo "make test     all tests, in a browser too"
	@echo "make site     the same build into site/"
	@echo "make preview  for typos: serve without executing anything, without PyTorch"
	@echo "make check    check articles, snippets and code by the rules of CONTRIBUTING.md in seconds, executing nothing"
	@echo "make fix      the same, mending what a machine can: spacing, punctuation, layout, order, ruff"
	@echo "make run      execute and check the snippets alone"
	@echo "make audit    change the snippets in small ways and report what no assertion notices"
	@echo "make diff     what a reviewer wants to see: how the evidence differs from BASE=origin/main, say"
	@echo "make nightly  everything again from nothing: all snippets, again under another seed, all tests, then a full audit"
	@echo "make bench    how long builds take, beside bare MkDocs and markdown-exec (half an hour on a quiet machine)"
	@echo "make shots    pictures of every kind of page into shots/, to be looked at"
	@echo "make book     the articles as a PDF that could be printed, and as an EPUB, into dist/"
	@echo "make offline  the site as a zip that opens from the file system, into dist/"
	@echo "make exports  all that readers take along: book, EPUB, offline site, plain text, notebooks"
	@echo "make bench-book  how long the book takes, for 60 and 260 articles"
	@echo "make bench-search  the goldens of search on ours, on Material's and on Pagefind"
	@echo "make system   install Chromium and a Chinese font (Debian, Ubuntu), for the browser tests"
	@echo "make clean    remove what builds have written (not the virtual environment)"

serve: $(VENV)/.snippets
	@echo "Executing what has changed, building, then serving; Ctrl-C ends it."
	@$(BIN)/python -m mkdocs serve --dirty --dev-addr 127.0.0.1:$(PORT)

site: $(VENV)/.snippets
	@$(BIN)/python -m mkdocs build --strict

preview: $(VENV)/.docs
	@echo "Preview: nothing is executed; outputs come from the committed records."
	@BAGU_PREVIEW=1 $(BIN)/python -m mkdocs serve --dirty --dev-addr 127.0.0.1:$(PORT)

check: $(VENV)/.docs
	@$(BIN)/bagu check

fix: $(VENV)/.docs
	@$(BIN)/bagu check --fix

run: $(VENV)/.snippets
	@$(BIN)/bagu run

# Page weight as well, where both sites are there: `make site` in the tree, `make base-site` when it stood at BASE.
diff: $(VENV)/.snippets
	@test -n "$(BASE)" || { echo "Say what to compare with: make diff BASE=origin/main"; exit 2; }
	@$(BIN)/bagu diff "$(BASE)" $(if $(and $(wildcard site/index.html),$(wildcard .cache/base-site/index.html)),--site site --base-site .cache/base-site)

base-site:
	@test -f site/index.html || { echo "There is no site/ to keep; make site first"; exit 1; }
	@rm -rf .cache/base-site && mkdir -p .cache && cp -R site .cache/base-site

test: $(VENV)/.test
	@$(BIN)/python -m pytest

audit: $(VENV)/.snippets
	@$(BIN)/bagu audit

nightly: $(VENV)/.test
	@$(BIN)/bagu run --fresh
	@$(BIN)/bagu run --seed 1
	@$(BIN)/python -m pytest -m ""
	@$(BIN)/bagu audit --all

shots: $(VENV)/.test
	@$(BIN)/python -m mkdocs build -q --strict
	@$(BIN)/python tests/shots.py

bench: $(VENV)/.snippets requirements-bench.txt
	@$(PIP) install -q -r requirements-bench.txt
	@$(BIN)/python bench/build.py --what snippets
	@$(BIN)/python bench/build.py --what serve --articles 60
	@$(BIN)/python bench/build.py --articles 20 60 200 --runs 5
	@$(BIN)/python bench/build.py --what growth --articles 200 1000 --again 3 --sides bare ours

bench-search: $(VENV)/.test .cache/bench/.search
	@$(BIN)/python bench/search.py

.cache/bench/.search: requirements-bench-search.txt
	@echo "Installing what search is compared with, below .cache/bench …"
	@rm -rf .cache/bench/python && $(PIP) install -q --target .cache/bench/python -r requirements-bench-search.txt
	@touch $@

bench-pages: $(VENV)/.test
	@$(BIN)/python bench/lighthouse.py

book: $(VENV)/.book site
	@$(BIN)/bagu export book
	@$(BIN)/bagu export epub

offline: site
	@$(BIN)/bagu export zip

exports: book offline
	@$(BIN)/bagu export text
	@$(BIN)/bagu export notebooks

bench-book: $(VENV)/.book site
	@$(BIN)/python bench/book.py

system:
	@.ci/system

clean:
	rm -rf site site.partial site.old dist .cache .pytest_cache

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "No Python 3.11.5 or newer with venv found (Debian: apt install python3-venv); or give one: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "[1/4] Making a virtual environment in $(VENV) with $(PYTHON) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.docs: $(VENV)/.made requirements.txt requirements-check.txt pyproject.toml
	@echo "[2/4] Installing what builds and checks the pages (once, about 75 MB) …"
	@$(PIP) install -q -r requirements.txt -r requirements-check.txt -e .
	@touch $@

$(VENV)/.snippets: $(VENV)/.docs requirements-snippets.txt requirements-labs.txt
	@echo "[3/4] Installing what the snippets import: NumPy, matplotlib, PyTorch (once, several minutes on a slow line) …"
	@$(PIP) install -q -r requirements-snippets.txt -r requirements-labs.txt
	@touch $@

# The Chinese fonts, 85 MB, only where the system has none.
$(VENV)/.book: $(VENV)/.snippets requirements-book.txt requirements-book-font.txt
	@echo "Installing what the book needs: pandoc, Typst (once, about 70 MB) …"
	@$(PIP) install -q -r requirements-book.txt
	@$(BIN)/python -m bagu.exports_fonts >/dev/null 2>&1 || { \
	  echo "No Noto CJK fonts here; installing a package that carries them (once, 85 MB) …"; \
	  $(PIP) install -q --no-deps -r requirements-book-font.txt; }
	@touch $@

$(VENV)/.test: $(VENV)/.book requirements-test.txt
	@echo "[4/4] Installing what the tests need (once) …"
	@$(PIP) install -q -r requirements-test.txt
	@touch $@
