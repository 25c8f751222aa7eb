/* weights/pickle: what a state_dict may consist of, and each trap that a pickle can set. The files
 * here are of the stream layout, written by hand. */
#include "weights_support.h"

#define MAGIC   "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
#define VERSION "\x80\x02M\xe9\x03."
#define SYSTEM  "\x80\x02}X\x0d\0\0\0little_endian\x88s."
#define HEADER  MAGIC VERSION SYSTEM

/* Pieces of a state_dict with one tensor "a" of four floats in a storage "k". */
#define STORAGE "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\4tQ"
#define REBUILD "ctorch._utils\n_rebuild_tensor\n"
#define TENSOR  REBUILD "(" STORAGE "K\0K\4\x85K\1\x85tR"
#define NAME    "X\1\0\0\0a"
#define OBJECT  "\x80\x02}" NAME TENSOR "s."
#define KEYS    "\x80\x02]X\1\0\0\0ka."
#define DATA    "\4\0\0\0\0\0\0\0\0\0\x80?\0\0\0@\0\0@@\0\0\x80@"

/* A file of an object's body, which is everything between its protocol and its end. */
#define FILE_OF(body)          HEADER "\x80\x02" body "." KEYS DATA
#define WITHOUT_STORAGES(body) HEADER "\x80\x02" body ".\x80\x02]."
#define ENTRY(value)           FILE_OF("}" NAME value "s")

struct trap {
    const char *bytes;
    size_t size;
    const char *expected;
};

static void assert_traps(const struct trap *traps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(traps[i].bytes, traps[i].size, traps[i].expected);
}

#define ASSERT_TRAPS(traps) assert_traps(traps, sizeof(traps) / sizeof *(traps))

static void assert_reads_four(const void *bytes, size_t size)
{
    struct weights *weights;
    struct error error = {0};
    if (open_bytes(bytes, size, &weights, &error) != OK)
        fail_msg("%s", error.text);
    assert_int_equal(weights->count, 1);
    assert_string_equal(weights->list[0].name, "a");
    assert_int_equal(weights->list[0].count, 4);
    float *floats = read_floats(weights, &weights->list[0]);
    for (int i = 0; i < 4; i++)
        assert_true(floats[i] == (float)(i + 1));
    free(floats);
    weights_close(weights);
}

