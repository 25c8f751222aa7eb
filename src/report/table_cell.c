#include "report/table_writers.h"

#include <stdlib.h>
#include <string.h>

const char *table_cell_read(enum table_kind kind, union table_cell cell, int digits,
                            char buffer[TABLE_CELL_SIZE])
{
    if (kind == TABLE_TEXT)
        return cell.text;
    if (kind == TABLE_COUNT)
        snprintf(buffer, TABLE_CELL_SIZE, "%ld", cell.count);
    else
        snprintf(buffer, TABLE_CELL_SIZE, "%.*f", digits, 100 * cell.fraction);
    return buffer;
}

static void spell_shortest(double value, char buffer[TABLE_CELL_SIZE])
{
    enum { ALWAYS_ENOUGH = 17 }; /* digits that tell any two doubles apart */
    for (int digits = 1; digits <= ALWAYS_ENOUGH; digits++) {
        snprintf(buffer, TABLE_CELL_SIZE, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    if (!strpbrk(buffer, ".en"))
        strcat(buffer, ".0");
}

const char *table_cell_exact(enum table_kind kind, union table_cell cell,
                             char buffer[TABLE_CELL_SIZE])
{
    if (kind != TABLE_FRACTION)
        return table_cell_read(kind, cell, 0, buffer);
    spell_shortest(cell.fraction, buffer);
    return buffer;
}

const char *table_spell_count(long count, char buffer[TABLE_CELL_SIZE])
{
    char plain[TABLE_CELL_SIZE];
    int length = snprintf(plain, sizeof plain, "%ld", count);
    int first = plain[0] == '-';
    char *next = buffer;
    for (int i = 0; i < length; i++) {
        if (i > first && (length - i) % 3 == 0)
            *next++ = ',';
        *next++ = plain[i];
    }
    *next = '\0';
    return buffer;
}

const char *table_fact_read(const struct table_fact *fact, int digits, char buffer[TABLE_CELL_SIZE])
{
    if (fact->kind == TABLE_COUNT)
        return table_spell_count(fact->value.count, buffer);
    return table_cell_read(fact->kind, fact->value, digits, buffer);
}
