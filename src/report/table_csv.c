#include "report/table_writers.h"

#include <string.h>

/* RFC 4180: quotes round what holds a separator, and a quote inside them doubled. */
static void write_field(const char *text, FILE *out)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void table_write_csv(const struct table *table, FILE *out)
{
    char buffer[TABLE_CELL_SIZE];
    for (int c = 0; c < table->column_count; c++) {
        if (c > 0)
            fputc(',', out);
        write_field(table->columns[c].title, out);
    }
    fputc('\n', out);
    const union table_cell *cell = table->cells;
    for (long r = 0; r < table->row_count; r++) {
        for (int c = 0; c < table->column_count; c++, cell++) {
            if (c > 0)
                fputc(',', out);
            write_field(table_cell_exact(table->columns[c].kind, *cell, buffer), out);
        }
        fputc('\n', out);
    }
}
