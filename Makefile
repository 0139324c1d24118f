# The same verbs everywhere; CI uses no other way.
PY := .venv/bin/python
# Where it is set, every program is compiled anew at each of its starts.
unexport PYTHONDONTWRITEBYTECODE
# A busy machine loses sound now and then, a phone's ear a word, a moment half a second: that test
# is tried again, twice at the most.
GARBLED := --reruns 2 --only-rerun "PhoneError: not (heard|begun)" --only-rerun "Late: heard" -r R

.PHONY: help install demo up check test year bench soak docs

help:
	@echo "make install   everything into .venv, Asterisk and prompts into the cache"
	@echo "make demo      calls between two real SIP phones, narrated"
	@echo "make up        keep the same stack running, to call in with your own softphone"
	@echo "make check     lint, types, direction of imports"
	@echo "make test      check, then every test"
	@echo "make year      a simulated year of 2,000 accounts, on both databases, and what else is slow"
	@echo "make bench     measure, write benchmarks/results.json"
	@echo "make soak      kill parts a hundred times while calls live, ask the books (20 minutes)"
	@echo "make docs      write the pages that are made from the code"

install:
	@./install.sh

demo: install
	@.venv/bin/parloir demo

up: install
	@.venv/bin/parloir up

check: install
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

test: check
	.venv/bin/pytest -n 6 --dist worksteal --durations 15 -m "not alone and not slow" $(GARBLED)
	.venv/bin/pytest --durations 3 -m alone

year: install
	.venv/bin/pytest --durations 3 -m slow

bench: install
	$(PY) -m benchmarks

soak: install
	$(PY) -m benchmarks.soak

docs: install
	$(PY) -m parloir.picture > docs/call-states.md