static void all_spellings_of_a_tensor_are_read(void **state)
{
    (void)state;
    static const struct trap good[] = {
        {BYTES(HEADER OBJECT KEYS DATA), ""},
        /* _rebuild_tensor_v2, without hooks, with, and with empty metadata */
        {BYTES(ENTRY("ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE "K\0K\4\x85K\1\x85\x89NtR")),
         ""},
        {BYTES(ENTRY("ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE "K\0K\4\x85K\1\x85\x88}}tR")),
         ""},
        /* parameters */
        {BYTES(ENTRY("ctorch._utils\n_rebuild_parameter\n" TENSOR "\x88"
                     "ccollections\nOrderedDict\n)R\x87R")),
         ""},
        {BYTES(ENTRY("ctorch.nn.parameter\nParameter\n" TENSOR "\x85\x81\x88\x89N\x87"
                     "b")),
         ""},
        {BYTES(ENTRY("ctorch.nn.parameter\nParameter\n" TENSOR "\x85R\x88\x89N\x87"
                     "b")),
         ""},
        {BYTES(ENTRY("ctorch.nn.parameter\nParameter\n)\x81(" TENSOR "N}\x88\x89tb")), ""},
        /* before _rebuild_tensor */
        {BYTES(ENTRY("ctorch\nFloatTensor\n)R(" STORAGE "K\0K\4\x85K\1\x85tb")), ""},
        /* a storage saved from a GPU; a view of none in the sixth place */
        {BYTES(ENTRY(REBUILD "((X\7\0\0\0storagectorch.cuda\nFloatStorage\nX\1\0\0\0k"
                             "X\6\0\0\0cuda:0K\4NtQK\0K\4\x85K\1\x85tR")),
         ""},
        /* Python 2: an OrderedDict of a list of pairs, byte strings, decimal and long integers */
        {BYTES(FILE_OF("ccollections\nOrderedDict\n](](U\1a" REBUILD "(" STORAGE
                       "I0\n\x8a\1\4\x85\x8a\1\1\x85tRee\x85R}U\1x}sb")),
         ""},
        /* a checkpoint */
        {BYTES(FILE_OF("}(X\5\0\0\0epochK\3X\x0a\0\0\0state_dict}" NAME TENSOR
                       "sX\4\0\0\0bestG?\xe0\0\0\0\0\0\0u")),
         ""},
        /* a stride that is never taken may be anything */
        {BYTES(ENTRY(REBUILD "(" STORAGE
                             "K\0K\1K\4\x86\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\1\x86tR")),
         ""},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_reads_four(good[i].bytes, good[i].size);
}

static void stack_and_memo_are_checked(void **state)
{
    (void)state;
    static const struct trap traps[] = {
        {BYTES(FILE_OF("}r\xff\xff\xff\xff")), "numbers an object higher"},
        {BYTES(FILE_OF("}q\5h\6")), "refers to an object that it did not number"},
        {BYTES(FILE_OF("j\xff\xff\xff\xff")), "refers to an object that it did not number"},
        {BYTES(FILE_OF("q\1")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("R")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("}s")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("Q")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("K\1\x86")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("}}(b")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("(K\1K\1(\x85")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("(q\1")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("")), "takes a value off its stack where there is none"},
        {BYTES(FILE_OF("}t")), "looks for a mark"},
        {BYTES(FILE_OF("}K\1K\1u")), "looks for a mark"},
        {BYTES(FILE_OF("]K\1e")), "looks for a mark"},
        {BYTES(FILE_OF("}}")), "more than one value"},
        {BYTES(FILE_OF("}(K\1u")), "adds items to what is no list or dict of them"},
        {BYTES(FILE_OF("]K\1K\1s")), "adds items to what is no list or dict of them"},
        {BYTES(FILE_OF("}K\1a")), "adds items to what is no list or dict of them"},
        {BYTES(FILE_OF("0")), "has opcode 0x30"},
        {BYTES(FILE_OF("\x80\x02}")), "has opcode 0x80"},
        {BYTES(FILE_OF("I99999999999999999999\n")), "not one of 64 bits"},
        {BYTES(FILE_OF("I9223372036854775808\n")), "not one of 64 bits"},
        {BYTES(FILE_OF("I-\n")), "not one of 64 bits"},
        {BYTES(FILE_OF("I1.5\n")), "not one of 64 bits"},
        {BYTES(FILE_OF("I123456789012345678901234567890\n")), "a line without an end"},
        {BYTES(HEADER "\x80\x02X\xff\xff\xff\xff."), "is cut off inside an opcode"},
        {BYTES(HEADER "\x80\x02\x8a\xffk"), "is cut off inside an opcode"},
        {BYTES(HEADER "\x80\x02}"), "is cut off before its end"},
        {BYTES(HEADER "\x80\x02}q"), "is cut off inside an opcode"},
        {BYTES(HEADER "\x80\x02"
                      "ccollections"),
         "a line without an end"},
        {BYTES(HEADER "\x80\x04}."), "of pickle protocol 4"},
        {BYTES(HEADER "}."), "does not begin with its protocol"},
        {BYTES(HEADER), "is cut off before its end"},
    };
    ASSERT_TRAPS(traps);
}

static void only_tensors_are_constructed(void **state)
{
    (void)state;
    static const struct trap traps[] = {
        {BYTES(FILE_OF("cposix\nsystem\nX\4\0\0\0true\x85R")), "wants Python's posix.system"},
        {BYTES(FILE_OF("cos\nsystem\n)R")), "wants Python's os.system"},
        {BYTES(FILE_OF("cbuiltins\neval\n)R")), "wants Python's builtins.eval"},
        {BYTES(FILE_OF("ctorch\n_utils._rebuild_tensor\n)R")), "wants Python's torch._utils"},
        {BYTES(FILE_OF("ctorch\nStorage\n)R")), "wants Python's torch.Storage"},
        {BYTES(FILE_OF("ctorch\nBFloat16Storage\n)R")), "wants Python's torch.BFloat16Storage"},
        {BYTES(FILE_OF("c\x1b[2J\nx\n)R")), "\\x1b[2J"},
        {BYTES(FILE_OF("ccollections\nOrderedDict\nK\1\x85R")), "a list of pairs"},
        {BYTES(FILE_OF("ccollections\nOrderedDict\n]K\1a\x85R")), "a list of pairs"},
        {BYTES(FILE_OF("ccollections\nOrderedDict\n}R")), "calls a class or function with a dict"},
        {BYTES(FILE_OF("ctorch\nFloatTensor\nK\4\x85R")), "calls torch.Float with 1 arguments"},
        {BYTES(WITHOUT_STORAGES("}" NAME "ctorch\nFloatTensor\n)Rs")), "never got its numbers"},
        {BYTES(WITHOUT_STORAGES("}" NAME "ctorch.nn.parameter\nParameter\n)Rs")),
         "never got its numbers"},
        {BYTES(ENTRY("ctorch.nn.parameter\nParameter\n)\x81(K\1N}\x88\x89tb")),
         "sets the state of a parameter"},
        {BYTES(ENTRY("ctorch.nn.parameter\nParameter\n)\x81\x88\x89N\x87"
                     "b")),
         "sets the state of a parameter"},
        {BYTES(ENTRY("ctorch\nFloatTensor\n)R(" STORAGE "K\0K\4\x85tb")),
         "sets the state of a tensor"},
        {BYTES(ENTRY(TENSOR "(" STORAGE "K\0K\4\x85K\1\x85tb")), "sets the state of a tensor"},
        {BYTES(ENTRY("ctorch\nFloatTensor\n)R(" STORAGE "J\xff\xff\xff\xffK\4\x85K\1\x85tb")),
         "none of them negative"},
        {BYTES(FILE_OF("X\1\0\0\0x)R")), "calls a string"},
        {BYTES(FILE_OF("}}b")), "sets the state of a dict"},
        {BYTES(ENTRY(TENSOR "}b")), "sets the state of a tensor"},
        {BYTES(FILE_OF("ccollections\nOrderedDict\n)RK\1b")), "to an integer"},
        {BYTES(ENTRY("ctorch.nn.parameter\nParameter\nK\1\x85\x81")), "a parameter is made of"},
        {BYTES(FILE_OF("X\1\0\0\0kQ")), "a persistent id is a string"},
        {BYTES(FILE_OF("(X\6\0\0\0modulecposix\nsystem\ntQ")), "wants Python's posix.system"},
        {BYTES(FILE_OF("(X\6\0\0\0modulectorch\nFloatStorage\nX\1\0\0\0kX\1\0\0\0cK\1tQ")),
         "a whole model was saved"},
        {BYTES(FILE_OF("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpu"
                       "J\xff\xff\xff\xfftQ")),
         "a persistent id is not"},
        {BYTES(FILE_OF("(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0kX\3\0\0\0cpuK\4"
                       "(X\1\0\0\0vK\0K\2ttQ")),
         "a persistent id is not"},
        {BYTES(ENTRY("ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE
                     "K\0K\4\x85K\1\x85\x89N}X\3\0\0\0neg\x88stR")),
         "calls torch._utils._rebuild_tensor_v2"},
    };
    ASSERT_TRAPS(traps);
}

static void only_state_dicts_are_read(void **state)
{
    (void)state;
    static const struct trap traps[] = {
        {BYTES(WITHOUT_STORAGES("]")), "holds a list; wanted is a state_dict"},
        {BYTES(FILE_OF(TENSOR)), "holds a tensor; wanted is a state_dict"},
        {BYTES(WITHOUT_STORAGES("}")), "a state_dict without tensors"},
        {BYTES(WITHOUT_STORAGES("}" NAME "K\1s")), "entry \"a\" is an integer"},
        {BYTES(FILE_OF("}K\1" TENSOR "s")), "an integer among the names"},
        {BYTES(FILE_OF("}(" NAME TENSOR NAME TENSOR "u")), "two tensors of the name a"},
        {BYTES(FILE_OF("}X\0\0\0\0" TENSOR "s")), "1 to 500 printable"},
        {BYTES(FILE_OF("}X\2\0\0\0a\n" TENSOR "s")), "a\\x0a"},
        {BYTES(FILE_OF("}X\2\0\0\0a\0" TENSOR "s")), "a\\x00"},
        {BYTES(WITHOUT_STORAGES("}(X\x0a\0\0\0state_dict}X\x0a\0\0\0state_dict}u")), "two entries"},
        {BYTES(FILE_OF("}(X\5\0\0\0model}" NAME TENSOR "sX\5\0\0\0epochK\3u")),
         "entry \"model\" is a dict"},
    };
    ASSERT_TRAPS(traps);
}

static void tensors_stay_in_their_storage(void **state)
{
    (void)state;
    static const struct trap traps[] = {
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\1K\4\x85K\1\x85tR")), "reaches beyond its storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0K\5\x85K\1\x85tR")), "reaches beyond its storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0K\2\x85K\4\x85tR")), "reaches beyond its storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\4))tR")), "reaches beyond its storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\5K\0\x85K\1\x85tR")), "reaches beyond its storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0\x8a\x08\0\0\0\0\0\0\0\x40K\3\x86"
                             "\x8a\x08\0\0\0\0\0\0\0\x40K\1\x86tR")),
         "reaches beyond its storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0K\4\x85J\xff\xff\xff\xff\x85tR")),
         "none of them negative"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "J\xff\xff\xff\xffK\4\x85K\1\x85tR")),
         "none of them negative"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0J\xff\xff\xff\xff\x85K\1\x85tR")),
         "none of them negative"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0K\4\x85)tR")), "as many strides"},
        {BYTES(ENTRY(REBUILD "(K\1K\0K\4\x85K\1\x85tR")), "is not made of a storage"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0(K\1K\1K\1K\1K\1K\1K\1K\1K\1t"
                             "(K\1K\1K\1K\1K\1K\1K\1K\1K\1ttR")),
         "has 9 dimensions"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0K\5\x85K\0\x85tR")), "as expand() does"},
        {BYTES(ENTRY(REBUILD "(" STORAGE "K\0\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\4\x86"
                             "K\0K\1\x86tR")),
         "more elements than can be counted"},
    };
    ASSERT_TRAPS(traps);
}

