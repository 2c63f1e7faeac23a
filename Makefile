# Samsyn. `make help` lists what can be made.

BUILD   ?= build
MODULES ?= base contract auth db log http operation commands
FUZZ_SECONDS ?= 10
.DEFAULT_GOAL := all
# make's built-in CC is cc, which may be anything; a CC from outside is still respected.
ifeq ($(origin CC),default)
CC := gcc
endif

PACKAGES := jansson libpq libjwt liborcania libulfius librhonabwy libmicrohttpd libpcre2-8 yaml-0.1 libssl libcrypto libcurl gnutls
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wformat=2 -Wmissing-prototypes -Wvla -Werror
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE -D_FORTIFY_SOURCE=2
CPPFLAGS += -Isrc -D_GNU_SOURCE $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CFLAGS_COMMON := -std=c17 -g $(WARNINGS) -fno-omit-frame-pointer -pthread
CFLAGS_RELEASE := -O2 $(HARDENING) $(CFLAGS_COMMON)
CFLAGS_SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all $(CFLAGS_COMMON) $(COVERAGE)
CFLAGS_THREAD := -O1 -fsanitize=thread $(CFLAGS_COMMON)
CFLAGS_FUZZ := -std=c17 -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer -pthread -fsanitize=address,undefined -fno-sanitize-recover=all
LDLIBS  := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm -pthread

