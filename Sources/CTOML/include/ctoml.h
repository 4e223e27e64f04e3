// CTOML owns the one use of toml++ (Debian's libtomlplusplus-dev, headers only): text in, a tree of
// values with their lines and columns out. It decides nothing and knows no key of any file.
#ifndef CTOML_H
#define CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A parsed document. Owned by whoever parsed it, until `ctoml_free`.
typedef struct ctoml_tree ctoml_tree;
/// A value inside a document; lives as long as the document.
typedef struct ctoml_node ctoml_node;

typedef enum __attribute__((enum_extensibility(closed))) ctoml_type {
    ctoml_type_table,
    ctoml_type_array,
    ctoml_type_string,
    ctoml_type_integer,
    ctoml_type_float,
    ctoml_type_boolean,
    /// A local date or a local time.
    ctoml_type_partial_time,
    ctoml_type_date_time,
    ctoml_type_unknown
} ctoml_type;

/// Where and why a document was refused. `message` is UTF-8, ended by a zero, cut to fit.
typedef struct ctoml_error {
    uint32_t line;
    uint32_t column;
    char message[512];
} ctoml_error;

typedef struct ctoml_date_time {
    uint16_t year;
    uint8_t month, day, hour, minute, second;
    uint32_t nanosecond;
    bool has_offset;
    int16_t offset_minutes;
} ctoml_date_time;

/// `length` bytes of UTF-8, not ended by a zero.
typedef struct ctoml_text {
    const char *bytes;
    size_t length;
} ctoml_text;

/// How many values may lie in one another (arrays and inline tables).
enum { ctoml_maximum_nested_values = 8 };
/// How many dots a line may have. Every part of a dotted key makes a table inside a table, and they
/// are freed by recursion: a line of a million dots would use up the stack.
enum { ctoml_maximum_dots_per_line = 512 };

/// `NULL` with `error` filled in, where the text is not TOML 1.0 or exceeds a bound above.
ctoml_tree *ctoml_parse(const char *text, size_t length, ctoml_error *error);
void ctoml_free(ctoml_tree *tree);
const ctoml_node *ctoml_root(const ctoml_tree *tree);

ctoml_type ctoml_type_of(const ctoml_node *node);
/// Counted from 1; 0 where the parser kept no position.
uint32_t ctoml_line_of(const ctoml_node *node);
uint32_t ctoml_column_of(const ctoml_node *node);

/// Each of these answers for its own type alone, and with a zero value for every other.
ctoml_text ctoml_string_of(const ctoml_node *node);
int64_t ctoml_integer_of(const ctoml_node *node);
double ctoml_float_of(const ctoml_node *node);
bool ctoml_boolean_of(const ctoml_node *node);
ctoml_date_time ctoml_date_time_of(const ctoml_node *node);

/// An array's length; 0 for everything else.
size_t ctoml_count_of(const ctoml_node *node);
/// `NULL` outside the array.
const ctoml_node *ctoml_element_of(const ctoml_node *node, size_t index);

typedef void (*ctoml_visitor)(void *context, ctoml_text key, uint32_t line, const ctoml_node *value);
/// Calls `visit` for each entry of a table, with the line of its key, in no stated order.
void ctoml_visit(const ctoml_node *node, ctoml_visitor visit, void *context);

#ifdef __cplusplus
}
#endif

#endif
