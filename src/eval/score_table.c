#include "eval/score.h"

#include <string.h>

enum { MOST_COLUMNS = 11, MOST_FACTS = 6 };

static int is_partial(const struct score *score)
{
    for (long i = 0; i < score->list.count; i++)
        if (score->rows[i].total != score->truth.rows)
            return 1;
    return 0;
}

static void add_column(struct table *table, struct table_column *columns, const char *title,
                       enum table_kind kind)
{
    columns[table->column_count++] = (struct table_column){title, kind};
}

static void add_columns(const struct score *score, struct table *table,
                        struct table_column *columns)
{
    static const char *const titles[][2] = {
        {"Acc@1", "cAcc@1"}, {"Acc@5", "cAcc@5"}, {"Rank@1", "cRank@1"}, {"Rank@5", "cRank@5"}};
    add_column(table, columns, "Platform", TABLE_TEXT);
    add_column(table, columns, "Model", TABLE_TEXT);
    for (int t = 0; t < 4; t++)
        for (int l = 0; l < score->truth.count; l++)
            add_column(table, columns, titles[t][l], t < 2 ? TABLE_FRACTION : TABLE_COUNT);
    if (is_partial(score))
        add_column(table, columns, "Images", TABLE_TEXT);
    table->columns = columns;
}

static void fill_row(const struct score *score, const struct score_row *row, union table_cell *cell)
{
    int labels = score->truth.count;
    (cell++)->text = !strcmp(row->result->framework, "keras") ? "Keras" : "PyTorch";
    (cell++)->text = row->result->model;
    for (int l = 0; l < labels; l++, cell++) {
        double images = (double)score->truth.labels[l].images;
        cell[0].fraction = (double)row->hits[l].top1 / images;
        cell[labels].fraction = (double)row->hits[l].top5 / images;
        cell[2 * labels].count = row->rank[l].top1;
        cell[3 * labels].count = row->rank[l].top5;
    }
}

/* "partial: 49,999 of 50,000", or "50,000"; NULL when memory runs out. */
static char *images_text(struct score *score, long total)
{
    char rows[TABLE_CELL_SIZE], all[TABLE_CELL_SIZE];
    table_spell_count((long)score->truth.rows, rows);
    if (total == score->truth.rows)
        return arena_string(&score->arena, rows);
    return arena_printf(&score->arena, "partial: %s of %s", rows, table_spell_count(total, all));
}

static enum status fill_cells(struct score *score, const struct table *table,
                              union table_cell *cells, struct error *error)
{
    int partial = is_partial(score);
    for (long r = 0; r < table->row_count; r++) {
        union table_cell *row = cells + r * table->column_count;
        fill_row(score, &score->rows[r], row);
        if (!partial)
            continue;
        char *images = images_text(score, score->rows[r].total);
        if (!images)
            return error_memory(error, "the table");
        row[table->column_count - 1].text = images;
    }
    return OK;
}

static void add_fact(struct table *table, struct table_fact *facts, const char *name,
                     const char *text, long count)
{
    struct table_fact *fact = &facts[table->fact_count++];
    *fact = (struct table_fact){name, text ? TABLE_TEXT : TABLE_COUNT, {.text = text}};
    if (!text)
        fact->value.count = count;
}

static void add_facts(const struct score *score, struct table *table, struct table_fact *facts)
{
    const struct score_truth *truth = &score->truth;
    const struct score_files *files = &score->options.files;
    add_fact(table, facts, "dataset", score->list.dataset, 0);
    add_fact(table, facts, "images", NULL, truth->rows);
    add_fact(table, facts, "labels", truth->source ? truth->source : "row / 50 (ImageFolder order)",
             0);
    if (truth->custom)
        add_fact(table, facts, "custom", files->labels, 0);
    if (files->omit)
        add_fact(table, facts, "omit", files->omit, 0);
    if (files->keep)
        add_fact(table, facts, "keep", files->keep, 0);
    if (files->omit || files->keep)
        add_fact(table, facts, "kept", NULL, truth->kept);
    table->facts = facts;
}

enum status score_table(struct score *score, struct table *table, struct error *error)
{
    *table = (struct table){.row_count = score->list.count};
    struct table_column *columns = arena_alloc(&score->arena, MOST_COLUMNS, sizeof *columns);
    struct table_fact *facts = arena_alloc(&score->arena, MOST_FACTS, sizeof *facts);
    if (!columns || !facts)
        return error_memory(error, "the table");
    add_columns(score, table, columns);
    add_facts(score, table, facts);
    size_t count = (size_t)table->row_count * (size_t)table->column_count;
    union table_cell *cells = arena_alloc(&score->arena, count, sizeof *cells);
    if (!cells)
        return error_memory(error, "the table");
    table->cells = cells;
    return fill_cells(score, table, cells, error);
}
