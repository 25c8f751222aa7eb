/* weights: every layout gives the same names, shapes and numbers, read exactly; impostors are
 * named; a file that changes is noticed. The golden files are tools/gen_weights_golden.py's. */
#include "weights_support.h"

#include "base/digest.h"
#include "weights/h5_name.h"
#include "weights/half.h"

#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* The generator's formula. */
static float number(int tensor, int64_t element)
{
    return (float)((37 * element + 101 * tensor) % 255 - 127) / 64;
}

struct expected {
    const char *name;
    enum dtype dtype;
    int rank;
    int64_t shape[WEIGHT_MAX_RANK];
    int tensor, first; /* of the formula */
};

static void assert_weight(const struct weights *weights, int index, const struct expected *expected)
{
    const struct weight *weight = &weights->list[index];
    assert_string_equal(weight->name, expected->name);
    assert_ptr_equal(weights_find(weights, expected->name), weight);
    assert_int_equal(weight->dtype, expected->dtype);
    assert_int_equal(weight->rank, expected->rank);
    assert_memory_equal(weight->shape, expected->shape, sizeof weight->shape);
    if (weight->dtype > DTYPE_F64) {
        struct error error = {0};
        float out;
        assert_int_equal(weights_read(weights, weight, &out, &error), BAD_INPUT);
        assert_non_null(strstr(error.text, "floating point is wanted"));
        return;
    }
    float *floats = read_floats(weights, weight);
    for (int64_t i = 0; i < weight->count; i++)
        if (floats[i] != number(expected->tensor, expected->first + i))
            fail_msg("%s %s: element %d is %g", weights->path, weight->name, (int)i, floats[i]);
    free(floats);
}

static void assert_file(const char *path, const char *format, const struct expected *expected,
                        int count)
{
    struct weights *weights = open_path(path);
    assert_string_equal(weights->format, format);
    assert_string_equal(weights->path, path);
    assert_int_equal(weights->count, count);
    for (int i = 0; i < count; i++)
        assert_weight(weights, i, &expected[i]);
    assert_null(weights_find(weights, "no such tensor"));
    struct bytes bytes = load(path);
    uint8_t sum[DIGEST_SIZE];
    char hex[DIGEST_HEX];
    assert_int_equal(digest_of(bytes.data, bytes.size, sum, NULL), OK);
    digest_hex(sum, hex);
    assert_string_equal(weights->sha256, hex);
    assert_int_equal(weights->size, bytes.size);
    bytes_free(&bytes);
    weights_close(weights);
}

static void pth_layouts_hold_the_same(void **state)
{
    (void)state;
    static const struct expected expected[] = {
        {"conv.weight", DTYPE_F32, 4, {4, 3, 3, 3}, 0, 0},
        {"conv.bias", DTYPE_F32, 1, {4}, 1, 0},
        {"bn.num_batches_tracked", DTYPE_I64, 0, {0}, 2, 0},
        {"half.weight", DTYPE_F16, 2, {5, 2}, 3, 0},
        {"double.weight", DTYPE_F64, 1, {3}, 4, 0},
        {"view.weight", DTYPE_F32, 2, {3, 4}, 6, 8},
        {"base", DTYPE_F32, 1, {24}, 6, 0},
        {"transposed.weight", DTYPE_F32, 2, {4, 3}, 7, 0},
        {"channels_last.weight", DTYPE_F32, 4, {2, 3, 2, 2}, 8, 0},
        {"empty", DTYPE_F32, 2, {0, 3}, 9, 0},
        {"scalar", DTYPE_F32, 0, {0}, 10, 0},
    };
    enum { COUNT = sizeof expected / sizeof *expected };
    assert_file(GOLDEN "tiny_zip.pth", "pth-zip", expected, COUNT);
    assert_file(GOLDEN "tiny_stream.pth", "pth-stream", expected, COUNT);
    assert_file(GOLDEN "tiny_tar.pth", "pth-tar", expected, COUNT);
    assert_file(GOLDEN "tiny_no_crc.pth", "pth-zip", expected, COUNT);
    assert_file(GOLDEN "tiny_checkpoint.pth", "pth-zip", expected, COUNT);
}

