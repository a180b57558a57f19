#include "spacedrive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

enum { NO_SUCH_EXPORT = -32601, FAILED = -32000 };

/* The record that was read last: its JSON text. */
static char *line;
static size_t line_size;
static struct text record;

/* The record that is being written. */
static struct buffer out;
static uint64_t last_id;

static bool read_record(void) {
    /* Standard input has nothing but records, and a record is one line. */
    ssize_t length = getline(&line, &line_size, stdin);
    if (length < 2 || line[0] != 0x1E) return false;
    record = (struct text){line + 1, (size_t)length - 2};
    return true;
}

static void send(void) {
    buffer_put(&out, text_of("\n"));
    /* Nothing can be told to a host that does not listen. */
    if (fwrite(out.at, 1, out.length, stdout) != out.length || fflush(stdout) != 0) exit(1);
}

/* Begins a record that wants no reply; its params are printed next, and `tell` sends it. */
static void begin(const char *method) {
    buffer_clear(&out);
    buffer_print(&out, "\x1E{\"jsonrpc\":\"2.0\",\"method\":\"%s\",\"params\":{", method);
}

static void tell(void) {
    buffer_print(&out, "}}");
    send();
}

/* Sends what was begun as a request, and reads its reply; false: it is an error. */
static bool ask(struct text *result) {
    buffer_print(&out, "},\"id\":%" PRIu64 "}", ++last_id);
    send();
    /* The host ends an instance without a word: its input ends. */
    if (!read_record()) exit(0);
    return json_field(record, "result", result) == JSON_FOUND;
}

