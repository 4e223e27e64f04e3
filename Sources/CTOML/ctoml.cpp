// Parse errors are values, not exceptions: nothing may be thrown through C into Swift.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 8
#include "ctoml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

// Two spellings, because toml++ wants a macro and Swift a constant.
static_assert(ctoml_maximum_nested_values == TOML_MAX_NESTED_VALUES, "one bound");

struct ctoml_tree {
    toml::table root;
};

static const toml::node *unwrapped(const ctoml_node *node) { return reinterpret_cast<const toml::node *>(node); }
static const ctoml_node *wrapped(const toml::node *node) { return reinterpret_cast<const ctoml_node *>(node); }

static void fill(ctoml_error *error, size_t line, size_t column, std::string_view message) {
    error->line = static_cast<uint32_t>(line);
    error->column = static_cast<uint32_t>(column);
    const size_t length = std::min(message.size(), sizeof error->message - 1);
    std::memcpy(error->message, message.data(), length);
    error->message[length] = 0;
}

static bool within_bounds(std::string_view text, ctoml_error *error) {
    size_t line = 1, dots = 0;
    for (const char byte : text) {
        if (byte == '\n') {
            ++line;
            dots = 0;
        } else if (byte == '.' && ++dots > ctoml_maximum_dots_per_line) {
            fill(error, line, 1, "the line has more than 512 dots: break the list over several lines");
            return false;
        }
    }
    return true;
}

extern "C" {

ctoml_tree *ctoml_parse(const char *text, size_t length, ctoml_error *error) {
    const std::string_view view(text, length);
    if (!within_bounds(view, error)) return nullptr;
    toml::parse_result result = toml::parse(view);
    if (!result) {
        const auto position = result.error().source().begin;
        fill(error, position.line, position.column, result.error().description());
        return nullptr;
    }
    ctoml_tree *tree = new (std::nothrow) ctoml_tree{std::move(result).table()};
    if (!tree) fill(error, 0, 0, "out of memory");
    return tree;
}

void ctoml_free(ctoml_tree *tree) { delete tree; }
const ctoml_node *ctoml_root(const ctoml_tree *tree) { return wrapped(&tree->root); }

ctoml_type ctoml_type_of(const ctoml_node *node) {
    switch (unwrapped(node)->type()) {
    case toml::node_type::table: return ctoml_type_table;
    case toml::node_type::array: return ctoml_type_array;
    case toml::node_type::string: return ctoml_type_string;
    case toml::node_type::integer: return ctoml_type_integer;
    case toml::node_type::floating_point: return ctoml_type_float;
    case toml::node_type::boolean: return ctoml_type_boolean;
    case toml::node_type::date:
    case toml::node_type::time: return ctoml_type_partial_time;
    case toml::node_type::date_time: return ctoml_type_date_time;
    default: return ctoml_type_unknown;
    }
}

uint32_t ctoml_line_of(const ctoml_node *node) { return unwrapped(node)->source().begin.line; }
uint32_t ctoml_column_of(const ctoml_node *node) { return unwrapped(node)->source().begin.column; }

ctoml_text ctoml_string_of(const ctoml_node *node) {
    const auto *value = unwrapped(node)->as_string();
    return value ? ctoml_text{(*value)->data(), (*value)->size()} : ctoml_text{nullptr, 0};
}

int64_t ctoml_integer_of(const ctoml_node *node) {
    const auto *value = unwrapped(node)->as_integer();
    return value ? value->get() : 0;
}

double ctoml_float_of(const ctoml_node *node) {
    const auto *value = unwrapped(node)->as_floating_point();
    return value ? value->get() : 0;
}

bool ctoml_boolean_of(const ctoml_node *node) {
    const auto *value = unwrapped(node)->as_boolean();
    return value && value->get();
}

ctoml_date_time ctoml_date_time_of(const ctoml_node *node) {
    const auto *value = unwrapped(node)->as_date_time();
    if (!value) return ctoml_date_time{};
    const toml::date_time &time = value->get();
    return ctoml_date_time{
        time.date.year, time.date.month, time.date.day, time.time.hour, time.time.minute, time.time.second,
        time.time.nanosecond, time.offset.has_value(), time.offset ? time.offset->minutes : static_cast<int16_t>(0)};
}

size_t ctoml_count_of(const ctoml_node *node) {
    const auto *array = unwrapped(node)->as_array();
    return array ? array->size() : 0;
}

const ctoml_node *ctoml_element_of(const ctoml_node *node, size_t index) {
    const auto *array = unwrapped(node)->as_array();
    return array && index < array->size() ? wrapped(array->get(index)) : nullptr;
}

void ctoml_visit(const ctoml_node *node, ctoml_visitor visit, void *context) {
    const auto *table = unwrapped(node)->as_table();
    if (!table) return;
    for (auto &&[key, value] : *table) {
        const std::string_view name = key.str();
        visit(context, ctoml_text{name.data(), name.size()}, key.source().begin.line, wrapped(&value));
    }
}

}
