#include "json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_of(const char *zero_terminated) {
    return (struct text){zero_terminated, strlen(zero_terminated)};
}

struct text buffer_text(const struct buffer *buffer) {
    return (struct text){buffer->at, buffer->length};
}

bool text_is(struct text text, const char *zero_terminated) {
    return text.length == strlen(zero_terminated) && memcmp(text.at, zero_terminated, text.length) == 0;
}

void buffer_clear(struct buffer *buffer) {
    buffer->length = 0;
}

/* Makes room for so many bytes more. Without memory there is nothing left to do: the host starts another instance. */
static void reserve(struct buffer *buffer, size_t more) {
    if (buffer->size - buffer->length >= more) return;
    size_t size = buffer->size == 0 ? 256 : buffer->size;
    while (size - buffer->length < more) {
        if (size > SIZE_MAX / 2) abort();
        size *= 2;
    }
    char *at = realloc(buffer->at, size);
    if (at == NULL) abort();
    buffer->at = at;
    buffer->size = size;
}

void buffer_put(struct buffer *buffer, struct text text) {
    if (text.length == 0) return;
    reserve(buffer, text.length);
    memcpy(buffer->at + buffer->length, text.at, text.length);
    buffer->length += text.length;
}

void buffer_print(struct buffer *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) abort();
    reserve(buffer, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(buffer->at + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

void buffer_put_quoted(struct buffer *buffer, struct text text) {
    buffer_put(buffer, text_of("\""));
    size_t done = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte >= ' ' && byte != '"' && byte != '\\') continue;
        buffer_put(buffer, (struct text){text.at + done, i - done});
        if (byte < ' ') buffer_print(buffer, "\\u%04x", byte);
        else buffer_put(buffer, (struct text){byte == '"' ? "\\\"" : "\\\\", 2});
        done = i + 1;
    }
    buffer_put(buffer, (struct text){text.at + done, text.length - done});
    buffer_put(buffer, text_of("\""));
}

struct reader {
    const char *at;
    const char *end;
};

/* The next byte that is not white space, or -1. */
static int peek(struct reader *reader) {
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL && *reader->at != 0) reader->at++;
    return reader->at < reader->end ? (unsigned char)*reader->at : -1;
}

static bool take(struct reader *reader, int wanted) {
    if (peek(reader) != wanted) return false;
    reader->at++;
    return true;
}