static void storages_are_what_is_said(void **state)
{
    (void)state;
    static const char twice_keys[] = HEADER OBJECT "\x80\x02](X\1\0\0\0kX\1\0\0\0ke." DATA DATA;
    static const struct trap traps[] = {
        {BYTES(HEADER OBJECT KEYS DATA "x"), "1 more bytes follow"},
        {BYTES(HEADER OBJECT KEYS "\3\0\0\0\0\0\0\0............"), "has 12 bytes"},
        {BYTES(HEADER OBJECT KEYS "\4\0\0\0\0\0\0\0..............."), "is truncated"},
        {BYTES(HEADER OBJECT KEYS "\4\0\0\0\0\0\0"), "is truncated"},
        {BYTES(HEADER OBJECT KEYS "\1\0\0\0\0\0\0\x40...."), "is truncated"},
        {BYTES(HEADER OBJECT "\x80\x02]."), "its storage \"k\" is not in the file"},
        {BYTES(HEADER OBJECT "\x80\x02]X\1\0\0\0xa." DATA), "which no tensor has"},
        {BYTES(HEADER OBJECT "\x80\x02]K\1a." DATA), "an integer among the storages' keys"},
        {BYTES(HEADER OBJECT "\x80\x02}." DATA), "the storages' keys are a dict"},
        {twice_keys, sizeof twice_keys - 1, "is there twice"},
        {BYTES(FILE_OF("}(" NAME TENSOR "X\1\0\0\0b" REBUILD
                       "((X\7\0\0\0storagectorch\nHalfStorage\nX\1\0\0\0kX\3\0\0\0cpuK\4tQ"
                       "K\0K\4\x85K\1\x85tRu")),
         "is said to be both"},
        {BYTES(MAGIC "\x80\x02K\1." SYSTEM OBJECT KEYS DATA), "layout version 1001"},
        {BYTES(MAGIC VERSION "\x80\x02}X\x0d\0\0\0little_endian\x89s." OBJECT KEYS DATA),
         "little_endian is False"},
        {BYTES(MAGIC VERSION "\x80\x02}." OBJECT KEYS DATA), "little_endian is missing"},
        {BYTES(MAGIC VERSION "\x80\x02]." OBJECT KEYS DATA), "little_endian is missing"},
        {BYTES("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"), "is cut off"},
    };
    ASSERT_TRAPS(traps);
}

