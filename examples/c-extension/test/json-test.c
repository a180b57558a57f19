/* The tests of json.c: a program that ends with 0 where all is well, and else says which line is not. */
#include "../src/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static struct buffer decoded;

#define CHECK(condition)                                       \
    do {                                                       \
        if (!(condition)) {                                    \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            failures++;                                        \
        }                                                      \
    } while (0)

static bool is_string(const char *object, const char *name, const char *expected) {
    return json_string(text_of(object), name, &decoded) == JSON_FOUND && text_is(buffer_text(&decoded), expected);
}

static bool is_number(const char *object, uint64_t expected) {
    uint64_t number = 42;
    return json_whole_number(text_of(object), "a", &number) == JSON_FOUND && number == expected;
}

static void reads_fields_wherever_they_stand(void) {
    const char *object = " { \"a\" : [1, {\"name\": \"}]\"}, \"\\\"\"] , \"name\"\n:\t\"Ada\", \"n\": 7 } ";
    struct text value;
    uint64_t number;
    CHECK(is_string(object, "name", "Ada"));
    CHECK(json_whole_number(text_of(object), "n", &number) == JSON_FOUND && number == 7);
    CHECK(json_field(text_of(object), "a", &value) == JSON_FOUND && text_is(value, "[1, {\"name\": \"}]\"}, \"\\\"\"]"));
    CHECK(json_field(text_of(object), "b", &value) == JSON_ABSENT);
    CHECK(json_field(text_of("{}"), "a", &value) == JSON_ABSENT);
    CHECK(json_string(text_of("{\"a\":null}"), "a", &decoded) == JSON_ABSENT);
    CHECK(is_number("{\"a\":1,\"a\":2}", 2));
}

static void decodes_every_escape(void) {
    CHECK(is_string("{\"\\u0061\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\ud83d\\ude00 ü €\"}", "a", "\"\\/\b\f\n\r\t€😀 ü €"));
    CHECK(is_string("{\"a\":\"\\ud83d!\\ude00\\ud83d\\u0041\"}", "a", "\xEF\xBF\xBD!\xEF\xBF\xBD\xEF\xBF\xBD"
                                                                     "A"));
    CHECK(json_string(text_of("{\"a\":\"x\\u0000y\"}"), "a", &decoded) == JSON_FOUND && decoded.length == 3);
}

static void reads_whole_numbers_and_no_others(void) {
    CHECK(is_number("{\"a\":0}", 0) && is_number("{\"a\":-0}", 0) && is_number("{\"a\":1e3}", 1000) && is_number("{\"a\":5.0}", 5));
    CHECK(is_number("{\"a\":9007199254740991}", 9007199254740991));
    const char *others[] = {"-1", "0.5", "9007199254740992", "1e999", "\"1\"", "true", "[]", "{}", "inf", "+1", "NaN", "1x", "0x10", "-"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char object[64];
        uint64_t number;
        snprintf(object, sizeof object, "{\"a\":%s}", others[i]);
        CHECK(json_whole_number(text_of(object), "a", &number) == JSON_WRONG);
    }
    CHECK(json_string(text_of("{\"a\":7}"), "a", &decoded) == JSON_WRONG);
}

static void refuses_what_is_no_object(void) {
    const char *broken[] = {
        "", " ", "1", "[]", "\"a\"", "{", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":1}}", "{\"a\" 1}",
        "{a:1}", "{\"a\":,}", "{\"a\":[1}", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\u12", "{\"a\":\"\\u12€\"}", "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}", "{\"a\":\"\\€\"}", "{\"a\":€}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct text value;
        /* A copy of its own size, so that a read beyond its end is seen by who looks for that. */
        size_t length = strlen(broken[i]);
        char *copy = malloc(length + 1);
        memcpy(copy, broken[i], length);
        copy = realloc(copy, length == 0 ? 1 : length);
        if (json_field((struct text){copy, length}, "a", &value) != JSON_WRONG) {
            fprintf(stderr, "was taken for an object: %s\n", broken[i]);
            failures++;
        }
        free(copy);
    }
    struct text value;
    struct buffer nothing = {0};
    CHECK(json_field(buffer_text(&nothing), "a", &value) == JSON_WRONG);
}

static void keeps_nothing_of_what_it_read_before(void) {
    const char *others[] = {"{}", "{\"a\":null}", "{\"a\":7}", "{\"a\":\"half\\x\"}", "no object"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK(is_string("{\"a\":\"before\"}", "a", "before"));
        CHECK(json_string(text_of(others[i]), "a", &decoded) != JSON_FOUND && decoded.length == 0);
    }
}

static void depth_is_no_danger(void) {
    struct buffer deep = {0};
    buffer_print(&deep, "{\"deep\":");
    for (int i = 0; i < 1000000; i++) buffer_put(&deep, text_of("["));
    for (int i = 0; i < 1000000; i++) buffer_put(&deep, text_of("]"));
    buffer_print(&deep, ",\"a\":1}");
    uint64_t number;
    CHECK(json_whole_number(buffer_text(&deep), "a", &number) == JSON_FOUND && number == 1);
    free(deep.at);
}

static void what_is_quoted_is_read_again(void) {
    struct text odd = {"\0\x1f\"\\\n\r\t/\x7f\xE2\x80\xA8€😀", 19};
    struct buffer object = {0};
    buffer_print(&object, "{\"a\":");
    buffer_put_quoted(&object, odd);
    buffer_print(&object, "}");
    CHECK(json_string(buffer_text(&object), "a", &decoded) == JSON_FOUND);
    CHECK(decoded.length == odd.length && memcmp(decoded.at, odd.at, odd.length) == 0);
    free(object.at);
}

int main(void) {
    reads_fields_wherever_they_stand();
    decodes_every_escape();
    reads_whole_numbers_and_no_others();
    refuses_what_is_no_object();
    keeps_nothing_of_what_it_read_before();
    depth_is_no_danger();
    what_is_quoted_is_read_again();
    return failures == 0 ? 0 : 1;
}
