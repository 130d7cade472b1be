"""Rules under test: `weir replay --expect`, and the test that docs/rule-tests.md shows."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from weir import MADE_CAPTURES, PROGRAM, ROOT, case, run

FABRIC, DEFINE = MADE_CAPTURES / "fabric.pcap", MADE_CAPTURES / "fabric.define.json"


def shown(page, name):
    """The indented block of a page that follows the line which begins with `name`."""
    block = re.search(rf"^`{re.escape(name)}`.*\n\n((?:    .*\n|\n)+)", (ROOT / page).read_text(), re.M)[1]
    return re.sub(r"^    ", "", block, flags=re.M)


class RuleTests(unittest.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-")
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def replay(self, *options, define=DEFINE):
        return run("replay", FABRIC, "--define", define, *options)

    @case(60)
    def test_the_status_says_whether_expectations_are_met(self):
        plain = self.replay()
        for options in (["--expect", "heavy"], ["--expect", "heavy=4", "--expect=load=1", "--expect", "port=1"],
                        ["--expect", "records"]):
            result = self.replay(*options)
            self.assertEqual((result.returncode, result.stdout), (0, plain.stdout), result.stderr)
        for options, told in (
                (["--expect", "heavy=5"], ["--expect heavy=5: 4 events"]),
                (["--expect", "heavy=0"], ["--expect-none heavy: 4 events"]),
                (["--expect-none", "load", "--expect", "heavy=4"], ["--expect-none load: 1 event\n"]),
                (["--expect-none", "heavy", "--expect", "records=0"],
                 ["--expect-none records: ", " flow records", "--expect-none heavy: 4 events"])):
            result = self.replay(*options)
            self.assertEqual((result.returncode, result.stdout), (3, plain.stdout), options)
            for line in told:
                self.assertIn(line, result.stderr)
            self.assertEqual(result.stderr.count("ERROR: --expect"), len([o for o in told if o.startswith("--")]))

    @case(60)
    def test_an_expectation_of_what_is_not_defined_never_passes(self):
        for name, told in (("haevy", 'there is no threshold "haevy", but heavy is one'), ("pairs", "log: false"), ("x=y", 'there is no threshold "x=y"')):
            for option in ("--expect", "--expect-none"):
                result = self.replay(option, name)
                self.assertEqual((result.returncode, result.stdout), (1, ""), name)
                self.assertIn(f"ERROR: {option} {name}: ", result.stderr)
                self.assertIn(told, result.stderr)
        self.assertEqual(run("replay", FABRIC, "--expect", "big").returncode, 1)

    @case(60)
    def test_strict_turns_hints_and_warnings_into_failures(self):
        define = self.folder() / "rules.json"
        define.write_text(json.dumps({"flows": {"pairs": {"keys": "ipsource,ipdst", "value": "bytes"}}}))
        self.assertEqual(self.replay(define=define).returncode, 0)
        result = self.replay("--strict", define=define)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn('flows.pairs: "ipdst" is not a flow key, but ipdestination is one', result.stderr)
        define.write_text(json.dumps({"flows": {"pairs": {"keys": "ipsource", "value": "bytes"}}, "thresholds": {"any": {"metric": "pairs", "value": 1}}}))
        self.assertEqual(self.replay("--strict", "--expect", "any", define=define).returncode, 0)
        for options in (["-Dhttp.requestbuffersize=4096"], ["-Dsflow.prot=1"]):
            self.assertEqual(self.replay("--expect", "any", *options, define=define).returncode, 0)
            result = self.replay("--strict", "--expect", "any", *options, define=define)
            self.assertEqual(result.returncode, 1, options)
            self.assertIn("--strict: there are warnings", result.stderr)

    @case(60)
    def test_the_rule_test_of_the_documentation(self):
        folder = self.folder()
        (folder / "weir").symlink_to(pathlib.Path(PROGRAM).resolve())
        (folder / "tests").symlink_to(ROOT / "tests")
        rules, script = folder / "rules.json", folder / "rules-test.sh"
        rules.write_text(shown("docs/rule-tests.md", "rules.json"))
        script.write_text(shown("docs/rule-tests.md", "rules-test.sh"))
        script.chmod(0o755)
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

        def test():
            return subprocess.run([script], cwd=folder, env=environment, capture_output=True, text=True)

        result = test()
        self.assertEqual((result.returncode, result.stdout.splitlines()[-1]), (0, "The rules are in order."), result.stderr)
        rules.write_text(rules.read_text().replace("125000000", "1300000"))
        result = test()
        self.assertEqual(result.returncode, 3)
        self.assertRegex(result.stderr, "--expect-none flood: [1-9]")
