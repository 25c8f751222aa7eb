#include "weights/detect.h"

#include "weights/tar_index.h"

#include <ctype.h>
#include <string.h>

struct signature {
    const char *bytes;
    size_t size, at;
    const char *meaning;
};

#define SIGNATURE(bytes, at, meaning)                                                              \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, at, meaning                                                      \
    }

static const struct signature known[] = {
    [KIND_PTH_TAR] = {0}, /* by its header's checksum */
    [KIND_PTH_STREAM] =
        SIGNATURE("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 0, ""),
    [KIND_PTH_ZIP] = SIGNATURE("PK\3\4", 0, ""),
    [KIND_KERAS_H5] = SIGNATURE("\x89HDF\r\n\x1a\n", 0, ""),
};

static const char pickle_advice[] =
    "a Python pickle, but not one of torch.save with its default protocol 2; save it again";

/* What else is found under the names of weight files. */
static const struct signature impostors[] = {
    SIGNATURE("version https://git-lfs.github.com/spec/", 0,
              "a git-lfs pointer instead of the file that it stands for; run: git lfs pull"),
    SIGNATURE("\x1f\x8b", 0, "compressed by gzip; unpack it with gunzip"),
    SIGNATURE("BZh", 0, "compressed by bzip2; unpack it with bunzip2"),
    SIGNATURE("\xfd"
              "7zXZ",
              0, "compressed by xz; unpack it with unxz"),
    SIGNATURE("\x28\xb5\x2f\xfd", 0, "compressed by zstd; unpack it with unzstd"),
    SIGNATURE("PK\5\6", 0, "an empty zip archive; get the file again"),
    SIGNATURE("\x93NUMPY", 0, "an array of NumPy's (.npy), which is not read as weights"),
    SIGNATURE("TFL3", 4, "a TensorFlow Lite model, which is not read"),
    SIGNATURE("\x80\x02", 0, pickle_advice),
    SIGNATURE("\x80\x03", 0, pickle_advice),
    SIGNATURE("\x80\x04", 0, pickle_advice),
    SIGNATURE("\x80\x05", 0, pickle_advice),
    SIGNATURE("\xff\xd8\xff", 0, "a JPEG image"),
    SIGNATURE("\x89PNG", 0, "a PNG image"),
    SIGNATURE("\x7f"
              "ELF",
              0, "a program"),
};

enum { KNOWN_COUNT = sizeof known / sizeof *known };
enum { IMPOSTOR_COUNT = sizeof impostors / sizeof *impostors };

static bool matches(const struct signature *signature, const uint8_t *start, size_t size)
{
    return signature->size > 0 && size >= signature->at + signature->size &&
           memcmp(start + signature->at, signature->bytes, signature->size) == 0;
}

/* "<" and a name of markup, after white space and a byte order mark. */
static bool is_web_page(const uint8_t *start, size_t size)
{
    static const char *const names[] = {"<!doctype", "<html", "<head", "<?xml", "<error"};
    size_t at = size >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && isspace(start[at]))
        at++;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (size - at >= strlen(names[i]) &&
            strncasecmp((const char *)start + at, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* 8 bytes that count the header's, then a JSON object. */
static bool is_safetensors(const uint8_t *start, size_t size)
{
    return size > 8 && start[8] == '{' && memcmp(start + 4, "\0\0\0\0", 4) == 0;
}

/* A protobuf message whose first fields are ir_version and producer_name or the graph. */
static bool is_onnx(const uint8_t *start, size_t size)
{
    return size > 3 && start[0] == 0x08 && start[1] >= 1 && start[1] <= 30 &&
           (start[2] == 0x12 || start[2] == 0x3a);
}

static bool is_text(const uint8_t *start, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (start[i] < 0x20 ? !isspace(start[i]) : start[i] == 0x7f)
            return false;
    return true;
}

static const char *impostor(const uint8_t *start, size_t size)
{
    for (int i = 0; i < IMPOSTOR_COUNT; i++)
        if (matches(&impostors[i], start, size))
            return impostors[i].meaning;
    if (is_web_page(start, size))
        return "a web page or a server's error message; look at it, then get the file again";
    if (is_safetensors(start, size))
        return "safetensors, which are not read yet; in Python: torch.save("
               "safetensors.torch.load_file(\"model.safetensors\"), \"weights.pth\")";
    if (is_onnx(start, size))
        return "an ONNX model, which is not read as weights; wanted is the framework's own file";
    if (is_text(start, size))
        return "a text file";
    return NULL;
}

enum status detect_kind(enum weights_kind *kind, const char *path, const uint8_t *start,
                        size_t size, struct error *error)
{
    static const char wanted[] = "wanted is a PyTorch .pth or Keras .h5 file";
    if (size == 0)
        return error_set(error, BAD_INPUT, "%s: is empty; %s", path, wanted);
    for (int i = 0; i < KNOWN_COUNT; i++) {
        if (matches(&known[i], start, size)) {
            *kind = (enum weights_kind)i;
            return OK;
        }
    }
    if (size == TAR_BLOCK && tar_is_header(start)) {
        *kind = KIND_PTH_TAR;
        return OK;
    }
    const char *meaning = impostor(start, size);
    if (meaning)
        return error_set(error, BAD_INPUT, "%s: is %s (%s)", path, meaning, wanted);
    return error_set(
        error, BAD_INPUT,
        "%s: begins with bytes %02x %02x %02x %02x, which are no weight file's that is "
        "read; %s",
        path, start[0], size > 1 ? start[1] : 0, size > 2 ? start[2] : 0, size > 3 ? start[3] : 0,
        wanted);
}
