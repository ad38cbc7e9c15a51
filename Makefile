# Nuanlin 暖邻. `make demo` shows it, `make test` proves it; both set up what they need.
# State (databases, media, logs, keys) lives in var/, or in the folder named by NUANLIN_VAR.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench

RUN := .venv/bin/python

# Where the machine forbids Python to keep what it compiled, every start of every program compiles the house anew.
unexport PYTHONDONTWRITEBYTECODE

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

setup:  ## Install everything into .venv (skipped when nothing changed)
	@sh tools/setup.sh --dev

demo:  ## Build the demo community, serve it, print addresses and log-ins; Ctrl-C stops it
	@sh tools/setup.sh
	@exec $(RUN) manage.py serve --demo $(ARGS)

test: setup  ## Lint and all tests, browser included (less than 25 minutes on 2 cores)
	@$(RUN) -m tools.run_checks lint tests

lint: setup  ## Style, types, layers, migrations, catalogues, house rules
	@$(RUN) -m tools.run_checks lint

bench: setup  ## Run all benchmarks, or those of `make bench ONLY=prefix`
	@$(RUN) -m benchmarks $(ONLY)