static void keras_versions_are_named_alike(void **state)
{
    (void)state;
    static const struct expected keras3[] = {
        {"conv1/kernel", DTYPE_F32, 4, {3, 3, 3, 4}, 0, 0},
        {"conv1/bias", DTYPE_F32, 1, {4}, 1, 0},
        {"conv1_bn/gamma", DTYPE_F32, 1, {4}, 2, 0},
        {"conv1_bn/beta", DTYPE_F32, 1, {4}, 3, 0},
        {"conv1_bn/moving_mean", DTYPE_F32, 1, {4}, 4, 0},
        {"conv1_bn/moving_variance", DTYPE_F32, 1, {4}, 5, 0},
        {"preds/kernel", DTYPE_F32, 2, {64, 2}, 6, 0},
        {"preds/bias", DTYPE_F32, 1, {2}, 7, 0},
    };
    static const struct expected keras2[] = {
        {"conv1/kernel", DTYPE_F32, 4, {3, 3, 2, 4}, 0, 0},
        {"conv1/bias", DTYPE_F32, 1, {4}, 1, 0},
        {"bn/gamma", DTYPE_F32, 1, {4}, 2, 0},
        {"dense/W", DTYPE_F16, 2, {6, 2}, 3, 0},
        {"packed/kernel", DTYPE_F32, 2, {30, 20}, 4, 0},
        {"double/scalar", DTYPE_F64, 0, {0}, 5, 0},
    };
    assert_file(GOLDEN "keras3.h5", "keras-h5", keras3, sizeof keras3 / sizeof *keras3);
    assert_file(GOLDEN "keras2.h5", "keras-h5", keras2, sizeof keras2 / sizeof *keras2);
}

static void weight_names_lose_what_repeats(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"conv1", "conv1/kernel:0", "conv1/kernel"},
        {"conv1", "conv1_1/kernel:0", "conv1/kernel"},
        {"conv1", "sequential/conv1/kernel", "conv1/kernel"},
        {"conv1", "model/conv1_12/bias:0", "conv1/bias"},
        {"conv1", "conv1_bn/gamma:0", "conv1/conv1_bn/gamma"},
        {"conv1", "conv10/kernel:0", "conv1/conv10/kernel"},
        {"net", "c1/kernel", "net/c1/kernel"},
        {"block1_conv1", "block1_conv1_W_1:0", "block1_conv1/W_1"},
        {"bn", "bn_running_mean:0", "bn/running_mean"},
        {"bn", "bn_:0", "bn/bn_"},
        {"a", "a", "a/a"},
        {"a", "a:0", "a/a"},
        {"a", "b:", "a/b:"},
        {"a", "a/b:x", "a/b:x"},
        {"conv1/conv", "conv1/conv/kernel:0", "conv1/conv/kernel"},
        {"conv1/bn", "model/conv1/bn_1/gamma:0", "conv1/bn/gamma"},
        {"conv1/bn", "conv1/bn2/gamma:0", "conv1/bn/conv1/bn2/gamma"},
        {"a/b", "a/b", "a/b/a/b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[64];
        h5_name(name, sizeof name, cases[i][0], cases[i][1]);
        assert_string_equal(name, cases[i][2]);
    }
}

static void every_half_is_exact(void **state)
{
    (void)state;
    for (int half = 0; half < 1 << 16; half++) {
        int exponent = half >> 10 & 31, fraction = half & 1023;
        double magnitude = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
        float value = half_to_float((uint16_t)half);
        if (exponent == 31 && fraction)
            assert_true(isnan(value));
        else if (exponent == 31)
            assert_true(isinf(value));
        else
            assert_true(fabs((double)value) == magnitude);
        assert_int_equal(signbit(value) != 0, half >> 15);
    }
}

