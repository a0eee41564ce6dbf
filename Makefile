# Thin: every target is a few commands that can be run by hand.
#   EVOKE_DATA=<folder>   models, tasks and tokenizers for the tests and the example jobs
#   PRESET=<name>         release (default), debug, asan, tsan: see CMakePresets.json

PRESET ?= release
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)

ifneq ($(EVOKE_DATA),)
export override EVOKE_DATA := $(abspath $(EVOKE_DATA))
data_option = -DEVOKE_DATA="$(EVOKE_DATA)"
endif
ifeq ($(shell id -u),0)
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
endif

configure = cmake/step.sh "Configuring $(BUILD)" cmake --preset $(PRESET) --log-level=WARNING $(data_option)
compile = cmake/step.sh "Building in $(BUILD)" cmake --build $(BUILD) -j $(JOBS)

.PHONY: help setup build demo test sanitize parity bench format clean

help:
	@echo "make setup     Debian packages, virtual environment: what building and testing need"
	@echo "make build     setup, then the program build/release/bin/evoke"
	@echo "make demo      build, then a real search on two ranks"
	@echo "make test      setup, build, then every test"
	@echo "make sanitize  the tests without libtorch under address, undefined-behaviour and thread sanitizers"
	@echo "make parity    tokenizers and chat templates against the reference on 100,000 lines each (a quarter of an hour)"
	@echo "make bench     setup, build, then the benchmarks (minutes)"
	@echo "make format    clang-format on all C++ files"
	@echo "make clean     removes the build folders"

setup:
	@cmake/setup.sh test

build:
	@cmake/setup.sh build
	@$(configure) -DEVOKE_TESTS=OFF
	@$(compile)

demo: build
	@cmake/demo.sh $(BUILD)/bin/evoke

test:
	@cmake/setup.sh test
	@$(configure) -DEVOKE_TESTS=ON -DEVOKE_BENCH=OFF
	@$(compile)
	@ctest --test-dir $(BUILD) --output-on-failure -j2

sanitize:
	@cmake/setup.sh test
	@for preset in asan tsan; do $(MAKE) --no-print-directory sanitize-$$preset || exit; done

sanitize-%:
	@cmake/step.sh "Configuring build/$*" cmake --preset $* --log-level=WARNING $(data_option)
	@cmake/step.sh "Building in build/$*" cmake --build build/$* -j $(JOBS)
	@ctest --preset $*

parity:
	@cmake/setup.sh test
	@$(configure) -DEVOKE_TESTS=ON
	@$(compile) --target text_probe
	@EVOKE_BUILD_DIR=$(abspath $(BUILD)) EVOKE_TEXT_LINES=$${EVOKE_TEXT_LINES:-100000} \
		.venv/bin/python -m pytest -v -p no:cacheprovider tests/parity/text

bench:
	@cmake/setup.sh bench
	@$(configure) -DEVOKE_TESTS=ON -DEVOKE_BENCH=ON
	@$(compile)
	@ctest --test-dir $(BUILD) --verbose -L bench

format:
	@git ls-files '*.hpp' '*.cpp' | xargs clang-format -i

clean:
	rm -rf build
