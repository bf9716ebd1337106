# One word for everything; `make help` explains. Variables: PORT, HOST, DEMO, NAME, N, ROUNDS, DRILL_SALES, SHOPPERS, PYTHON.
PYTHON ?= python3
DEMO ?= chain
N ?= 1
ROUNDS ?= 3
DRILL_SALES ?= 500
SHOPPERS ?= 1000
BIN := .venv/bin
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test check bench journey drill campaign scarcity dev types migrate reset setup setup-dev

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

run: setup ## the whole chain on this machine with demo data: database, API, worker, web apps (PORT=8080, DEMO=small|chain)
	@$(BIN)/placket up --demo $(DEMO) --counter

test: setup-dev ## every check and every test, in 15 to 28 minutes on two cores
	@$(BIN)/python scripts/browser.py
	@$(MAKE) check
	@$(BIN)/python -m pytest -n 2
	@cd web && npm test --silent

check: setup-dev ## lint, format, types, directions of imports, lock files, API contract; Python and web
	@$(BIN)/python scripts/check.py

bench: setup-dev ## benchmarks with their targets (NAME=x runs one)
	@$(BIN)/python -m bench $(NAME)

journey: setup-dev ## acceptance journey N in a real browser, ROUNDS times; trace and pictures in var/journeys/N
	@$(BIN)/python scripts/browser.py
	@$(BIN)/python tests/journeys/run.py $(N) --rounds $(ROUNDS)

drill: setup-dev ## five hundred sales without network in a real browser while everything goes wrong (DRILL_SALES=500)
	@$(BIN)/python scripts/browser.py
	@DRILL_SALES=$(DRILL_SALES) $(BIN)/python -m pytest tests/drills/drill.py

campaign: setup-dev ## twenty thousand messages of a campaign whose worker is killed three times
	@CAMPAIGN=20000 $(BIN)/python -m pytest tests/drills/test_campaign.py -s

scarcity: setup-dev ## a thousand shoppers and 24 tills on 200 scarce variants while everything goes wrong (SHOPPERS=1000)
	@SHOPPERS=$(SHOPPERS) $(BIN)/python -m pytest tests/drills/scarcity.py -s

dev: setup-dev ## the API with demo data, and the web apps reloading as you type
	@$(BIN)/python scripts/dev.py --demo small

types: setup-dev ## write contracts/openapi.json and the typed client made from it
	@$(BIN)/placket openapi
	@cd web && npm run types --silent

migrate: setup ## bring the database to today's schema
	@$(BIN)/placket migrate

reset: setup ## delete the embedded database, asking first
	@$(BIN)/placket reset

setup:
	@$(PYTHON) scripts/setup.py

setup-dev:
	@$(PYTHON) scripts/setup.py --dev
