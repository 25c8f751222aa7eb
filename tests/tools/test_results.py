"""The runner counts what happened: a test that died, stopped early or said nothing is a failure."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import results
from results import FAILED, PASSED, SKIPPED

TWO_PASS = "1..2\nok 1 - first\nok 2 - second\n# ok - group\n"


def outcomes(found):
    return [(result.name, result.outcome) for result in found]


def test_tap_of_a_good_program():
    found = results.of_tap("unit", "npy", TWO_PASS, "", 0)
    assert outcomes(found) == [("npy: first", PASSED), ("npy: second", PASSED)]


def test_tap_of_a_failure_keeps_its_log():
    text = "1..2\nread 3 of 4\nnot ok 1 - first\n# 0x1 != 0x2\n# t.c:9: error\nok 2 - second\n"
    found = results.of_tap("unit", "npy", text, "", 1)
    assert outcomes(found) == [("npy: first", FAILED), ("npy: second", PASSED)]
    assert found[0].text.splitlines() == ["read 3 of 4", "# 0x1 != 0x2", "# t.c:9: error"]


def test_tap_of_several_groups():
    found = results.of_tap("unit", "npy", TWO_PASS + TWO_PASS, "", 0)
    assert [result.outcome for result in found] == [PASSED] * 4


@pytest.mark.parametrize("stdout, stderr", [("no data\n", ""), ("no data", ""), ("", "no data\n")])
def test_tap_of_a_skipped_test_tells_why(stdout, stderr):
    text = f"1..2\n{stdout}not ok 1 # SKIP first\nok 2 - second\n"
    found = results.of_tap("unit", "npy", text, stderr, 0)
    assert outcomes(found) == [("npy: first", SKIPPED), ("npy: second", PASSED)]
    assert found[0].text == "no data"


def test_a_skip_without_reason_is_a_failure():
    found = results.of_tap("unit", "npy", "1..1\nnot ok 1 # SKIP first\n", "", 0)
    assert outcomes(found) == [("npy: first", FAILED)]


@pytest.mark.parametrize("status", [-11, -6, 0, 1])
def test_a_program_that_ends_early_has_failed(status):
    found = results.of_tap("unit", "npy", "1..2\nok 1 - first\nsecond says\n", "trap", status)
    assert outcomes(found) == [("npy: first", PASSED), ("npy", FAILED)]
    assert "second says" in found[1].text and "trap" in found[1].text
    assert "1 of 2" in found[1].text
    assert status != -11 or "SIGSEGV" in found[1].text


def test_a_bad_exit_after_good_tests_is_a_failure():
    found = results.of_tap("unit", "npy", TWO_PASS, "LeakSanitizer: 8 bytes", 1)
    assert [result.outcome for result in found] == [PASSED, PASSED, FAILED]
    assert "LeakSanitizer" in found[2].text


@pytest.mark.parametrize("status, outcome", [(0, PASSED), (77, SKIPPED), (1, FAILED), (-9, FAILED)])
def test_a_program_without_numbers_is_one_test(status, outcome):
    assert results.of_exit("golden", "pool", status, "why").outcome == outcome


def test_meson_log(tmp_path):
    entries = [
        {"name": "npy", "command": ["t1"], "result": "OK", "returncode": 0, "stdout": TWO_PASS},
        {"name": "pool", "command": ["t2"], "result": "SKIP", "returncode": 77, "stdout": "no avx"},
        {
            "name": "slow",
            "command": ["t3"],
            "result": "TIMEOUT",
            "returncode": -15,
            "stdout": "1..2\nok 1 - first\n",
            "duration": 300.0,
        },
    ]
    log = tmp_path / "testlog.json"
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    suites = {("t1",): "unit", ("t2",): "golden", ("t3",): "unit"}
    found = results.of_meson_log(log, "gcc", suites)
    assert [(r.suite, r.name, r.outcome) for r in found] == [
        ("gcc unit", "npy: first", PASSED),
        ("gcc unit", "npy: second", PASSED),
        ("gcc golden", "pool", SKIPPED),
        ("gcc unit", "slow: first", PASSED),
        ("gcc unit", "slow", FAILED),
    ]
    assert "300 seconds" in found[4].text


def test_junit(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.cli.test_a" name="good"/>'
        '<testcase classname="tests.cli.test_a" name="bad"><failure message="m">log</failure>'
        '</testcase><testcase classname="tests.cli.test_a" name="broken"><error>log</error>'
        '</testcase><testcase classname="tests.cli.test_a" name="left"><skipped message="why"/>'
        "</testcase></testsuite></testsuites>"
    )
    found = results.of_junit(report, "cli")
    assert [(r.name, r.outcome, r.text) for r in found] == [
        ("test_a: good", PASSED, ""),
        ("test_a: bad", FAILED, "log"),
        ("test_a: broken", FAILED, "log"),
        ("test_a: left", SKIPPED, "why"),
    ]
    assert results.count_text(found) == "1 passed, 2 failed, 1 skipped"