/* The same numbers in three layouts, whatever the order of the names. */
static void real_layouts_hold_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"weights/squeezenet1_1_zip.pth",
                                        "weights/squeezenet1_1_legacy.pth",
                                        "weights/squeezenet1_1_tar.pth"};
    char path[SHARED_PATH];
    if (!there(shared_path(path, names[0])))
        skip();
    struct weights *first = open_path(path);
    assert_int_equal(first->count, 52);
    for (int p = 1; p < 3; p++) {
        struct weights *other = open_path(shared_path(path, names[p]));
        assert_int_equal(other->count, first->count);
        for (int i = 0; i < first->count; i++) {
            const struct weight *a = &first->list[i], *b = weights_find(other, a->name);
            assert_non_null(b);
            assert_int_equal(a->dtype, b->dtype);
            assert_int_equal(a->rank, b->rank);
            assert_memory_equal(a->shape, b->shape, sizeof a->shape);
            float *floats = read_floats(first, a), *others = read_floats(other, b);
            assert_memory_equal(floats, others, (size_t)a->count * sizeof *floats);
            free(floats);
            free(others);
        }
        weights_close(other);
    }
    weights_close(first);
}

static void format_shape(char *text, size_t size, const struct weight *weight)
{
    int used = 0;
    for (int i = 0; i < weight->rank; i++)
        used +=
            snprintf(text + used, size - (size_t)used, "%s%d", i ? "x" : "", (int)weight->shape[i]);
}

/* Digests of what h5py reads, in the order of the file. */
static void real_keras_file_is_as_h5py_reads_it(void **state)
{
    (void)state;
    char path[SHARED_PATH];
    if (!there(shared_path(path, "weights/mobilenet_2_5_224_tf.h5")))
        skip();
    struct weights *weights = open_path(path);
    FILE *digests = fopen(GOLDEN "mobilenet_2_5_224_tf.digests", "r");
    assert_non_null(digests);
    char name[100], shape[100], wanted[100], ours[100] = "", hex[DIGEST_HEX];
    int count = 0;
    while (fscanf(digests, "%99s %99s %99s", name, shape, wanted) == 3) {
        const struct weight *weight = &weights->list[count++];
        assert_string_equal(weight->name, name);
        format_shape(ours, sizeof ours, weight);
        assert_string_equal(ours, shape);
        float *floats = read_floats(weights, weight);
        uint8_t sum[DIGEST_SIZE];
        assert_int_equal(digest_of(floats, (size_t)weight->count * sizeof *floats, sum, NULL), OK);
        digest_hex(sum, hex);
        assert_memory_equal(hex, wanted, 16);
        free(floats);
    }
    assert_int_equal(count, weights->count);
    assert_int_equal(count, 137);
    fclose(digests);
    weights_close(weights);
}

