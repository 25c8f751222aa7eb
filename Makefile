# Aliases for what Meson and ninja do; `make` alone builds the program. Each installs what it lacks.
PROGRAM = build/src/cli/bitzoo

all: build-deps build/build.ninja
	ninja -C build src/cli/bitzoo

# The whole of it on a small generated data set, in demo-out/.
demo: all
	$(PROGRAM) demo

# Every test and check, see doc/testing.md. `make test ONLY="checks gcc"` runs some of them.
test: test-deps
	tests/run $(ONLY)

bench: bench-deps build/build.ninja
	meson test -C build --benchmark

clean:
	rm -rf build build-clang build-asan demo-out

build/build.ninja:
	meson setup build

%-deps:
	@tools/install-deps $*

.PHONY: all demo test bench clean
