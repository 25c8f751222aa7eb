#include "cli/prep_print.h"

#include "cli/json_path.h"
#include "data/grouped.h"
#include "data/printable.h"
#include "data/synsets.h"
#include "data/val.h"

#include <jansson.h>
#include <stdio.h>

static const char *const column_names[COLUMNS] = {[COLUMN_WIDTH] = "width",
                                                  [COLUMN_HEIGHT] = "height",
                                                  [COLUMN_SHORT_SIDE] = "short side",
                                                  [COLUMN_LONG_SIDE] = "long side"};

static int classes_with_images(const struct description *of)
{
    int count = 0;
    for (int i = 0; i < of->set->classes; i++)
        count += of->class_images[i] > 0;
    return count;
}

static void print_counts(const struct description *of)
{
    const struct dataset *set = of->set;
    printf("set         %s (%s)\n", PRINTABLE(set->path), set->kind);
    printf("images      %s", GROUPED(set->count));
    if (of->complete)
        printf(": ImageNet's validation set, complete");
    else if (of->validation)
        printf(" of the %s of ImageNet's validation set", GROUPED(VAL_IMAGES));
    printf("\nclasses     %s", GROUPED(classes_with_images(of)));
    if (set->imagenet)
        printf(" of ImageNet's %s", GROUPED(SYNSETS));
    printf("\nbytes       %s\n", GROUPED(of->bytes));
    printf("formats     JPEG %s (%s progressive), PNG %s, other %s\n", GROUPED(of->jpeg),
           GROUPED(of->progressive), GROUPED(of->png), GROUPED(of->other));
    printf("colours     RGB %s, grayscale %s, CMYK %s\n", GROUPED(of->sized - of->gray - of->cmyk),
           GROUPED(of->gray), GROUPED(of->cmyk));
}

static void print_sizes(const struct description *of)
{
    printf("pixels    ");
    for (int i = 0; i < SPREAD_QUANTILES; i++)
        printf("%7d %%", spread_percent[i]);
    printf("  commonest\n");
    for (int column = 0; column < COLUMN_TABLES; column++) {
        const struct spread *spread = &of->columns[column];
        printf("%-10s", column_names[column]);
        for (int i = 0; i < SPREAD_QUANTILES; i++)
            printf("%9s", GROUPED(spread->quantiles[i]));
        printf("  %s (%ld %%)\n", GROUPED(spread->commonest),
               of->sized ? spread->commonest_count * 100 / of->sized : 0);
    }
    const struct spread *tables = &of->columns[COLUMN_TABLES];
    if (of->jpeg)
        printf("encoding    %s sets of JPEG quantisation tables, the commonest in %ld %%\n",
               GROUPED(tables->distinct), tables->commonest_count * 100 / of->jpeg);
}

void prep_print_text(const struct description *description, const char *extracted)
{
    char files[DIGEST_HEX], pixels[DIGEST_HEX];
    digest_hex(description->files, files);
    digest_hex(description->pixels, pixels);
    print_counts(description);
    print_sizes(description);
    printf("digests     %s files\n            %s pixel-bearing bytes\n", files, pixels);
    printf("decodable   %s of %s, by %s\n",
           GROUPED(description->set->count - description->fault_count),
           GROUPED(description->set->count),
           description->decoded ? "decoding each" : "their headers; --decode decodes each");
    if (extracted)
        printf("extracted   %s\n", PRINTABLE(extracted));
}

static json_t *json_columns(const struct description *of)
{
    json_t *root = json_object(), *percent = json_array();
    for (int i = 0; i < SPREAD_QUANTILES; i++)
        json_array_append_new(percent, json_integer(spread_percent[i]));
    json_object_set_new(root, "percent", percent);
    for (int column = 0; column < COLUMN_TABLES; column++) {
        const struct spread *spread = &of->columns[column];
        json_t *quantiles = json_array();
        for (int i = 0; i < SPREAD_QUANTILES; i++)
            json_array_append_new(quantiles, json_integer((json_int_t)spread->quantiles[i]));
        json_object_set_new(root, column_names[column],
                            json_pack("{s:o, s:I, s:I}", "quantiles", quantiles, "commonest",
                                      (json_int_t)spread->commonest, "images",
                                      (json_int_t)spread->commonest_count));
    }
    return root;
}

/* Null for a set that is not ImageNet's validation set. */
static json_t *json_validation(const struct description *of)
{
    if (!of->validation)
        return json_null();
    json_t *wrong = json_object();
    for (int i = 0; i < SYNSETS; i++)
        if (of->class_images[i] != VAL_IMAGES_PER_CLASS)
            json_object_set_new(wrong, synset_ids[i], json_integer(of->class_images[i]));
    return json_pack("{s:b, s:i, s:i, s:o}", "complete", of->complete, "images_wanted", VAL_IMAGES,
                     "images_wanted_per_class", VAL_IMAGES_PER_CLASS, "wrong_counts", wrong);
}

static json_t *json_faults(const struct description *of)
{
    json_t *faults = json_array();
    for (long i = 0; i < of->fault_count; i++)
        json_array_append_new(
            faults, json_pack("{s:I, s:s, s:s}", "index", (json_int_t)of->faults[i].image, "image",
                              PRINTABLE(of->set->samples[of->faults[i].image].name), "why",
                              of->faults[i].text));
    return faults;
}

static json_t *json_warnings(const struct description *of)
{
    json_t *warnings = json_array();
    for (int i = 0; i < of->warning_count; i++)
        json_array_append_new(warnings, json_string(of->warnings[i]));
    return warnings;
}

static json_t *json_description(const struct description *of, const char *extracted)
{
    const struct dataset *set = of->set;
    const struct spread *tables = &of->columns[COLUMN_TABLES];
    char files[DIGEST_HEX], pixels[DIGEST_HEX];
    digest_hex(of->files, files);
    digest_hex(of->pixels, pixels);
    return json_pack(
        "{s:o, s:s, s:I, s:i, s:i, s:b, s:I, s:o, s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I}, s:o, "
        "s:{s:I, s:I}, s:{s:s, s:s}, s:{s:I, s:I, s:I}, s:b, s:o, s:o, s:o}",
        "path", json_path(set->path), "kind", set->kind, "images", (json_int_t)set->count,
        "classes", set->classes, "classes_with_images", classes_with_images(of), "imagenet",
        set->imagenet, "bytes", (json_int_t)of->bytes, "validation_set", json_validation(of),
        "formats", "jpeg", (json_int_t)of->jpeg, "progressive_jpeg", (json_int_t)of->progressive,
        "png", (json_int_t)of->png, "other", (json_int_t)of->other, "colours", "rgb",
        (json_int_t)(of->sized - of->gray - of->cmyk), "gray", (json_int_t)of->gray, "cmyk",
        (json_int_t)of->cmyk, "sizes", json_columns(of), "quantisation_tables", "distinct",
        (json_int_t)tables->distinct, "images_with_commonest", (json_int_t)tables->commonest_count,
        "sha256", "files", files, "pixels", pixels, "left_out", "not_images",
        (json_int_t)set->other.count, "misplaced_images", (json_int_t)set->misplaced.count,
        "empty_classes", (json_int_t)set->empty.count, "decoded", of->decoded, "faults",
        json_faults(of), "warnings", json_warnings(of), "extracted", json_path(extracted));
}

enum status prep_print_json(const struct description *description, const char *extracted,
                            struct error *error)
{
    json_t *root = json_description(description, extracted);
    if (!root)
        return error_memory(error, "the description");
    json_dumpf(root, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(root);
    return OK;
}