static void impostors_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *expected;
    } cases[] = {
        {"", 0, "is empty"},
        {"<!DOCTYPE html><html>", 21, "a web page"},
        {"\xef\xbb\xbf\n <HTML>", 10, "a web page"},
        {"<?xml version='1.0'?><Error>", 28, "a server's error message"},
        {"version https://git-lfs.github.com/spec/v1\noid", 46, "git lfs pull"},
        {"\x1f\x8b\x08\0", 4, "gunzip"},
        {"BZh91AY", 7, "bunzip2"},
        {"\xfd"
         "7zXZ\0",
         6, "unxz"},
        {"\x28\xb5\x2f\xfd", 4, "unzstd"},
        {"PK\5\6", 4, "an empty zip archive"},
        {"PK\3\4", 4, "truncated"},
        {"\x93NUMPY\1\0", 8, "NumPy"},
        {"\x08\x03\x12\x04torc", 8, "an ONNX model"},
        {"\x40\0\0\0\0\0\0\0{\"a\":", 13, "safetensors"},
        {"\x80\x04\x95\0", 4, "a Python pickle"},
        {"\x80\x02}q\0.", 6, "a Python pickle"},
        {"hello", 5, "a text file"},
        {"\0\1\2\3\4\5", 6, "begins with bytes 00 01 02 03"},
        {"\x89HDF\r\n\x1a\n", 8, "the HDF5 library cannot read the file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(cases[i].bytes, cases[i].size, cases[i].expected);
    struct weights *weights;
    struct error error = {0};
    assert_int_equal(weights_open("/tmp", &weights, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "a regular file is wanted"));
    assert_null(weights);
}

static void golden_refusals_say_why(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"whole_model.pth", "torch.nn.modules.linear.Linear"},
        {"keras3.weights.h5", "Keras 3's own .weights.h5 layout"},
        {"refused_virtual.h5", "is virtual"},
        {"refused_committed.h5", "a type that is an object of its own"},
        {"refused_soft_link.h5", "soft or external link"},
        {"refused_external_link.h5", "soft or external link"},
        {"refused_twice.h5", "two tensors of the name a/w"},
        {"refused_external.h5", "keeps its elements in other files"},
        {"refused_scale_offset.h5", "a filter other than"},
        {"refused_big_endian.h5", "is not of little-endian"},
        {"refused_integer.h5", "is not of little-endian"},
        {"refused_strings.h5", "is not of little-endian"},
        {"refused_unwritten.h5", "never written"},
        {"refused_missing_chunk.h5", "never written"},
        {"refused_rank_9.h5", "more than 8 dimensions"},
        {"refused_bomb.h5", "more than 16 MiB"},
        {"refused_missing.h5", "cannot read w:0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s", cases[i][0]);
        struct weights *weights;
        struct error error = {0};
        assert_int_equal(weights_open(path, &weights, &error), BAD_INPUT);
        if (!strstr(error.text, cases[i][1]) || strncmp(error.text, path, strlen(path)) != 0)
            fail_msg("%s", error.text);
    }
}

static void infinite_weights_are_refused_when_read(void **state)
{
    (void)state;
    struct weights *weights = open_path(GOLDEN "refused_not_finite.h5");
    struct error error = {0};
    float out[4];
    assert_int_equal(weights_read(weights, &weights->list[0], out, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "tensor a/w: element 3 of 4 is infinite"));
    weights_close(weights);
}

static void change_is_noticed(void **state)
{
    (void)state;
    char path[] = "/tmp/bitzoo-weights-XXXXXX";
    int descriptor = mkstemp(path);
    struct bytes bytes = load(GOLDEN "tiny_zip.pth");
    assert_int_equal(write(descriptor, bytes.data, bytes.size), bytes.size);
    struct weights *weights = open_path(path);
    free(read_floats(weights, &weights->list[0]));
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(futimens(descriptor, times), 0);
    struct error error = {0};
    float out[4 * 27];
    assert_int_equal(weights_read(weights, &weights->list[0], out, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "changed while being read"));
    weights_close(weights);
    unlink(path);
    close(descriptor);
    bytes_free(&bytes);
}

static void keras_file_needs_no_second_look(void **state)
{
    (void)state;
    char path[] = "/tmp/bitzoo-weights-XXXXXX";
    int descriptor = mkstemp(path);
    struct bytes bytes = load(GOLDEN "keras2.h5");
    assert_int_equal(write(descriptor, bytes.data, bytes.size), bytes.size);
    struct weights *weights = open_path(path);
    assert_int_equal(ftruncate(descriptor, 0), 0);
    float *floats = read_floats(weights, &weights->list[0]);
    assert_true(floats[1] == number(0, 1));
    free(floats);
    weights_close(weights);
    unlink(path);
    close(descriptor);
    bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pth_layouts_hold_the_same),
        cmocka_unit_test(keras_versions_are_named_alike),
        cmocka_unit_test(weight_names_lose_what_repeats),
        cmocka_unit_test(every_half_is_exact),
        cmocka_unit_test(real_layouts_hold_the_same),
        cmocka_unit_test(real_keras_file_is_as_h5py_reads_it),
        cmocka_unit_test(impostors_are_named),
        cmocka_unit_test(golden_refusals_say_why),
        cmocka_unit_test(infinite_weights_are_refused_when_read),
        cmocka_unit_test(change_is_noticed),
        cmocka_unit_test(keras_file_needs_no_second_look),
    };
    return cmocka_run_group_tests_name("weights", tests, NULL, NULL);
}
