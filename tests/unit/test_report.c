/* report: the same table in each format, number by number and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "report/table.h"

static const struct table_column columns[] = {{"Model", TABLE_TEXT},
                                              {"Acc@1", TABLE_FRACTION},
                                              {"Rank@1", TABLE_COUNT},
                                              {"Note", TABLE_TEXT}};
static const union table_cell cells[] = {
    {.text = "réseau"}, {.fraction = 0.77606}, {.count = 1}, {.text = "a|b"},
    {.text = "net"},    {.fraction = 0.05},    {.count = 2}, {.text = "x, \"y\""},
};
static const struct table_fact facts[] = {{"images", TABLE_COUNT, {.count = 1050000}},
                                          {"labels", TABLE_TEXT, {.text = "row / 50"}}};
static const struct table sample = {4, columns, 2, cells, 2, facts};

/* What a table looks like in a format; the caller frees it. */
static char *written(const struct table *table, enum table_format format, int digits)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    assert_non_null(memory);
    assert_int_equal(table_write(table, format, digits, memory, NULL), OK);
    assert_int_equal(fclose(memory), 0);
    return text;
}

static void check_written(enum table_format format, int digits, const char *wanted)
{
    char *text = written(&sample, format, digits);
    assert_string_equal(text, wanted);
    free(text);
}

static void text_is_aligned_by_characters(void **state)
{
    (void)state;
    check_written(TABLE_AS_TEXT, 2,
                  "Model   Acc@1  Rank@1  Note\n"
                  "réseau  77.61       1  a|b\n"
                  "net      5.00       2  x, \"y\"\n"
                  "\n"
                  "images: 1,050,000\n"
                  "labels: row / 50\n");
    check_written(TABLE_AS_TEXT, 4,
                  "Model     Acc@1  Rank@1  Note\n"
                  "réseau  77.6060       1  a|b\n"
                  "net      5.0000       2  x, \"y\"\n"
                  "\n"
                  "images: 1,050,000\n"
                  "labels: row / 50\n");
}

static void csv_is_quoted_and_exact(void **state)
{
    (void)state;
    check_written(TABLE_AS_CSV, 2,
                  "Model,Acc@1,Rank@1,Note\n"
                  "réseau,0.77606,1,a|b\n"
                  "net,0.05,2,\"x, \"\"y\"\"\"\n");
}

static void markdown_escapes_bars(void **state)
{
    (void)state;
    check_written(TABLE_AS_MARKDOWN, 2,
                  "| Model | Acc@1 | Rank@1 | Note |\n"
                  "| :--- | ---: | ---: | :--- |\n"
                  "| réseau | 77.61 | 1 | a\\|b |\n"
                  "| net | 5.00 | 2 | x, \"y\" |\n"
                  "\n"
                  "images: 1,050,000; labels: row / 50\n");
}

static void json_holds_facts_and_rows(void **state)
{
    (void)state;
    char *text = written(&sample, TABLE_AS_JSON, 2);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    assert_non_null(object);
    json_int_t images, rank;
    const char *labels, *model, *note;
    double accuracy;
    assert_int_equal(json_unpack_ex(object, NULL, JSON_STRICT,
                                    "{s:I,s:s,s:[{s:s,s:f,s:I,s:s},{s:s,s:f,s:I,s:s}]}", "images",
                                    &images, "labels", &labels, "rows", "Model", &model, "Acc@1",
                                    &accuracy, "Rank@1", &rank, "Note", &note, "Model", &model,
                                    "Acc@1", &accuracy, "Rank@1", &rank, "Note", &note),
                     0);
    assert_int_equal(images, 1050000);
    assert_string_equal(labels, "row / 50");
    assert_string_equal(model, "net");
    assert_true(accuracy == 0.05);
    assert_int_equal(rank, 2);
    assert_string_equal(note, "x, \"y\"");
    json_decref(object);
}

static void json_refuses_what_is_not_utf8(void **state)
{
    (void)state;
    static const struct table_fact fact = {"labels", TABLE_TEXT, {.text = "\xff.npy"}};
    const struct table table = {.fact_count = 1, .facts = &fact};
    struct error error = {0};
    FILE *nowhere = fopen("/dev/null", "w");
    assert_non_null(nowhere);
    assert_int_equal(table_write(&table, TABLE_AS_JSON, 2, nowhere, &error), BAD_INPUT);
    fclose(nowhere);
}

/* As Python's repr() spells them. */
static void fractions_are_the_shortest_that_read_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0.0"},
                 {1, "1.0"},
                 {0.1, "0.1"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1.0 / 3, "0.3333333333333333"},
                 {2.0 / 3, "0.6666666666666666"},
                 {1.0 / 50000, "2e-05"},
                 {1.0 / 10000, "0.0001"},
                 {3.0 / 70000, "4.2857142857142856e-05"}};
    static const struct table_column column = {"x", TABLE_FRACTION};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        union table_cell cell = {.fraction = cases[c].value};
        struct table table = {1, &column, 1, &cell, 0, NULL};
        char *text = written(&table, TABLE_AS_CSV, 2);
        char wanted[64];
        snprintf(wanted, sizeof wanted, "x\n%s\n", cases[c].text);
        assert_string_equal(text, wanted);
        free(text);
    }
}

static void counts_are_grouped_by_three(void **state)
{
    (void)state;
    static const struct {
        long count;
        const char *text;
    } cases[] = {{0, "0"},          {999, "999"},          {1000, "1,000"},
                 {49999, "49,999"}, {123456, "123,456"},   {-1234567, "-1,234,567"},
                 {-123, "-123"},    {1000000, "1,000,000"}};
    char buffer[TABLE_CELL_SIZE];
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        assert_string_equal(table_spell_count(cases[c].count, buffer), cases[c].text);
    assert_int_equal(strlen(table_spell_count(INT64_MIN, buffer)), 26);
}

static void csv_is_saved_whole(void **state)
{
    (void)state;
    char path[] = "/tmp/bitzoo-table-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    assert_int_equal(table_save_csv(&sample, path, NULL), OK);
    struct bytes bytes = {0};
    assert_int_equal(file_load(path, 1000, &bytes, NULL), OK);
    char *wanted = written(&sample, TABLE_AS_CSV, 2);
    assert_int_equal(bytes.size, strlen(wanted));
    assert_memory_equal(bytes.data, wanted, bytes.size);
    free(wanted);
    bytes_free(&bytes);
    unlink(path);
    struct error error = {0};
    assert_int_equal(table_save_csv(&sample, "/nowhere/at/all.csv", &error), BAD_INPUT);
}

static void formats_have_names(void **state)
{
    (void)state;
    assert_int_equal(table_format_named("table"), TABLE_AS_TEXT);
    assert_int_equal(table_format_named("csv"), TABLE_AS_CSV);
    assert_int_equal(table_format_named("json"), TABLE_AS_JSON);
    assert_int_equal(table_format_named("md"), TABLE_AS_MARKDOWN);
    assert_int_equal(table_format_named("xml"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_aligned_by_characters),
        cmocka_unit_test(csv_is_quoted_and_exact),
        cmocka_unit_test(markdown_escapes_bars),
        cmocka_unit_test(json_holds_facts_and_rows),
        cmocka_unit_test(json_refuses_what_is_not_utf8),
        cmocka_unit_test(fractions_are_the_shortest_that_read_back),
        cmocka_unit_test(counts_are_grouped_by_three),
        cmocka_unit_test(csv_is_saved_whole),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
