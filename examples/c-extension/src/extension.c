/* An extension in C, as a WASI command: a query that calls the host, and a job that can be paused and killed anywhere. */

#include <inttypes.h>

#include "spacedrive.h"

/* {name}: asks the host's test.ping, and answers what it said. */
static void greet(const struct sd_context *context, struct text input, struct buffer *output) {
    static struct buffer name, message, payload, greeting; /* used again: an instance makes one call at a time */
    struct text pong;
    if (json_string(input, "name", &name) != JSON_FOUND) {
        sd_fail(output, "INVALID_INPUT", "\"name\" must be there, and a string");
        return;
    }
    buffer_clear(&message);
    buffer_put(&message, text_of("Hello, "));
    buffer_put(&message, buffer_text(&name));
    buffer_put(&message, text_of("!"));
    buffer_clear(&payload);
    buffer_print(&payload, "{\"message\":");
    buffer_put_quoted(&payload, buffer_text(&message));
    buffer_print(&payload, "}");
    if (!sd_call(context, "query:test.ping.v1", buffer_text(&payload), &pong)) {
        buffer_put(output, pong); /* a caller without the grant is told PERMISSION_DENIED */
        return;
    }
    json_string(pong, "echo", &greeting);
    buffer_print(output, "{\"greeting\":");
    buffer_put_quoted(output, buffer_text(&greeting));
    buffer_print(output, ",\"library_id\":");
    buffer_put_quoted(output, context->library_id);
    buffer_print(output, "}");
}

/* Stores how far it is; false: the host refused it. */
static bool checkpoint(uint64_t current, uint64_t target) {
    static struct buffer state;
    buffer_clear(&state);
    buffer_print(&state, "{\"current\":%" PRIu64 ",\"target\":%" PRIu64 "}", current, target);
    return sd_checkpoint(buffer_text(&state));
}

static enum sd_outcome refused(struct buffer *result) {
    buffer_print(result, "the checkpoint was refused: the host's log says why");
    return SD_FAILED;
}

/* Counts to the target; every tenth number becomes an entry of the library, and is a checkpoint. */
static enum sd_outcome count(const struct sd_context *context, struct text state, struct buffer *result) {
    static struct buffer message, entry;
    struct text answer;
    uint64_t current = 0, target = 0;
    if (json_whole_number(state, "target", &target) != JSON_FOUND || json_whole_number(state, "current", &current) == JSON_WRONG) {
        buffer_print(result, "\"target\" and \"current\" must be whole numbers, 0 or more");
        return SD_FAILED;
    }
    while (current < target) {
        if (sd_interrupted()) return checkpoint(current, target) ? SD_INTERRUPTED : refused(result);
        if (current == 0) {
            buffer_clear(&message);
            buffer_print(&message, "Counting to %" PRIu64, target);
            sd_warn(buffer_text(&message));
        }
        current++;
        buffer_clear(&message);
        buffer_print(&message, "Counted %" PRIu64 "/%" PRIu64, current, target);
        sd_progress((double)current / (double)target, buffer_text(&message));
        sd_add_items(1);
        if (current % 10 == 0) {
            /* However often the host is killed between here and the checkpoint, this entry is made once. */
            buffer_clear(&entry);
            buffer_print(&entry, "{\"name\":\"%" PRIu64 "\",\"path\":\"count/%" PRIu64 "\",\"entry_type\":\"number\"}", current, current);
            if (!sd_call(context, "action:vdfs.create_entry.input.v1", buffer_text(&entry), &answer)) return sd_call_failed(answer, result);
            if (!checkpoint(current, target)) return refused(result);
        }
    }
    buffer_print(result, "{\"counted\":%" PRIu64 "}", current);
    return SD_COMPLETED;
}

int main(void) {
    static const struct sd_export exports[] = {
        {.kind = "query", .name = "greet.v1", .export = "query_greet_v1", .operation = greet},
        {.kind = "job", .name = "count", .export = "execute_count", .job = count},
    };
    return sd_serve(exports, sizeof exports / sizeof exports[0]);
}
