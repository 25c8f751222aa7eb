#include "report/table_writers.h"

#include <jansson.h>
#include <stdlib.h>

/* NULL: memory ran out, or a text is not UTF-8. */
static json_t *json_cell(enum table_kind kind, union table_cell cell)
{
    switch (kind) {
    case TABLE_TEXT:
        return json_string(cell.text);
    case TABLE_COUNT:
        return json_integer(cell.count);
    case TABLE_FRACTION:
        return json_real(cell.fraction);
    }
    return NULL;
}

static int add_facts(const struct table *table, json_t *object)
{
    for (int f = 0; f < table->fact_count; f++) {
        const struct table_fact *fact = &table->facts[f];
        if (json_object_set_new(object, fact->name, json_cell(fact->kind, fact->value)) < 0)
            return -1;
    }
    return 0;
}

static int add_rows(const struct table *table, json_t *object)
{
    json_t *rows = json_array();
    if (json_object_set_new(object, "rows", rows) < 0)
        return -1;
    const union table_cell *cell = table->cells;
    for (long r = 0; r < table->row_count; r++) {
        json_t *row = json_object();
        if (json_array_append_new(rows, row) < 0)
            return -1;
        for (int c = 0; c < table->column_count; c++) {
            const struct table_column *column = &table->columns[c];
            if (json_object_set_new(row, column->title, json_cell(column->kind, *cell++)) < 0)
                return -1;
        }
    }
    return 0;
}

enum status table_write_json(const struct table *table, FILE *out, struct error *error)
{
    json_t *object = json_object();
    enum status status = OK;
    if (!object || add_facts(table, object) < 0 || add_rows(table, object) < 0)
        status =
            error_set(error, BAD_INPUT,
                      "cannot make JSON: a name in the table is not UTF-8 (rename the file, or "
                      "choose another format), or memory ran out");
    else if (json_dumpf(object, out, JSON_INDENT(1)) == 0)
        fputc('\n', out);
    json_decref(object);
    return status;
}
