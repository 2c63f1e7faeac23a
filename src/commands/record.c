#include "commands/record.h"

#include <string.h>

void record_begin(struct record_reader *reader, FILE *file)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    *reader = (struct record_reader){.file = file, .next_line = 1};
    for (size_t i = 0; i < sizeof(mark); i++) {
        int byte = getc(file);
        if (byte != mark[i]) {
            rewind(file);
            return;
        }
    }
}

/* What the reader is in the middle of. */
struct state {
    size_t length;
    bool quoted;     /* inside quotes */
    bool was_quoted; /* the field's quotes are closed: only a comma or the end may follow */
    bool field_begun;
};

static void complain(struct record_reader *reader, const char *fault)
{
    if (!reader->record.fault)
        reader->record.fault = fault;
}

static void keep(struct record_reader *reader, struct state *state, int byte)
{
    if (state->length + 1 >= RECORD_BYTES_MAX)
        complain(reader, "the line is too long");
    else if (byte == '\0')
        complain(reader, "there is a NUL byte");
    else
        reader->bytes[state->length++] = (char)byte;
    state->field_begun = true;
}

static void begin_field(struct record_reader *reader, struct state *state)
{
    struct record *record = &reader->record;
    state->was_quoted = state->field_begun = false;
    if (record->count == RECORD_FIELDS_MAX)
        complain(reader, "there are too many fields");
    else
        record->fields[record->count++] = reader->bytes + state->length;
}

static void end_field(struct record_reader *reader, struct state *state)
{
    if (state->length + 1 < RECORD_BYTES_MAX)
        reader->bytes[state->length++] = '\0';
    else
        complain(reader, "the line is too long");
}

static void take(struct record_reader *reader, struct state *state, int byte)
{
    if (state->quoted && byte == '"') {
        int next = getc(reader->file);
        if (next == '"') {
            keep(reader, state, '"');
            return;
        }
        ungetc(next, reader->file);
        state->quoted = false;
        state->was_quoted = true;
    } else if (state->quoted) {
        reader->next_line += byte == '\n';
        keep(reader, state, byte);
    } else if (byte == ',') {
        end_field(reader, state);
        begin_field(reader, state);
    } else if (byte == '"' && !state->field_begun) {
        state->quoted = state->field_begun = true;
    } else if (byte == '"' || state->was_quoted) {
        complain(reader, "a quote stands where none may");
    } else {
        keep(reader, state, byte);
    }
}

/* Takes bytes up to the end of the line or the file; false when there were none. */
static bool take_line(struct record_reader *reader, struct state *state)
{
    int byte;
    bool any = false;
    while ((byte = getc(reader->file)) != EOF) {
        any = true;
        if (!state->quoted && byte == '\r') {
            int next = getc(reader->file);
            if (next == '\n')
                byte = '\n';
            else
                ungetc(next, reader->file);
        }
        if (!state->quoted && byte == '\n')
            break;
        take(reader, state, byte);
    }
    return any;
}

bool record_next(struct record_reader *reader)
{
    for (;;) {
        struct state state = {0};
        reader->record = (struct record){.line = reader->next_line};
        begin_field(reader, &state);
        if (!take_line(reader, &state))
            return false;
        reader->next_line++;
        if (state.quoted)
            complain(reader, "a quote has no end");
        end_field(reader, &state);
        if (reader->record.count > 1 || state.length > 1 || reader->record.fault)
            return true;
    }
}
