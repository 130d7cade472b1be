"""The demo, with the questions that the README asks of it."""
import unittest

from weir import Engine, case, until


class Demo(unittest.TestCase):
    @case(60)
    def test_it_says_that_it_is_a_demo(self):
        with Engine("--demo") as engine:
            self.assertIs(engine.get("/health/json")["demo"], True)
        with Engine() as engine:
            self.assertIs(engine.get("/health/json")["demo"], False)

    @case(120)
    def test_the_readme_lines_have_answers(self):
        with Engine("--demo") as engine:
            until("agents", lambda: len(engine.get("/agents/json")) >= 3)
            engine.put("/flow/elephant/json", '{"keys":"ipsource,ipdestination","value":"bytes"}')
            engine.put("/threshold/elephant/json", '{"metric":"elephant","value":1250000,"byFlow":true,"timeout":1}')
            until("a flow", lambda: engine.get("/activeflows/ALL/elephant/json?maxFlows=5"))
            events = engine.get("/events/json?thresholdID=elephant&maxEvents=10&timeout=60")
            self.assertTrue(events)
            self.assertRegex(events[0]["flowKey"], r"^[\d.]+,[\d.]+$")
            until("interface counters", lambda: engine.get("/metric/ALL/max:ifinoctets/json")[0].get("metricValue"))
            until("host counters", lambda: engine.get("/metric/ALL/max:load_one/json")[0].get("metricN"))
