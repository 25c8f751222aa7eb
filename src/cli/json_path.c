#include "cli/json_path.h"

#include "data/printable.h"

json_t *json_path(const char *path)
{
    json_t *text = path ? json_string(path) : json_null();
    return text ? text : json_string(PRINTABLE(path));
}