static void answer(const char *id, struct text value) {
    buffer_clear(&out);
    buffer_print(&out, "\x1E{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":", id);
    buffer_put(&out, value);
    buffer_print(&out, "}");
    send();
}

static void answer_text(const char *id, struct text value) {
    buffer_clear(&out);
    buffer_print(&out, "\x1E{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":", id);
    buffer_put_quoted(&out, value);
    buffer_print(&out, "}");
    send();
}

static void answer_failure(const char *id, int code, struct text message) {
    buffer_clear(&out);
    buffer_print(&out, "\x1E{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,\"message\":", id, code);
    buffer_put_quoted(&out, message);
    buffer_print(&out, "}}");
    send();
}

void sd_fail(struct buffer *output, const char *code, const char *message) {
    buffer_clear(output);
    buffer_print(output, "{\"error\":");
    buffer_put_quoted(output, text_of(message));
    buffer_print(output, ",\"code\":\"%s\",\"retryable\":false}", code);
}

bool sd_call(const struct sd_context *context, const char *method, struct text payload, struct text *answer) {
    static struct buffer said;
    static struct buffer error;
    struct text result;
    begin("call");
    buffer_print(&out, "\"method\":\"%s\"", method);
    if (context->library_id.length > 0) {
        buffer_print(&out, ",\"library\":");
        buffer_put_quoted(&out, context->library_id);
    }
    buffer_print(&out, ",\"payload\":");
    buffer_put_quoted(&out, payload);
    if (!ask(&result) || json_string(record, "result", &said) != JSON_FOUND) {
        sd_fail(&said, "OPERATION_FAILED", "The host did not answer the call.");
    }
    *answer = buffer_text(&said);
    /* No output has a top-level "error". An output that is no object has no fields at all. */
    return json_string(*answer, "error", &error) != JSON_FOUND;
}

enum sd_outcome sd_call_failed(struct text answer, struct buffer *result) {
    static struct buffer code, message;
    json_string(answer, "code", &code);
    /* A call that was cut short since the job shall stop: it is called again with its last checkpoint. */
    if (text_is(buffer_text(&code), "CANCELLED") && sd_interrupted()) return SD_INTERRUPTED;
    json_string(answer, "error", &message);
    buffer_clear(result);
    buffer_put(result, buffer_text(&code));
    buffer_put(result, text_of(": "));
    buffer_put(result, buffer_text(&message));
    return SD_FAILED;
}

bool sd_interrupted(void) {
    struct text result;
    begin("interrupt");
    return !ask(&result) || !text_is(result, "0");
}

bool sd_checkpoint(struct text state) {
    struct text result;
    begin("checkpoint");
    buffer_print(&out, "\"state\":");
    buffer_put_quoted(&out, state);
    return ask(&result) && text_is(result, "0");
}

void sd_progress(double fraction, struct text message) {
    /* JSON has no word for 0.0 / 0.0, and the host ends who writes one. */
    double known = fraction > 0 ? fraction : 0;
    begin("progress");
    buffer_print(&out, "\"fraction\":%.6f,\"message\":", known < 1 ? known : 1);
    buffer_put_quoted(&out, message);
    tell();
}

void sd_warn(struct text message) {
    begin("warning");
    buffer_print(&out, "\"message\":");
    buffer_put_quoted(&out, message);
    tell();
}

void sd_add_items(uint64_t count) {
    begin("add_items");
    buffer_print(&out, "\"count\":\"%" PRIu64 "\"", count);
    tell();
}

void sd_add_bytes(uint64_t count) {
    begin("add_bytes");
    buffer_print(&out, "\"count\":\"%" PRIu64 "\"", count);
    tell();
}

void sd_log(const char *level, struct text message) {
    begin("log");
    buffer_print(&out, "\"level\":\"%s\",\"message\":", level);
    buffer_put_quoted(&out, message);
    tell();
}

static void start(const char *id, const struct sd_export *exports, size_t count) {
    struct text result;
    for (size_t i = 0; i < count; i++) {
        begin("register");
        buffer_print(&out, "\"kind\":\"%s\",\"name\":\"%s\",\"export\":\"%s\"", exports[i].kind, exports[i].name, exports[i].export);
        if (!ask(&result) || !text_is(result, "0")) {
            answer_failure(id, FAILED, text_of("a registration was refused"));
            return;
        }
    }
    answer(id, text_of("1")); /* the version of the protocol */
}

static void run_job(const char *id, sd_job *job, const struct sd_context *context, struct text state) {
    static struct buffer result;
    buffer_clear(&result);
    enum sd_outcome outcome = job(context, state, &result);
    if (outcome == SD_FAILED) {
        answer_failure(id, FAILED, buffer_text(&result));
        return;
    }
    if (outcome == SD_COMPLETED && result.length > 0) {
        begin("complete");
        buffer_print(&out, "\"result\":");
        buffer_put_quoted(&out, buffer_text(&result));
        tell();
    }
    answer(id, text_of(outcome == SD_COMPLETED ? "0" : outcome == SD_INTERRUPTED ? "1" : "3"));
}

static void run_operation(const char *id, sd_operation *operation, const struct sd_context *context, struct text input) {
    static struct buffer output;
    buffer_clear(&output);
    operation(context, input, &output);
    answer_text(id, buffer_text(&output));
}

int sd_serve(const struct sd_export *exports, size_t count) {
    static struct buffer method, export, context_json, library_id, input;
    while (read_record()) {
        struct text value, params = text_of("{}");
        char id[80];
        if (json_field(record, "id", &value) != JSON_FOUND || value.length >= sizeof id) return 1;
        snprintf(id, sizeof id, "%.*s", (int)value.length, value.at);
        if (json_string(record, "method", &method) != JSON_FOUND) return 1;
        json_field(record, "params", &params);
        if (text_is(buffer_text(&method), "start")) {
            start(id, exports, count);
            continue;
        }
        bool is_job = text_is(buffer_text(&method), "job");
        bool is_operation = text_is(buffer_text(&method), "handle");
        const struct sd_export *wanted = NULL;
        if ((is_job || is_operation) && json_string(params, "export", &export) == JSON_FOUND) {
            for (size_t i = 0; i < count; i++) {
                bool fits = is_job ? exports[i].job != NULL : exports[i].operation != NULL;
                if (fits && text_is(buffer_text(&export), exports[i].export)) wanted = &exports[i];
            }
        }
        if (wanted == NULL) {
            answer_failure(id, NO_SUCH_EXPORT, text_of("there is no such export"));
            continue;
        }
        /* Decoded, these outlive the record, in whose place the host's replies are read. */
        json_string(params, is_job ? "state" : "input", &input);
        json_string(params, "context", &context_json);
        json_string(buffer_text(&context_json), "library_id", &library_id);
        struct sd_context context = {buffer_text(&library_id)};
        if (is_job) run_job(id, wanted->job, &context, buffer_text(&input));
        else run_operation(id, wanted->operation, &context, buffer_text(&input));
    }
    return 0;
}
