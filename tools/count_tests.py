#!/usr/bin/env python3
"""count_tests.py TESTLOG: "passed failed skipped" over the cases in meson's testlog.json.

A cmocka program counts as its cases; any other test, and a program that died, as one.
"""
import json
import re
import sys

SUMMARY = re.compile(r"\[ +(PASSED|FAILED|SKIPPED) +\] (\d+) test\(s\)")


def count(test):
    """The cases of one test program, by outcome."""
    cases = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    for outcome, n in SUMMARY.findall(test.get("stdout", "") + test.get("stderr", "")):
        cases[outcome] += int(n)
    if test["result"] == "SKIP":
        cases["SKIPPED"] = max(cases["SKIPPED"], 1)
    elif test["result"] != "OK":
        cases["FAILED"] = max(cases["FAILED"], 1)
    elif not any(cases.values()):
        cases["PASSED"] = 1
    return cases


def main():
    total = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            for outcome, n in count(json.loads(line)).items():
                total[outcome] += n
    if not any(total.values()):
        sys.exit("no test ran")
    print(total["PASSED"], total["FAILED"], total["SKIPPED"])


main()
