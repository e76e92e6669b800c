# make demo   install, compare the example articles, write report/index.html
# make test   the tests
# make check  lint, format, types
PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help venv demo test check bench clean

help:
	@echo "make venv   install claimnli and its tools into $(VENV)"
	@echo "make demo   compare the articles in seeds/ and write report/index.html"
	@echo "make test   run the tests"
	@echo "make check  lint, format and types"
	@echo "make bench  pairs per second of the engine, beside sentence-transformers"
	@echo "make clean  remove what these made, $(VENV) too"

venv: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Installing claimnli into $(VENV) (1 to 2 GB with PyTorch, more with CUDA; some minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check \
		-c constraints.txt -e '.[dev,html]'
	@touch $@

demo: $(INSTALLED)
	@$(BIN)/claimnli fetch || echo "Going on with the smaller model, mini, which is bundled."
	@$(BIN)/claimnli compare seeds -o report
	@echo "Open report/index.html in a browser."

test: $(INSTALLED)
	@$(BIN)/python -m pytest

check: $(INSTALLED)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(INSTALLED)
	@$(BIN)/python scripts/benchmark.py

clean:
	rm -rf $(VENV) report dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
