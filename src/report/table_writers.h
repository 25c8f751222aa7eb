/* Inside src/report: the writers of the single formats, and how they spell a cell. Nothing here is
 * owned by anyone but the table's maker. */
#ifndef REPORT_TABLE_WRITERS_H
#define REPORT_TABLE_WRITERS_H

#include "report/table.h"

enum status table_write_text(const struct table *table, int digits, FILE *out, struct error *error);
void table_write_markdown(const struct table *table, int digits, FILE *out);
void table_write_csv(const struct table *table, FILE *out);
enum status table_write_json(const struct table *table, FILE *out, struct error *error);

/* For people: a fraction in percent with `digits` decimals (at most 20), a count as it is. Returns
 * the cell's own text, or `buffer` with the number in it. */
const char *table_cell_read(enum table_kind kind, union table_cell cell, int digits,
                            char buffer[TABLE_CELL_SIZE]);

/* For programs: a fraction as the shortest decimal that reads back as the same double, spelled as
 * Python's repr() spells numbers below 1e16 ("1.0", "0.77606", "2e-05"). */
const char *table_cell_exact(enum table_kind kind, union table_cell cell,
                             char buffer[TABLE_CELL_SIZE]);

/* For people: as table_cell_read, but a count has a comma before each three digits. */
const char *table_fact_read(const struct table_fact *fact, int digits,
                            char buffer[TABLE_CELL_SIZE]);

#endif
