"""What became of each test, read from what the test programs print: TAP, JUnit XML, exit codes."""

import dataclasses
import json
import re
import signal
import xml.etree.ElementTree as ElementTree

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
OUTCOMES = (PASSED, FAILED, SKIPPED)
SKIP_STATUS = 77  # by which a test program without numbered tests says "skipped"

# cmocka writes "not ok 3 # SKIP name", and what a test printed may stand before it on the line.
NUMBERED = re.compile(r"^(?P<printed>.*?)(?P<no>not )?ok \d+ (?P<skip># SKIP|-) (?P<name>.*)$")
PLAN = re.compile(r"^1\.\.(\d+)$")


@dataclasses.dataclass
class Result:
    suite: str
    name: str
    outcome: str
    text: str = ""  # why it was skipped, or the log of its failure

    def __post_init__(self):
        self.text = self.text.strip()
        if self.outcome == SKIPPED and not self.text:
            self.outcome, self.text = FAILED, "it was skipped without saying why"


def exit_text(status):
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def of_exit(suite, name, status, output):
    """A program that is one test."""
    if status == 0:
        return Result(suite, name, PASSED)
    if status == SKIP_STATUS:
        return Result(suite, name, SKIPPED, output)
    return Result(suite, name, FAILED, f"{output}\n{exit_text(status)}")


def of_tap(suite, program, output, errors, status):
    """A program's numbered tests. One that dies or ends early counts as one failure more."""
    results, printed, planned = [], [], 0
    for line in output.splitlines():
        plan, numbered = PLAN.match(line), NUMBERED.match(line)
        if plan:
            planned += int(plan[1])
        elif numbered:
            printed.append(numbered["printed"])
            text = "\n".join(printed)
            outcome = FAILED if numbered["no"] else PASSED
            if numbered["skip"] != "-":
                outcome, text = SKIPPED, text.strip() or errors
            results.append(Result(suite, f"{program}: {numbered['name']}", outcome, text))
            printed = []
        elif line.startswith("#") and results and results[-1].outcome == FAILED:
            results[-1].text += "\n" + line
        else:
            printed.append(line)
    ended = "\n".join(printed + [errors, exit_text(status)])
    if len(results) != planned:
        ended += f"; it ran {len(results)} of {planned} tests"
        results.append(Result(suite, program, FAILED, ended))
    elif status != 0 and not any(result.outcome == FAILED for result in results):
        results.append(Result(suite, program, FAILED, ended))
    return results


def of_meson_log(path, configuration, suites):
    """Every test of a meson testlog.json; `suites` gives the suite of each command line."""
    results = []
    with open(path, encoding="utf-8") as log:
        for line in log:
            entry = json.loads(line)
            suite = f"{configuration} {suites[tuple(entry['command'])]}"
            output, errors = entry.get("stdout", ""), entry.get("stderr", "")
            status = entry["returncode"]
            if entry["result"] == "TIMEOUT":
                errors += f"\nstopped after {entry['duration']:.0f} seconds\n"
            if re.search(r"^1\.\.\d+$", output, re.MULTILINE):
                results += of_tap(suite, entry["name"], output, errors, status)
            else:
                results.append(of_exit(suite, entry["name"], status, output + errors))
    return results


def of_junit(path, suite):
    """Every test of pytest's XML."""
    results = []
    for case in ElementTree.parse(path).iter("testcase"):
        module = case.get("classname", "").rpartition(".")[2]
        name = f"{module}: {case.get('name')}".removeprefix(": ")
        failures = case.findall("failure") + case.findall("error")
        skipped = case.find("skipped")
        if failures:
            text = "\n".join(failure.text or failure.get("message", "") for failure in failures)
            results.append(Result(suite, name, FAILED, text))
        elif skipped is not None:
            results.append(Result(suite, name, SKIPPED, skipped.get("message", "")))
        else:
            results.append(Result(suite, name, PASSED))
    return results


def count(results):
    return {wanted: sum(r.outcome == wanted for r in results) for wanted in OUTCOMES}


def count_text(results):
    return ", ".join(f"{number} {outcome}" for outcome, number in count(results).items())
