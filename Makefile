# Sallyport. `make` alone lists what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# DuckDB is linked in through cgo, and the race detector needs cgo too.
export CGO_ENABLED = 1

TOOL := go tool -modfile=tools/go.mod
FUZZTIME ?= 30s
TIMEOUT ?= 15m
# What `go test` and `golangci-lint` look at, for example: make test PKG=./sqlguard/...
PKG ?= ./...

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.* ## /\1\t/' | while IFS=$$'\t' read -r name text; do printf 'make %-8s %s\n' "$$name" "$$text"; done

.PHONY: demo
demo: build ## Build, serve the flights of examples/flights on 127.0.0.1:8080 and print a curl line to try
	@exec bin/sallyport demo

.PHONY: build
build: ## Build bin/sallyport
	go build -trimpath -o bin/sallyport ./cmd/sallyport

.PHONY: test
test: ## Install what the tests need where it is missing, then run all of them with the race detector
	scripts/test-deps
	go test -race -shuffle=on -timeout $(TIMEOUT) $(PKG)

.PHONY: lint
lint: ## Check formatting (gofumpt), go vet, golangci-lint, and known vulnerabilities where vuln.go.dev can be reached
	@unformatted=$$($(TOOL) gofumpt -l .); if [ -n "$$unformatted" ]; then printf 'not formatted, run `make fmt`:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet $(PKG)
	$(TOOL) golangci-lint run $(PKG)
	scripts/vulncheck

.PHONY: fmt
fmt: ## Format all Go files with gofumpt
	$(TOOL) gofumpt -w .

.PHONY: bench
bench: ## Run the comparative benchmarks of ./bench
	go run ./bench

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (default 30s) each
	scripts/fuzz $(FUZZTIME) $(PKG)

.PHONY: ci
ci: lint test ## What CI runs: lint, then test