SOURCES  := $(foreach module,$(MODULES),$(wildcard src/$(module)/*.c))
EMBEDDED := $(wildcard openapi.yaml) $(sort $(shell find sql -type f \( -name '*.sql' -o -name '*.csv' \)))
UNIT     := $(sort $(foreach module,$(MODULES),$(wildcard tests/unit/$(module)_*.c)))

RELEASE_OBJECTS  := $(SOURCES:%.c=$(BUILD)/release/%.o) $(BUILD)/embedded_files.o
SANITIZE_OBJECTS := $(SOURCES:%.c=$(BUILD)/sanitize/%.o) $(BUILD)/embedded_files.o
UNIT_PROGRAMS    := $(UNIT:tests/unit/%.c=$(BUILD)/unit/%)
THREAD_OBJECTS   := $(SOURCES:%.c=$(BUILD)/thread/%.o) $(BUILD)/embedded_files.o
THREAD_PROGRAMS  := $(patsubst tests/unit/%.c,$(BUILD)/thread-unit/%,$(if $(UNIT),$(shell grep -l '<pthread.h>' $(UNIT))))
FUZZ_OBJECTS     := $(SOURCES:%.c=$(BUILD)/fuzz/%.o) $(BUILD)/embedded_files.o
FUZZ_PROGRAMS    := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/run/%,$(wildcard tests/fuzz/*.c))
TOOLS            := tests/node_modules/.package-lock.json

# What is being made, instead of the whole command; `make V=1` shows the commands.
QUIET := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)	$(2)")

# Objects that a chain of rules makes on its way are kept.
.SECONDARY:
.PHONY: always all sanitize run clean-data test unit thread-test fuzz sql-test api-test fault-test lint format contract bench coverage packages help clean

all: $(BUILD)/samsyn ## build the server
sanitize: $(BUILD)/samsyn-sanitize ## build the server with ASan and UBSan

$(BUILD)/samsyn: $(RELEASE_OBJECTS) $(BUILD)/release/src/main.o
	$(call say,link,$@)
	$(QUIET)$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(LDLIBS)

$(BUILD)/samsyn-sanitize: $(SANITIZE_OBJECTS) $(BUILD)/sanitize/src/main.o
	$(call say,link,$@)
	$(QUIET)$(CC) -fsanitize=address,undefined -o $@ $^ $(LDLIBS)

$(BUILD)/release/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc,$@)
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS_RELEASE) -MMD -MP -c -o $@ $<

$(BUILD)/sanitize/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc,$@)
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS_SANITIZE) -MMD -MP -c -o $@ $<

# Changes only when a file comes or goes, so that a binary never carries one that is gone.
$(BUILD)/embedded_files.list: always
	@mkdir -p $(@D)
	@echo $(EMBEDDED) | cmp -s - $@ || echo $(EMBEDDED) > $@

# The files the binary carries, as an assembler file: bytes by .incbin, then one table (see src/base/embedded.c).
$(BUILD)/embedded_files.S: $(EMBEDDED) $(BUILD)/embedded_files.list Makefile
	@mkdir -p $(@D)
	@{ echo '.section .rodata'; i=0; \
	   for f in $(EMBEDDED); do i=$$((i+1)); printf 'p%d: .asciz "%s"\ns%d: .incbin "%s"\ne%d: .byte 0\n' $$i $$f $$i $$f $$i; done; \
	   echo '.section .data.rel.ro,"aw"'; echo '.globl embedded_files'; echo '.balign 8'; echo 'embedded_files:'; i=0; \
	   for f in $(EMBEDDED); do i=$$((i+1)); echo ".quad p$$i, s$$i, e$$i"; done; \
	   echo '.quad 0, 0, 0'; echo '.section .note.GNU-stack,"",@progbits'; } > $@

$(BUILD)/embedded_files.o: $(BUILD)/embedded_files.S $(EMBEDDED)
	$(QUIET)$(CC) -c -o $@ $<

# -- tests; what each stage prints ends in "<stage>: N passed, N failed" ---------------------------------------------

# What programs say of errors is read by the tests, and is theirs to translate.
lint unit thread-test fuzz sql-test api-test fault-test: export LC_ALL := C.UTF-8

$(BUILD)/unit/%: tests/unit/%.c $(SANITIZE_OBJECTS)
	@mkdir -p $(@D)
	$(call say,cc,$@)
	$(QUIET)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_SANITIZE) -MMD -MP -o $@ $< $(SANITIZE_OBJECTS) $(LDLIBS) -lcmocka

unit: $(UNIT_PROGRAMS) ## run the C unit tests under ASan and UBSan
	@tests/support/unit.sh $(UNIT_PROGRAMS)

$(BUILD)/thread/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc,$@)
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS_THREAD) -MMD -MP -c -o $@ $<

$(BUILD)/thread-unit/%: tests/unit/%.c $(THREAD_OBJECTS)
	@mkdir -p $(@D)
	$(call say,cc,$@)
	$(QUIET)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_THREAD) -MMD -MP -o $@ $< $(THREAD_OBJECTS) $(LDLIBS) -lcmocka

thread-test: $(THREAD_PROGRAMS) ## run those unit tests that start threads under TSan
	@STAGE=thread-test TSAN_OPTIONS="halt_on_error=0 suppressions=tests/support/tsan.supp" tests/support/unit.sh $(THREAD_PROGRAMS)

# The fuzzers are built by clang, which warns about other things than gcc; gcc's warnings are the ones that count.
$(BUILD)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(call say,clang,$@)
	$(QUIET)clang $(CPPFLAGS) $(CFLAGS_FUZZ) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/run/%: tests/fuzz/%.c $(FUZZ_OBJECTS)
	@mkdir -p $(@D)
	$(call say,clang,$@)
	$(QUIET)clang $(CPPFLAGS) $(CFLAGS_FUZZ) -fsanitize=fuzzer -MMD -MP -o $@ $< $(FUZZ_OBJECTS) $(LDLIBS)

fuzz: $(FUZZ_PROGRAMS) ## fuzz everything that parses, each for FUZZ_SECONDS (10)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/support/fuzz.sh $(FUZZ_PROGRAMS)

sql-test: sanitize ## run the pgTAP tests against a throwaway cluster
	@SAMSYN=$(BUILD)/samsyn-sanitize tests/support/sql.sh $(SQL_TESTS)

api-test: sanitize $(TOOLS) ## run the tests over HTTP, and check that they saw the whole contract
	@BUILD=$(BUILD) node tests/support/run-api.mjs api-test tests/api $(API_TESTS)

fault-test: sanitize $(TOOLS) ## kill the server and restart the database under load
	@BUILD=$(BUILD) node tests/support/run-api.mjs fault-test tests/fault $(FAULT_TESTS)

coverage: ## run the unit tests with gcov and list the share of lines seen of each file
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage COVERAGE=--coverage unit
	@tests/support/lines.sh $(BUILD)/coverage

lint: $(TOOLS) ## check format, static analysis, contract, SQL and scripts (CHECKS="format tidy" for some)
	@BUILD=$(BUILD) MODULES="$(MODULES)" CPPFLAGS="$(CPPFLAGS)" tests/support/lint.sh $(CHECKS)

format: ## put the C files into shape with clang-format
	clang-format -i $(shell find src tests -name node_modules -prune -o -name '*.[ch]' -print)

test: ## everything: build, lint, unit, fuzz briefly, sql, api and fault tests
	@deploy/install-packages.sh test
	@BUILD=$(BUILD) tests/support/test.sh

# -- the contract ----------------------------------------------------------------------------------------------------

contract: $(TOOLS) ## bundle api/*.yaml into openapi.yaml and check it
	@tests/support/contract.sh

# The tools from npm, needed by nothing but the tests and the bundling of the contract.
$(TOOLS): tests/package-lock.json tests/package.json
	cd tests && npm ci --no-progress --no-audit --no-fund --fetch-retries=6 --loglevel=error
	@touch $@

# -- running ---------------------------------------------------------------------------------------------------------

run: ## run the server with a private database and a demo; Ctrl-C stops all of it
	@deploy/install-packages.sh run
	@$(MAKE) --no-print-directory all
	@deploy/run.sh $(BUILD)/samsyn

clean-data: ## throw away the database, keys and tokens of `make run`
	@deploy/run.sh --clean

$(BUILD)/bench/%: tests/bench/%.c $(RELEASE_OBJECTS)
	@mkdir -p $(@D)
	$(call say,cc,$@)
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS_RELEASE) -MMD -MP -o $@ $< $(RELEASE_OBJECTS) $(LDLIBS)

bench: all $(BUILD)/bench/tree $(BUILD)/bench/checkpoints ## measure against pgbench on a million records, and the log at a hundred million entries; its search and export
	@BUILD=$(BUILD) tests/bench/run.sh
	@BUILD=$(BUILD) tests/bench/log.sh
	@BUILD=$(BUILD) tests/bench/search.sh
	@BUILD=$(BUILD) tests/bench/export.sh
	@BUILD=$(BUILD) tests/bench/audit.sh

packages: ## install the Debian packages for building, running and testing
	@deploy/install-packages.sh test

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
