/*
 * The protocol of docs/wasi-protocol.md, version 1, with functions in place of records. Copy this file, spacedrive.c, json.h and
 * json.c into an extension of yours.
 */
#ifndef SPACEDRIVE_H
#define SPACEDRIVE_H

#include "json.h"

/* What an operation or a job is called with. It is valid for the time of the call. */
struct sd_context {
    struct text library_id; /* empty where an operation was called without a library */
};

enum sd_outcome {
    SD_COMPLETED,   /* the buffer holds the result, as JSON */
    SD_INTERRUPTED, /* it saw an interrupt and has checkpointed: it is called again with that state */
    SD_FAILED,      /* the buffer holds the reason, for people */
    SD_SUSPENDED,   /* until a wake-up that it asked for */
};

/* Writes the output, as JSON, into an empty buffer; or what is wrong, with sd_fail. */
typedef void sd_operation(const struct sd_context *context, struct text input, struct buffer *output);
/* `state` is JSON, empty where there is none. */
typedef enum sd_outcome sd_job(const struct sd_context *context, struct text state, struct buffer *result);

/* A thing that the manifest names: kind is "query", "action" or "job". */
struct sd_export {
    const char *kind;
    const char *name;
    const char *export;
    sd_operation *operation;
    sd_job *job;
};

/* Serves the host until it is done: the return of main. */
int sd_serve(const struct sd_export *exports, size_t count);

/* Writes why an operation failed; the codes are those of docs/errors.md. */
void sd_fail(struct buffer *output, const char *code, const char *message);

/*
 * Calls an operation. The payload is JSON. True: the answer is its output; false: an envelope that says why. The answer is valid until
 * the next call, and can be put into an operation's output as it is.
 */
bool sd_call(const struct sd_context *context, const char *method, struct text payload, struct text *answer);

/* In a job: how to return after a call that failed. Puts the reason into the result. */
enum sd_outcome sd_call_failed(struct text answer, struct buffer *result);
/* In a job: whether it shall stop. Then checkpoint, and return SD_INTERRUPTED. */
bool sd_interrupted(void);
/* In a job: true once the state, JSON, is on the disk. */
bool sd_checkpoint(struct text state);
/* In a job: from 0.0 to 1.0; what is no number is 0. */
void sd_progress(double fraction, struct text message);
void sd_warn(struct text message);
void sd_add_items(uint64_t count);
void sd_add_bytes(uint64_t count);

/* A line for the host's log: level is "debug", "info", "warn" or "error". */
void sd_log(const char *level, struct text message);

#endif
