#include "eval/judge.h"

#include "data/grouped.h"
#include "data/printable.h"
#include "data/synsets.h"
#include "data/val.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MOST_WARNINGS = 64,
    NAMED = 5,            /* of a kind; the rest is counted */
    JUDGED_FROM = 20,     /* images; fewer tell nothing of how a set was made */
    SHRUNK_SHARE = 50,    /* percent of the short sides; ImageNet's own: 29 % have 375 */
    LONG_SHARE = 90,      /* percent of the long sides */
    ORIGINAL_LONG = 500,  /* that of most of ImageNet's images: the size Flickr served */
    REENCODED_SHARE = 95, /* percent with one set of tables; ImageNet's own: two thirds */
};

struct judgement {
    struct description *description;
    const char **warnings;
    bool failed; /* memory ran out */
};

__attribute__((format(printf, 2, 3))) static void warn(struct judgement *judgement,
                                                       const char *format, ...)
{
    struct description *to = judgement->description;
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *copy = arena_string(&to->arena, text);
    judgement->failed |= !copy;
    if (copy && to->warning_count < MOST_WARNINGS)
        judgement->warnings[to->warning_count++] = copy;
}

/* The end of a list of which only the first ones were named. */
static void warn_more(struct judgement *judgement, long count, const char *what)
{
    if (count > NAMED)
        warn(judgement, "... and %s more %s", GROUPED(count - NAMED), what);
}

static void judge_left_out(struct judgement *judgement, const struct left_out *list,
                           const char *what)
{
    char names[NAMED * (PRINTABLE_SIZE + 2)] = "";
    for (int i = 0; i < NAMED && i < list->count; i++) {
        strcat(names, i ? ", " : "");
        strcat(names, PRINTABLE(list->names[i]));
    }
    if (list->count)
        warn(judgement, "%s %s: %s%s", GROUPED(list->count), what, names,
             list->count > NAMED ? ", ..." : "");
}

static bool is_number(const char *name)
{
    return *name && strspn(name, "0123456789") == strlen(name);
}

/* Labels by position are right only when the folders' order is the one that was meant. */
static void judge_class_names(struct judgement *judgement)
{
    const struct dataset *set = judgement->description->set;
    int synsets = 0, odd = 0;
    bool numbers = true, shorter_after = false;
    for (int i = 0; i < set->classes && !set->imagenet; i++) {
        const char *name = set->class_names[i];
        bool synset = synset_find(name) >= 0;
        synsets += synset;
        odd = synset ? odd : i;
        numbers &= is_number(name);
        shorter_after |= i > 0 && strlen(name) < strlen(set->class_names[i - 1]);
    }
    if (synsets > 0)
        warn(judgement,
             "%s of %s class folders are ImageNet synsets, but %s is not: labels go by position, "
             "0 to %s, not by ImageNet's class numbers",
             GROUPED(synsets), GROUPED(set->classes), PRINTABLE(set->class_names[odd]),
             GROUPED(set->classes - 1));
    if (!set->imagenet && numbers && shorter_after)
        warn(judgement, "class folders are numbers and are taken in the order of their names, as "
                        "ImageFolder does (10 comes before 2): labels are not these numbers");
}

/* By the numbers in the names, or by the whole number of images. */
static bool is_validation_set(const struct dataset *set)
{
    long numbered = 0;
    for (long i = 0; i < set->count; i++)
        numbered += val_number(strchr(set->samples[i].name, '/') + 1) > 0;
    return set->imagenet && (numbered * 2 > set->count || set->count == VAL_IMAGES);
}

/* Returns how many classes have a wrong number of images. */
static long judge_class_counts(struct judgement *judgement)
{
    const struct description *of = judgement->description;
    long wrong = 0;
    for (int i = 0; i < SYNSETS; i++) {
        if (of->class_images[i] == VAL_IMAGES_PER_CLASS)
            continue;
        if (++wrong <= NAMED)
            warn(judgement, "class %s (%s) has %s images, %d wanted", synset_ids[i],
                 synset_names[i], GROUPED(of->class_images[i]), VAL_IMAGES_PER_CLASS);
    }
    warn_more(judgement, wrong, "classes with a wrong number of images");
    return wrong;
}

