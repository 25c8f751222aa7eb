"""doc/add-a-model.md is right: its listings compile, build the network that it shows, and the
mistakes that it quotes are answered in those words."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "doc/add-a-model.md").read_text()
MODEL, BLOCK = re.findall(r"```c\n(.*?)```", PAGE, re.DOTALL)
SOURCES = [*sorted((ROOT / "src/net").glob("*.c")), ROOT / "src/base/arena.c",
           ROOT / "src/base/error.c"]

MAIN = """
#include <stdio.h>

static void show(tensor (*build)(tensor), int side)
{
    struct error error = {0};
    struct net *net = net_new(PYTORCH, "pytorch/lenet");
    if (net_finish(net, build(net_input(net, side, side, 3)), &error) != OK)
        printf("%s\\n", error.text);
    for (int i = 0; error.status == OK && i < net->count; i++) {
        struct node *node = &net->nodes[i];
        printf("%s: %s %d x %d x %d, %ld\\n", node->name, op_name(node->op), node->shape.h,
               node->shape.w, node->shape.c, (long)node_parameters(net, node));
    }
    net_free(net);
}
"""


def run(folder, text):
    """The lines that a C program prints; it may use the graph, and all warnings are errors."""
    (folder / "page.c").write_text(text)
    subprocess.run(
        ["cc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/src",
         "-o", folder / "page", folder / "page.c", *SOURCES], check=True)
    done = subprocess.run([folder / "page"], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_the_model_is_the_one_shown(tmp_path):
    main = "int main(void) { show(lenet_models[0].build, lenet_models[0].official.side); }\n"
    # The family's list is declared in zoo/families.h once its step 2 is done.
    model = MODEL.replace("const struct model lenet_models", "static const struct model lenet_models")
    found = run(tmp_path, model + MAIN + main)
    shown = PAGE.split("Parameters\n")[1].split("\n\n")[0].splitlines()
    expected = []
    for line in shown:
        cells = re.split(r"\s{2,}", line.strip())
        expected.append(f"{cells[0]}: {cells[1]} {cells[-2]}, {cells[-1]}")
    assert found == expected
    total = sum(int(line.rsplit(", ")[1]) for line in found)
    assert f"parameters: {total:,}\n" in PAGE


def test_the_block_has_the_parameters_of_resnet18(tmp_path):
    stem = 'static tensor stem(tensor x) { return conv(x, "conv1", 64, 7, 2, 3, .no_bias = true); }\n'
    two = ('static tensor two(tensor x) { x = basic_block(stem(x), "layer1.0", 64, 1);\n'
           'return basic_block(x, "layer2.0", 128, 2); }\nint main(void) { show(two, 224); }\n')
    found = run(tmp_path, '#include "net/builder.h"\n' + BLOCK + MAIN + stem + two)
    counts = {line.split(":")[0]: int(line.rsplit(", ")[1]) for line in found}
    # torchvision's layer1.0 and layer2.0 have 73,984 and 230,144.
    for layer, count in ("layer1.0.", 73984), ("layer2.0.", 230144):
        assert sum(n for name, n in counts.items() if name.startswith(layer)) == count
    assert found[-1] == "add_1.relu: relu 56 x 56 x 128, 0"


MISTAKES = {
    "fc1": 'return linear(conv(x, "conv2", 16, 5, .stride = 6), "fc1", 120);',
    "conv2": 'return conv(conv(x, "conv1", 6, 5, .stride = 10), "conv2", 16, 5);',
    "add": 'x = conv(x, "conv1", 16, 5); return add(conv(x, "conv2", 16, 2, .stride = 2), x);',
    "branch": 'conv(x, "branch", 6, 5); return conv(x, "conv1", 6, 5);',
    "twice": 'return conv(conv(x, "conv1", 3, 5), "conv1", 3, 5);',
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_answered_as_quoted(tmp_path, mistake):
    text = f"static tensor wrong(tensor x) {{ {MISTAKES[mistake]} }}\n"
    found = run(tmp_path, '#include "net/builder.h"\n' + MAIN + text
                + "int main(void) { show(wrong, 32); }\n")
    assert len(found) == 1
    assert f"    {found[0]}\n" in PAGE