static void place_of_a_failure_is_named(void **state)
{
    (void)state;
    char expected[60];
    snprintf(expected, sizeof expected, "byte %zu (state_dict)", sizeof HEADER - 1 + 3);
    static const char bytes[] = FILE_OF("}R");
    assert_refused(bytes, sizeof bytes - 1, expected);
}

/* Each value is a pair of the one before: 2^60 leaves in 360 bytes. */
static void laughs_are_not_counted(void **state)
{
    (void)state;
    struct bytes bytes = {0};
    bytes_add(&bytes, BYTES(HEADER "\x80\x02}" NAME "K\1"));
    for (char i = 0; i < 60; i++) {
        bytes_add(&bytes, (char[]){'q', i, 'h', i, '\x86'}, 5);
    }
    bytes_add(&bytes, BYTES("s.\x80\x02]."));
    assert_refused(bytes.data, bytes.size, "entry \"a\" is a tuple");
    bytes_free(&bytes);
}

/* A long list that becomes an OrderedDict again and again would take its length each time. */
static void lists_are_copied_once(void **state)
{
    (void)state;
    struct bytes bytes = {0};
    bytes_add(&bytes, BYTES(HEADER "\x80\x02](NN\x86q\1"));
    for (int i = 0; i < 100000; i++)
        bytes_add(&bytes, "h\1", 2);
    bytes_add(&bytes, BYTES("eq\2"));
    for (int i = 0; i < 100000; i++)
        bytes_add(&bytes, BYTES("ccollections\nOrderedDict\nh\2\x85R"));
    bytes_add(&bytes, ".", 1);
    assert_refused(bytes.data, bytes.size, "a list of pairs");
    bytes_free(&bytes);
}

static void depth_needs_no_stack(void **state)
{
    (void)state;
    enum { DEPTH = 3000000 };
    struct bytes bytes = {0};
    bytes_add(&bytes, BYTES(HEADER "\x80\x02"));
    for (int i = 0; i < DEPTH; i++)
        bytes_add(&bytes, "]", 1);
    for (int i = 1; i < DEPTH; i++)
        bytes_add(&bytes, "a", 1);
    bytes_add(&bytes, BYTES(".\x80\x02]."));
    assert_refused(bytes.data, bytes.size, "holds a list");
    bytes_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_spellings_of_a_tensor_are_read),
        cmocka_unit_test(stack_and_memo_are_checked),
        cmocka_unit_test(only_tensors_are_constructed),
        cmocka_unit_test(only_state_dicts_are_read),
        cmocka_unit_test(tensors_stay_in_their_storage),
        cmocka_unit_test(storages_are_what_is_said),
        cmocka_unit_test(place_of_a_failure_is_named),
        cmocka_unit_test(laughs_are_not_counted),
        cmocka_unit_test(lists_are_copied_once),
        cmocka_unit_test(depth_needs_no_stack),
    };
    return cmocka_run_group_tests_name("weights_pickle", tests, NULL, NULL);
}