static bool read_hex(struct reader *reader, uint32_t *number) {
    if (reader->end - reader->at < 4) return false;
    *number = 0;
    for (int i = 0; i < 4; i++) {
        char digit = *reader->at++;
        if (digit >= '0' && digit <= '9') *number = *number * 16 + (uint32_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f') *number = *number * 16 + (uint32_t)(digit - 'a') + 10;
        else if (digit >= 'A' && digit <= 'F') *number = *number * 16 + (uint32_t)(digit - 'A') + 10;
        else return false;
    }
    return true;
}

static void put_letter(struct buffer *decoded, uint32_t letter) {
    char bytes[4];
    size_t length;
    if (letter < 0x80) {
        bytes[0] = (char)letter;
        length = 1;
    } else if (letter < 0x800) {
        bytes[0] = (char)(0xC0 | letter >> 6);
        bytes[1] = (char)(0x80 | (letter & 0x3F));
        length = 2;
    } else if (letter < 0x10000) {
        bytes[0] = (char)(0xE0 | letter >> 12);
        bytes[1] = (char)(0x80 | (letter >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (letter & 0x3F));
        length = 3;
    } else {
        bytes[0] = (char)(0xF0 | letter >> 18);
        bytes[1] = (char)(0x80 | (letter >> 12 & 0x3F));
        bytes[2] = (char)(0x80 | (letter >> 6 & 0x3F));
        bytes[3] = (char)(0x80 | (letter & 0x3F));
        length = 4;
    }
    buffer_put(decoded, (struct text){bytes, length});
}

/* What \u stands for. Letters beyond U+FFFF are written as two of them; half of such a pair is U+FFFD. */
static bool read_unicode(struct reader *reader, struct buffer *decoded) {
    uint32_t letter;
    if (!read_hex(reader, &letter)) return false;
    bool first = letter >= 0xD800 && letter < 0xDC00;
    if (first && reader->end - reader->at >= 6 && reader->at[0] == '\\' && reader->at[1] == 'u') {
        struct reader ahead = {reader->at + 2, reader->end};
        uint32_t second;
        if (read_hex(&ahead, &second) && second >= 0xDC00 && second < 0xE000) {
            reader->at = ahead.at;
            letter = 0x10000 + ((letter - 0xD800) << 10) + (second - 0xDC00);
        }
    }
    put_letter(decoded, letter >= 0xD800 && letter < 0xE000 ? 0xFFFD : letter);
    return true;
}

/* Reads a string; where nobody wants it decoded it is only gone over. */
static bool read_string(struct reader *reader, struct buffer *decoded) {
    static struct buffer nowhere;
    if (decoded == NULL) decoded = &nowhere;
    buffer_clear(decoded);
    if (!take(reader, '"')) return false;
    while (true) {
        const char *plain = reader->at;
        while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' && (unsigned char)*reader->at >= ' ') reader->at++;
        if (decoded != &nowhere) buffer_put(decoded, (struct text){plain, (size_t)(reader->at - plain)});
        if (reader->at == reader->end || (unsigned char)*reader->at < ' ') return false;
        if (*reader->at++ == '"') return true;
        if (reader->at == reader->end) return false;
        char kind = *reader->at++;
        const char *from = "\"\\/bfnrt", *to = "\"\\/\b\f\n\r\t";
        const char *known = kind == 0 ? NULL : strchr(from, kind);
        if (known != NULL) buffer_put(decoded, (struct text){to + (known - from), 1});
        else if (kind != 'u' || !read_unicode(reader, decoded)) return false;
        if (decoded == &nowhere) buffer_clear(decoded);
    }
}

/* Goes over a value. Without recursion: the depth is the sender's, and the stack is ours. */
static bool read_value(struct reader *reader, struct text *value) {
    int first = peek(reader);
    if (first == '}' || first == ']' || first == ',' || first == ':') return false;
    const char *start = reader->at;
    size_t depth = 0;
    do {
        int byte = peek(reader);
        if (byte == '"') {
            if (!read_string(reader, NULL)) return false;
        } else if (byte == '{' || byte == '[') {
            depth++;
            reader->at++;
        } else if (depth > 0 && (byte == '}' || byte == ']')) {
            depth--;
            reader->at++;
        } else if (depth > 0 && (byte == ',' || byte == ':')) {
            reader->at++;
        } else {
            /* A number, true, false or null. */
            const char *word = reader->at;
            while (reader->at < reader->end && *reader->at != 0 &&
                   strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", *reader->at) != NULL) reader->at++;
            if (reader->at == word) return false;
        }
    } while (depth > 0);
    *value = (struct text){start, (size_t)(reader->at - start)};
    return true;
}

enum json_found json_field(struct text object, const char *name, struct text *value) {
    static struct buffer key;
    struct reader reader = {object.at, object.at + object.length};
    struct text each;
    enum json_found found = JSON_ABSENT;
    if (!take(&reader, '{')) return JSON_WRONG;
    bool more = !take(&reader, '}');
    while (more) {
        if (!read_string(&reader, &key) || !take(&reader, ':') || !read_value(&reader, &each)) return JSON_WRONG;
        if (text_is(buffer_text(&key), name)) {
            *value = each;
            found = text_is(each, "null") ? JSON_ABSENT : JSON_FOUND;
        }
        more = take(&reader, ',');
        if (!more && !take(&reader, '}')) return JSON_WRONG;
    }
    return peek(&reader) == -1 ? found : JSON_WRONG;
}

enum json_found json_string(struct text object, const char *name, struct buffer *decoded) {
    struct text value;
    enum json_found found = json_field(object, name, &value);
    buffer_clear(decoded);
    if (found != JSON_FOUND) return found;
    struct reader reader = {value.at, value.at + value.length};
    if (read_string(&reader, decoded)) return JSON_FOUND;
    buffer_clear(decoded);
    return JSON_WRONG;
}

enum json_found json_whole_number(struct text object, const char *name, uint64_t *number) {
    static struct buffer digits;
    struct text value;
    enum json_found found = json_field(object, name, &value);
    if (found != JSON_FOUND) return found;
    buffer_clear(&digits);
    buffer_put(&digits, value);
    buffer_put(&digits, (struct text){"", 1});
    /* strtod also reads "inf" and "0x10", which are no JSON. */
    if (strspn(digits.at, "0123456789+-.eE") != value.length || digits.at[0] == '+' || digits.at[0] == '.') return JSON_WRONG;
    char *end;
    double parsed = strtod(digits.at, &end);
    if (end != digits.at + value.length || parsed < 0 || parsed >= 9007199254740992.0 || parsed != floor(parsed)) return JSON_WRONG;
    *number = (uint64_t)parsed;
    return JSON_FOUND;
}