/* Returns how many images are in a class folder that is not theirs, or are there twice. */
static long judge_places(struct judgement *judgement)
{
    const struct dataset *set = judgement->description->set;
    bool seen[VAL_IMAGES + 1] = {false};
    long wrong = 0;
    for (long i = 0; i < set->count; i++) {
        const struct sample *sample = &set->samples[i];
        int number = val_number(strchr(sample->name, '/') + 1);
        bool twice = number > 0 && seen[number];
        bool elsewhere = number > 0 && val_label(number) != sample->label;
        seen[number] = true;
        if (!twice && !elsewhere)
            continue;
        if (++wrong <= NAMED && elsewhere)
            warn(judgement, "%s belongs to class %s (%s): its label is wrong",
                 PRINTABLE(sample->name), synset_ids[val_label(number)],
                 synset_names[val_label(number)]);
        else if (wrong <= NAMED)
            warn(judgement, "%s is there twice", PRINTABLE(sample->name));
    }
    warn_more(judgement, wrong, "images in a wrong place");
    return wrong;
}

static void judge_validation(struct judgement *judgement)
{
    struct description *of = judgement->description;
    of->validation = is_validation_set(of->set);
    if (!of->validation)
        return;
    if (of->set->count != VAL_IMAGES)
        warn(judgement, "%s: %s images; ImageNet's validation set has %s",
             of->set->count < VAL_IMAGES ? "partial" : "too many", GROUPED(of->set->count),
             GROUPED(VAL_IMAGES));
    long wrong_classes = judge_class_counts(judgement), wrong_places = judge_places(judgement);
    of->complete = wrong_classes == 0 && wrong_places == 0;
}

/* Evidence that the pixels are not ImageNet's own. In its own images no size and no set of
 * quantisation tables comes near these shares: they are from many cameras and programs. */
static void judge_pixels(struct judgement *judgement)
{
    const struct description *of = judgement->description;
    const struct spread *shorts = &of->columns[COLUMN_SHORT_SIDE];
    const struct spread *longs = &of->columns[COLUMN_LONG_SIDE];
    const struct spread *tables = &of->columns[COLUMN_TABLES];
    static const char consequence[] = "published accuracies were measured on the originals";
    if (!of->set->imagenet || of->sized < JUDGED_FROM)
        return;
    bool by_short = shorts->commonest_count * 100 > of->sized * SHRUNK_SHARE;
    bool by_long =
        longs->commonest_count * 100 > of->sized * LONG_SHARE && longs->commonest != ORIGINAL_LONG;
    const struct spread *side = by_short ? shorts : longs;
    if (by_short || by_long)
        warn(judgement, "%s side is exactly %s in %ld %% of the images: this set was shrunk; %s",
             by_short ? "short" : "long", GROUPED(side->commonest),
             side->commonest_count * 100 / of->sized, consequence);
    if (of->jpeg >= JUDGED_FROM && tables->commonest_count * 100 >= of->jpeg * REENCODED_SHARE)
        warn(judgement,
             "%ld %% of the JPEG images have the same quantisation tables: this set was encoded "
             "anew by one program; %s",
             tables->commonest_count * 100 / of->jpeg, consequence);
    if (of->png * 2 > of->set->count)
        warn(judgement, "%s images are PNG; ImageNet's own are JPEG: this set was converted",
             GROUPED(of->png));
}

enum status judge(struct description *description, struct error *error)
{
    struct judgement judgement = {.description = description};
    judgement.warnings =
        arena_alloc(&description->arena, MOST_WARNINGS, sizeof *judgement.warnings);
    if (!judgement.warnings)
        return error_memory(error, "a description");
    description->warnings = judgement.warnings;
    judge_validation(&judgement);
    judge_class_names(&judgement);
    judge_pixels(&judgement);
    const struct dataset *set = description->set;
    judge_left_out(&judgement, &set->empty, "class folders hold no images");
    judge_left_out(&judgement, &set->misplaced,
                   "images are not directly in a class folder and are left out");
    judge_left_out(&judgement, &set->other, "files are not images and are left out");
    return judgement.failed ? error_memory(error, "a description") : OK;
}
