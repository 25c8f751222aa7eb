#include "report/table_writers.h"

#include <stdlib.h>
#include <string.h>

/* Columns that a text takes on a terminal: one a character of UTF-8, whose later bytes are
 * 10xxxxxx. */
static int text_width(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80;
    return width;
}

static int column_width(const struct table *table, int column, int digits)
{
    char buffer[TABLE_CELL_SIZE];
    int width = text_width(table->columns[column].title);
    for (long r = 0; r < table->row_count; r++) {
        union table_cell cell = table->cells[r * table->column_count + column];
        int needs = text_width(table_cell_read(table->columns[column].kind, cell, digits, buffer));
        if (needs > width)
            width = needs;
    }
    return width;
}

/* Text stands at the left, numbers at the right; nothing trails the last column. */
static void write_aligned(const char *text, int width, enum table_kind kind, int last, FILE *out)
{
    int padding = width - text_width(text);
    if (kind != TABLE_TEXT)
        fprintf(out, "%*s", padding, "");
    fputs(text, out);
    if (kind == TABLE_TEXT && !last)
        fprintf(out, "%*s", padding, "");
    fputs(last ? "\n" : "  ", out);
}

static void write_rows(const struct table *table, int digits, const int *widths, FILE *out)
{
    char buffer[TABLE_CELL_SIZE];
    const union table_cell *cell = table->cells;
    for (long r = -1; r < table->row_count; r++)
        for (int c = 0; c < table->column_count; c++) {
            enum table_kind kind = table->columns[c].kind;
            const char *text = table->columns[c].title;
            if (r >= 0)
                text = table_cell_read(kind, *cell++, digits, buffer);
            write_aligned(text, widths[c], kind, c == table->column_count - 1, out);
        }
}

enum status table_write_text(const struct table *table, int digits, FILE *out, struct error *error)
{
    int *widths = calloc((size_t)table->column_count + 1, sizeof *widths);
    if (!widths)
        return error_memory(error, "a table");
    for (int c = 0; c < table->column_count; c++)
        widths[c] = column_width(table, c, digits);
    write_rows(table, digits, widths, out);
    free(widths);
    char buffer[TABLE_CELL_SIZE];
    for (int f = 0; f < table->fact_count; f++)
        fprintf(out, "%s%s: %s\n", f == 0 ? "\n" : "", table->facts[f].name,
                table_fact_read(&table->facts[f], digits, buffer));
    return OK;
}
