/*
 * As much JSON as an extension needs: the fields of an object are read, strings are written. What the host sends is JSON, so that of
 * values which nobody asked for only the end is looked for. Nothing here crashes, whatever the text is.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range of bytes: UTF-8, without a terminating zero. */
struct text {
    const char *at;
    size_t length;
};

/* Text that grows. It begins as {0}; clear it and use it again rather than free it. */
struct buffer {
    char *at;
    size_t length;
    size_t size;
};

struct text text_of(const char *zero_terminated);
struct text buffer_text(const struct buffer *buffer);
bool text_is(struct text text, const char *zero_terminated);

void buffer_clear(struct buffer *buffer);
void buffer_put(struct buffer *buffer, struct text text);
/* printf at the end of what is there. */
void buffer_print(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text as a JSON string, with its quotes. */
void buffer_put_quoted(struct buffer *buffer, struct text text);

enum json_found {
    JSON_FOUND,
    JSON_ABSENT, /* the field is not there, or null */
    JSON_WRONG,  /* it has another type, or the text is no JSON object */
};

/* The value of a field as it is written; of a name that comes twice the last one, as everywhere. */
enum json_found json_field(struct text object, const char *name, struct text *value);
/*
 * A field that is a string, decoded in place of what the buffer held, which is empty where there is no such string; not into the buffer
 * that the object stands in.
 */
enum json_found json_string(struct text object, const char *name, struct buffer *decoded);
/* A field that is a whole number from 0 to 2^53 - 1, also as 1e3 or 5.0. */
enum json_found json_whole_number(struct text object, const char *name, uint64_t *number);

#endif
