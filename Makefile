# Two commands: `make checks` runs the claims and writes the report, `make test` tests the lab.
# Both set up .venv on first use. JOBS is the number of worker processes; SLOW=1 adds the checks
# that take longer than five seconds. `make bench` times the kernels against their peers.

PYTHON ?= python3
JOBS ?= 2
SLOW ?=
BENCH ?=
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: checks test report docs bench lint clean

checks: $(INSTALLED)
	@status=0; $(BIN)/pytest checks/ -n $(JOBS) $(if $(SLOW),--slow) || status=$$?; \
	$(BIN)/attnproof report || status=$$?; exit $$status

test: $(INSTALLED)
	$(BIN)/pytest tests/ -n $(JOBS)

report: $(INSTALLED)
	$(BIN)/attnproof report

docs: $(INSTALLED)
	$(BIN)/sphinx-build --quiet --fail-on-warning docs docs/site
	@echo docs/site/index.html

bench: $(INSTALLED)
	$(BIN)/pytest tests/speed/bench_*.py -p pytest_benchmark.plugin \
	  --benchmark-columns=min,median,iqr,rounds --benchmark-sort=min $(BENCH)

lint: $(INSTALLED)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

$(INSTALLED): pyproject.toml setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "attnproof needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[all]'
	@touch $@

clean:
	rm -rf .venv reports/site docs/site build dist *.egg-info .pytest_cache .hypothesis .ruff_cache
