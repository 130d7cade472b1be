"""Mistakes that are legal are told in the answer, for clients that ask."""
import unittest

from weir import Engine, case, until

# What a user may write by mistake, and what the answer says of it.
MISTAKES = [
    ("flow", {"keys": "ipsorce", "value": "bytes"}, "ipsource is one"),
    ("flow", {"keys": "srcip", "value": "bytes"}, "ipsource is one"),
    ("flow", {"keys": "dst_port", "value": "bytes"}, "or:tcpdestinationport:udpdestinationport is one"),
    ("flow", {"keys": "ip.src", "value": "bytes"}, "ipsource is one"),
    ("flow", {"value": "bytes", "filter": "ipprotocol=tcp"}, "it is 6"),
    ("flow", {"value": "bytes", "filter": "proto=6"}, "ipprotocol is one"),
    ("flow", {"keys": "country:ipsource", "value": "bytes"}, "geo.country"),
    ("flow", {"keys": "group:ipsource:nosuch", "value": "bytes"}, 'there is no group "nosuch"'),
    ("flow", {"keys": "mask:ipsource:40", "value": "bytes"}, "has 32"),
    ("threshold", {"metric": "nosuchmetric", "value": 1}, "is neither a flow nor a metric"),
    ("threshold", {"metric": "ifinoctets", "value": 1, "filter": {"nosuchmetric": "1"}}, "its filter lets nothing pass"),
    ("threshold", {"metric": "ifinoctets", "value": 1, "byFlow": True}, "byFlow has no effect"),
]
QUESTIONS = [
    ("/events/json?thresholdID=nosuch", 'there is no threshold "nosuch"'),
    ("/flows/json?name=nosuch", 'there is no flow "nosuch"'),
    ("/events/json?maxflows=1", '"maxflows" is not a parameter'),
    ("/flows/json?maxflows=1", "maxFlows is one"),
    ("/metric/ALL/ifinoctet/json", "ifinoctets is one"),
]


class Hints(unittest.TestCase):
    @case(60)
    def test_each_mistake_is_told_where_the_user_looks(self):
        with Engine() as engine:
            for kind, body, told in MISTAKES:
                path = f"/{kind}/x/json"
                reply = engine.request("PUT", path, body)
                self.assertEqual((reply.status, reply.body), (204, ""), f"{body}: old clients")
                hints = engine.request("PUT", path + "?hints=yes", body).json["hints"]
                self.assertTrue(any(told in hint for hint in hints), f"{body}: {hints}")
                explained = engine.request("POST", f"/{kind}/validate", body).json
                self.assertEqual(explained["hints"], hints, body)
                engine.delete(path)
                refused = engine.request("PUT", path + "?strict=yes", body)
                self.assertEqual(refused.status, 400, body)
                self.assertTrue(any(refused.json["error"].startswith(hint) for hint in hints), refused.body)
                self.assertEqual(engine.request("GET", path).status, 404, "nothing was set")
            for path, told in QUESTIONS:
                plain = engine.get(path)
                answer = engine.get(path + "&hints=yes" if "?" in path else path + "?hints=yes")
                self.assertEqual(answer["answer"], plain)
                self.assertTrue(any(told in hint for hint in answer["hints"]), f"{path}: {answer}")
                self.assertEqual(engine.request("GET", path + "&strict=yes" if "?" in path else path + "?strict=yes").status, 400)

    @case(60)
    def test_definitions_that_count_nothing_are_listed_with_the_reason(self):
        with Engine("--demo") as engine:
            engine.put("/flow/never/json", {"keys": "ipsource", "value": "bytes", "filter": "vlan=4095"})
            engine.put("/threshold/nosuch/json", {"metric": "nosuchmetric", "value": 1})
            engine.put("/threshold/never/json", {"metric": "never", "value": 1})
            listed = until("three of them", lambda: (found := engine.get("/health/json")["countNothing"]) and len(found) >= 3 and found)
            reasons = {(each["kind"], each["name"]): "; ".join(each["reasons"]) for each in listed}
            self.assertIn("passes its filter", reasons["flow", "never"])
            self.assertEqual(reasons["threshold", "never"], "flow never counts nothing")
            self.assertIn("neither a flow nor a metric", reasons["threshold", "nosuch"])
            self.assertNotIn(("flow", "pairs"), reasons, "the demo has flows that count")

    @case(60)
    def test_a_strict_engine_refuses_what_has_hints(self):
        with Engine("-Dhints.strict=yes") as engine:
            self.assertEqual(engine.request("PUT", "/flow/x/json", {"keys": "srcip", "value": "bytes"}).status, 400)
            self.assertEqual(engine.request("PUT", "/flow/x/json?strict=no", {"keys": "srcip", "value": "bytes"}).status, 204)
            self.assertEqual(engine.request("GET", "/flows/json?maxflows=1").status, 400)
            self.assertEqual(engine.request("GET", "/html/index.html?x=1").status, 200)
