#!/usr/bin/env python3
"""Runs one end-to-end test: run.py MODULE.CLASS.TEST. Exit status 77: skipped. run.py --list: name;seconds;labels lines."""
import pathlib
import sys
import unittest

FOLDER = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(FOLDER))


def tests(suite):
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from tests(entry)
        else:
            yield entry


def main():
    if sys.argv[1:] == ["--list"]:
        for test in tests(unittest.defaultTestLoader.discover(str(FOLDER), "test_*.py")):
            method = getattr(test, test._testMethodName)
            print(f"{test.id()};{getattr(method, 'seconds', 120)};{','.join(('e2e', *getattr(method, 'labels', ())))}")
        return 0
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    if not result.wasSuccessful() or result.testsRun == 0:
        return 1
    for _, why in result.skipped:
        print(f"SKIPPED: {why}")
    return 77 if result.skipped else 0


sys.exit(main())
