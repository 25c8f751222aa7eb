#include "report/table_writers.h"

/* A bar would end the cell. */
static void write_markdown_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
}

void table_write_markdown(const struct table *table, int digits, FILE *out)
{
    char buffer[TABLE_CELL_SIZE];
    for (int c = 0; c < table->column_count; c++) {
        fputs("| ", out);
        write_markdown_text(table->columns[c].title, out);
        fputc(' ', out);
    }
    fputs("|\n", out);
    for (int c = 0; c < table->column_count; c++)
        fputs(table->columns[c].kind == TABLE_TEXT ? "| :--- " : "| ---: ", out);
    fputs("|\n", out);
    const union table_cell *cell = table->cells;
    for (long r = 0; r < table->row_count; r++) {
        for (int c = 0; c < table->column_count; c++) {
            fputs("| ", out);
            write_markdown_text(table_cell_read(table->columns[c].kind, *cell++, digits, buffer),
                                out);
            fputc(' ', out);
        }
        fputs("|\n", out);
    }
    for (int f = 0; f < table->fact_count; f++) {
        fprintf(out, "%s%s: ", f == 0 ? "\n" : "; ", table->facts[f].name);
        write_markdown_text(table_fact_read(&table->facts[f], digits, buffer), out);
    }
    if (table->fact_count > 0)
        fputc('\n', out);
}
