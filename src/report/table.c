#include "report/table.h"

#include "base/file.h"
#include "report/table_writers.h"

#include <stdlib.h>
#include <string.h>

int table_format_named(const char *name)
{
    static const char *const names[] = {
        [TABLE_AS_TEXT] = "table",
        [TABLE_AS_CSV] = "csv",
        [TABLE_AS_JSON] = "json",
        [TABLE_AS_MARKDOWN] = "md",
    };
    for (int format = 0; format < (int)(sizeof names / sizeof names[0]); format++)
        if (!strcmp(name, names[format]))
            return format;
    return -1;
}

enum status table_write(const struct table *table, enum table_format format, int digits, FILE *out,
                        struct error *error)
{
    switch (format) {
    case TABLE_AS_TEXT:
        return table_write_text(table, digits, out, error);
    case TABLE_AS_CSV:
        table_write_csv(table, out);
        break;
    case TABLE_AS_JSON:
        return table_write_json(table, out, error);
    case TABLE_AS_MARKDOWN:
        table_write_markdown(table, digits, out);
        break;
    }
    return OK;
}

enum status table_save_csv(const struct table *table, const char *path, struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return error_memory(error, "a table");
    table_write_csv(table, memory);
    int failed = ferror(memory);
    failed |= fclose(memory) || !text;
    enum status status =
        failed ? error_memory(error, "a table") : file_save(path, text, size, error);
    free(text);
    return status;
}
