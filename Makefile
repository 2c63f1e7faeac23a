# Samsyn. `make help` lists what can be made.

BUILD   ?= build
MODULES ?= base contract auth db http operation
CC      ?= gcc
.DEFAULT_GOAL := all

PACKAGES := jansson libpq libjwt liborcania libulfius librhonabwy libmicrohttpd libpcre2-8 yaml-0.1 libssl libcrypto libcurl gnutls
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wformat=2 -Wmissing-prototypes -Wvla -Werror
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE -D_FORTIFY_SOURCE=2
CPPFLAGS += -Isrc -D_GNU_SOURCE $(shell pkg-config --cflags $(PACKAGES))
CFLAGS_COMMON := -std=c17 -g $(WARNINGS) -fno-omit-frame-pointer -pthread
CFLAGS_RELEASE := -O2 $(HARDENING) $(CFLAGS_COMMON)
CFLAGS_SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all $(CFLAGS_COMMON)
LDLIBS  := $(shell pkg-config --libs $(PACKAGES)) -lm -pthread

SOURCES  := $(foreach module,$(MODULES),$(wildcard src/$(module)/*.c))
EMBEDDED := $(wildcard openapi.yaml) $(sort $(shell find sql -type f \( -name '*.sql' -o -name '*.csv' \)))
UNIT     := $(sort $(foreach module,$(MODULES),$(wildcard tests/unit/$(module)_*.c)))

RELEASE_OBJECTS  := $(SOURCES:%.c=$(BUILD)/release/%.o) $(BUILD)/embedded_files.o
SANITIZE_OBJECTS := $(SOURCES:%.c=$(BUILD)/sanitize/%.o) $(BUILD)/embedded_files.o
UNIT_PROGRAMS    := $(UNIT:tests/unit/%.c=$(BUILD)/unit/%)

.PHONY: all sanitize unit help clean

all: $(BUILD)/samsyn ## build the server
sanitize: $(BUILD)/samsyn-sanitize ## build the server with ASan and UBSan

$(BUILD)/samsyn: $(RELEASE_OBJECTS) $(BUILD)/release/src/main.o
	$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(LDLIBS)

$(BUILD)/samsyn-sanitize: $(SANITIZE_OBJECTS) $(BUILD)/sanitize/src/main.o
	$(CC) -fsanitize=address,undefined -o $@ $^ $(LDLIBS)

$(BUILD)/release/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_RELEASE) -MMD -MP -c -o $@ $<

$(BUILD)/sanitize/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_SANITIZE) -MMD -MP -c -o $@ $<

# The files the binary carries, as an assembler file: bytes by .incbin, then one table (see src/base/embedded.c).
$(BUILD)/embedded_files.S: $(EMBEDDED) Makefile
	@mkdir -p $(@D)
	@{ echo '.section .rodata'; i=0; \
	   for f in $(EMBEDDED); do i=$$((i+1)); printf 'p%d: .asciz "%s"\ns%d: .incbin "%s"\ne%d: .byte 0\n' $$i $$f $$i $$f $$i; done; \
	   echo '.section .data.rel.ro,"aw"'; echo '.globl embedded_files'; echo '.balign 8'; echo 'embedded_files:'; i=0; \
	   for f in $(EMBEDDED); do i=$$((i+1)); echo ".quad p$$i, s$$i, e$$i"; done; \
	   echo '.quad 0, 0, 0'; echo '.section .note.GNU-stack,"",@progbits'; } > $@

$(BUILD)/embedded_files.o: $(BUILD)/embedded_files.S $(EMBEDDED)
	$(CC) -c -o $@ $<

$(BUILD)/unit/%: tests/unit/%.c $(SANITIZE_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS_SANITIZE) -MMD -MP -o $@ $< $(SANITIZE_OBJECTS) $(LDLIBS) -lcmocka

unit: $(UNIT_PROGRAMS) ## run the C unit tests under ASan and UBSan
	@set -e; for program in $(UNIT_PROGRAMS); do echo "== $$program"; $$program; done

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
