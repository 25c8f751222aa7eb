#include "data/layout.h"
#include "data/path.h"
#include "data/printable.h"
#include "data/synsets.h"
#include "data/val.h"

#include <string.h>

const char *layout_below(const struct layout *layout, const char *name)
{
    return strncmp(name, layout->leading ? layout->leading : "", layout->skip)
               ? NULL
               : name + layout->skip;
}

/* Where the images are, below a leading folder. */
struct survey {
    const char *first;  /* an image; NULL when there are none */
    bool one_folder;    /* all images are in the first one's folder */
    bool flat_names;    /* all images have names of the flat validation set */
    long at_depth[3];   /* images in no folder, in one, and in more */
    long flat_at_depth; /* images in no folder with names of the flat validation set */
};

/* Only called when all images are below the first `skip` bytes. */
static struct survey survey_images(const struct listing *listing, size_t skip)
{
    struct survey survey = {.one_folder = true, .flat_names = true};
    for (long i = 0; i < listing->count; i++) {
        const char *name = listing->files[i].name;
        if (!path_is_image(name))
            continue;
        name += skip;
        int folders = path_depth(name);
        bool flat = val_number(path_file(name)) > 0;
        survey.first = survey.first ? survey.first : name;
        survey.one_folder &= folders > 0 && path_same_folder(name, survey.first);
        survey.flat_names &= flat;
        survey.at_depth[folders < 2 ? folders : 2]++;
        survey.flat_at_depth += folders == 0 && flat;
    }
    return survey;
}

/* Whether the one folder that all images are in is not itself a class folder. */
static bool has_leading_folder(const struct survey *survey)
{
    if (!survey->first || !survey->one_folder)
        return false;
    if (survey->at_depth[1] == 0)
        return true;
    char folder[sizeof "n01440764/"] = {0};
    memcpy(folder, survey->first, strnlen(survey->first, sizeof folder - 1));
    folder[strcspn(folder, "/")] = '\0';
    return survey->at_depth[2] == 0 && survey->flat_names && synset_find(folder) < 0;
}

static enum status refuse_empty(const char *path, const struct listing *listing,
                                struct error *error)
{
    for (long i = 0; i < listing->folder_count; i++)
        if (path_depth(listing->folders[i]) == 1)
            return error_set(error, BAD_INPUT,
                             "%s: its folders hold folders (%s), not images: give the folder that "
                             "holds the class folders",
                             path, PRINTABLE(listing->folders[i]));
    return error_set(error, BAD_INPUT,
                     "%s: no images of a set among its %ld files; class folders with images "
                     "(n01440764/NAME.JPEG) are wanted, or files ILSVRC2012_val_00000001.JPEG and "
                     "so on",
                     path, listing->count);
}

enum status layout_find(const char *path, const struct listing *listing, struct layout *layout,
                        struct error *error)
{
    *layout = (struct layout){0};
    struct survey survey = survey_images(listing, 0);
    while (has_leading_folder(&survey)) {
        size_t folder = strcspn(survey.first, "/") + 1;
        layout->leading = survey.first - layout->skip;
        layout->skip += folder;
        survey = survey_images(listing, layout->skip);
    }
    layout->flat = survey.at_depth[1] == 0;
    if (survey.at_depth[1] == 0 && survey.flat_at_depth == 0)
        return refuse_empty(path, listing, error);
    return OK;
}
