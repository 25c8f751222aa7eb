/* A table of results with the facts that hold for all of it, written as aligned text, CSV, JSON or
 * Markdown. A table and all that it points to belong to whoever made it; writing changes nothing.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "base/error.h"

#include <stdio.h>

enum table_kind {
    TABLE_TEXT,    /* UTF-8 */
    TABLE_COUNT,   /* whole number */
    TABLE_FRACTION /* 0 to 1; people read it in percent, programs at full precision */
};

/* What it holds is told by the kind of its column or fact. */
union table_cell {
    const char *text;
    long count;
    double fraction;
};

struct table_column {
    const char *title;
    enum table_kind kind;
};

struct table_fact {
    const char *name; /* a word, such as "images" */
    enum table_kind kind;
    union table_cell value;
};

struct table {
    int column_count;
    const struct table_column *columns;
    long row_count;
    const union table_cell *cells; /* row_count rows of column_count cells */
    int fact_count;
    const struct table_fact *facts;
};

enum table_format {
    TABLE_AS_TEXT,    /* aligned columns, then a line a fact */
    TABLE_AS_CSV,     /* as pandas writes a data frame: a header, no facts */
    TABLE_AS_JSON,    /* an object of the facts, and "rows": a list of objects, one a row */
    TABLE_AS_MARKDOWN /* a table that a README can hold, and a line of the facts */
};

/* Room for a number in any spelling, with its zero byte. */
enum { TABLE_CELL_SIZE = 48 };

/* A count as people read it, with a comma before each three digits; returns `buffer`. */
const char *table_spell_count(long count, char buffer[TABLE_CELL_SIZE]);

/* The format called "table", "csv", "json" or "md"; -1 when the name is another. */
int table_format_named(const char *name);

/* `digits` is how many follow the decimal point of a percentage in text and Markdown. A failed
 * write is left in the stream's error flag for its owner to see; an error here is a text that is
 * not UTF-8 (BAD_INPUT, JSON alone) or NO_MEMORY. */
enum status table_write(const struct table *table, enum table_format format, int digits, FILE *out,
                        struct error *error);

/* A table as CSV in a file that is there whole or not at all. */
enum status table_save_csv(const struct table *table, const char *path, struct error *error);

#endif
