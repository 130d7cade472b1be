"""Every REST resource through the real server: statuses, shapes, the description and what it promises."""
import collections
import gzip
import http.client
import http.server
import json
import re
import socket
import threading
import time
import unittest
import urllib.parse
import urllib.request

from weir import ROOT, Capture, Engine, Reply, Sender, capture, case, free_port, until

try:
    import rest_client
except ImportError:  # Debian packages python3-jsonschema and python3-yaml
    rest_client = None

FLOW = {"keys": "ipsource,ipdestination", "value": "bytes", "log": True}
SEED = 21


# Of the fabric of ecmp.pcap: one link from a leaf; hosts are behind its ports 37 and 38.
TOPOLOGY = {"nodes": {"leaf1": {"agent": "192.168.0.11", "ports": {"p4": {"ifindex": "4"}}},
                      "spine": {"agent": "192.168.0.12", "ports": {"p37": {"ifindex": "37"}}}},
            "links": {"up": {"node1": "leaf1", "port1": "p4", "node2": "spine", "port2": "p37"},
                      "dark": {"node1": "leaf9", "port1": "p1", "node2": "spine", "port2": "p99"}}}


def datagrams(count=None):
    return list(Capture(capture("ecmp.pcap")).payloads())[:count]


class Stream:
    """A reader of Server-Sent Events."""

    def __init__(self, engine, path, last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=30)
        self.connection.request("GET", path, headers={"Last-Event-ID": last} if last is not None else {})
        self.reply = self.connection.getresponse()
        self.status = self.reply.status

    def event(self):
        """The next event as {field: text}, None at the end of the stream; comments and retry are passed over."""
        event = {}
        while line := self.reply.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name in ("id", "data", "event"):
                event[name] = value
            elif line == "\n" and event:
                return event
        return None

    def close(self):
        self.reply.close()
        self.connection.close()


class Rest(unittest.TestCase):
    def described(self, engine):
        if rest_client is None:
            self.skipTest("no python3-jsonschema and python3-yaml")
        reply = engine.request("GET", "/api/api.yml")
        self.assertEqual(reply.status, 200)
        return rest_client.load(reply.body)

    @case(120)
    def test_every_resource_answers_what_its_description_says(self):
        """Each operation with good arguments, while telemetry arrives; and nothing of the table is left out."""
        definitions = {"/flow/{name}/json": FLOW, "/threshold/{name}/json": {"metric": "ifinoctets", "value": 1, "timeout": 1},
                       "/group/{name}/json": {"all": ["0.0.0.0/0"]}, "/map/{name}/json": {"web": ["80"]}, "/group/json": {"all": ["::/0"]},
                       "/forwarding/{name}/json": {"address": "127.0.0.1", "port": free_port(socket.SOCK_DGRAM)},
                       "/topology/json": TOPOLOGY | {"note": 1}, "/flow/validate": FLOW, "/threshold/validate": {"metric": "ifinoctets", "value": 1}}
        arguments = {"agent": "192.168.0.11", "metric": "ifinoctets", "name": "pairs", "app": "nosuch", "link": "up"}
        expected = {"/app/{app}/status": 404, "/flowvalue/{agent}/{name}/json": 400}  # there is no app; a data source is missing
        with Engine() as engine, Sender(datagrams(2000), engine.sflow_port, 1000):
            api = self.described(engine)
            operations = sorted(rest_client.operations(api), key=lambda o: ("put", "post", "get", "delete").index(o[1]))
            self.assertGreater(len(operations), 50)
            for path, method, operation in operations:
                if path == "/version":  # the first GET: the definitions are there
                    until("flows", lambda: engine.get("/activeflows/ALL/pairs/json"))
                    until("metrics", lambda: "ifinoctets" in engine.get("/metrics/json"))
                    until("events", lambda: engine.get("/events/json"))
                target = path.format(**arguments) + ("?timeout=0" if path in ("/events/stream", "/flows/stream") else "")
                body = definitions[path] if method in ("put", "post") else None
                reply = self.call(engine, path, method.upper(), target, body)
                told = f"{method} {target}: {reply.status} {reply.body[:300]}"
                self.assertIsNone(rest_client.fault(api, path, method, reply), told)
                good = [status for status in operation["responses"] if status.startswith("2")]
                self.assertEqual(reply.status, expected.get(path, 204 if "204" in good else int(good[0])), told)
            # What was found is worth the check.
            flow = engine.put("/flow/pairs/json", FLOW) or until("flows", lambda: engine.get("/activeflows/ALL/pairs/json"))[0]
            key = urllib.parse.quote(flow["key"])
            value = engine.request("GET", f"/flowvalue/{flow['agent']}/{flow['dataSource']}.pairs/json?key={key}")
            self.assertIsNone(rest_client.fault(api, "/flowvalue/{agent}/{name}/json", "get", value), value.body)
            places = engine.get(f"/flowlocations/ALL/pairs/json?key={key}")
            self.assertIn((flow["agent"], flow["dataSource"]), [(p["agent"], p["dataSource"]) for p in places])

    @case(60)
    def test_topology_tells_hosts_links_and_what_nobody_monitors(self):
        with Engine() as engine:
            self.assertEqual(engine.get("/topology/hosts/json"), [])
            self.assertEqual(engine.get("/topology/status/json")["nodes"], 0)
            engine.put("/topology/json", TOPOLOGY)
            with Sender(datagrams(3000), engine.sflow_port, 3000):
                host = until("a host", lambda: engine.get("/topology/hosts/json?host=10.4.1.2&agent=leaf1"))[0]
                until("counters", lambda: {m["agent"] for m in engine.get("/dump/ALL/ifinoctets/json") if m["dataSource"] in ("4", "37")}
                      >= {"192.168.0.11", "192.168.0.12"})
            self.assertEqual((host["agent"], host["ifindex"], host["node"]), ("192.168.0.11", "37", "leaf1"))
            self.assertEqual([h["mac"] for h in engine.get(f"/topology/hosts/json?host={host['mac']}&agent=leaf1")], [host["mac"]])
            self.assertEqual(engine.get("/topology/hosts/json?agent=leaf9"), [])
            self.assertEqual(len(engine.get("/topology/hosts/json?maxHosts=1")), 1)
            for wrong, attribute in (("host=leaf1", "host"), ("host=12:34", "host"), ("maxHosts=x", "maxHosts"), ("maxHosts=-1", "maxHosts")):
                reply = engine.request("GET", "/topology/hosts/json?" + wrong)
                self.assertEqual((reply.status, reply.json["attribute"]), (400, attribute), wrong)
            ends = engine.get("/topology/link/up/ifinoctets,max:ifoutoctets/json")
            self.assertEqual([(e["node"], e["port"], e["agent"], e["ifindex"]) for e in ends],
                             [("leaf1", "p4", "192.168.0.11", "4"), ("spine", "p37", "192.168.0.12", "37")])
            self.assertEqual([len(e["metrics"]) for e in ends], [2, 2])
            dark = engine.get("/topology/link/dark/ifinoctets/json")
            self.assertEqual([(e["node"], e["metrics"], "agent" in e) for e in dark], [("leaf9", [], False), ("spine", [], False)])
            self.assertEqual(engine.request("GET", "/topology/link/nosuch/ifinoctets/json").status, 404)
            status = engine.get("/topology/status/json")
            self.assertEqual((status["nodes"], status["links"], status["unmonitoredNodes"], status["unmonitoredLinks"], status["unknownAgents"]),
                             (3, 2, ["leaf9"], ["dark"], ["192.168.0.13", "192.168.0.14"]))

    @case(60)
    def test_the_description_is_valid(self):
        with Engine() as engine:
            api = self.described(engine)
            self.assertEqual(list(rest_client.structural_faults(api)), [])
            paths = api["paths"]
            for path in ("/version", "/analyzer/json", "/license/json", "/agents/json", "/metrics/json", "/metric/{agent}/json",
                         "/metric/{agent}/{metric}/json", "/table/{agent}/{metric}/json", "/dump/{agent}/{metric}/json", "/flowkeys/json",
                         "/flow/json", "/flow/{name}/json", "/activeflows/{agent}/{name}/json", "/flowvalue/{agent}/{name}/json",
                         "/flowlocations/{agent}/{name}/json", "/flows/json", "/threshold/json", "/threshold/{name}/json", "/events/json",
                         "/group/json", "/group/{name}/json", "/groups/json", "/map/json", "/map/{name}/json", "/topology/json",
                         "/forwarding/json", "/forwarding/{name}/json", "/scripts/json", "/apps/json", "/app/{app}/status",
                         "/metrics", "/prometheus/analyzer/txt", "/prometheus/metrics/{agent}/{metric}/txt", "/events/stream", "/flows/stream",
                         "/activeflows/{agent}/{name}/stream", "/flow/validate", "/threshold/validate", "/topology/status/json", "/topology/hosts/json",
                         "/topology/link/{link}/{metric}/json"):
                self.assertIn(path, paths)

    @case(300)
    def test_random_calls_break_nothing(self):
        """Good and bad calls made from the description, the same ones each time: never a 5xx but a told 503, never an answer
        that breaks its schema."""
        statuses = collections.defaultdict(collections.Counter)
        with Engine() as engine, Sender(datagrams(2000), engine.sflow_port, 500):
            api = self.described(engine)
            engine.put("/flow/pairs/json", FLOW)
            engine.put("/flow/total/json", {"value": "frames"})
            until("metrics", lambda: "ifinoctets" in engine.get("/metrics/json"))
            calls = rest_client.Calls(api, SEED)
            for path, method, operation in calls.mixed(40):
                name, target, body = calls.make(path, method, operation)
                reply = self.call(engine, path, name, target, body)
                told = f"seed {SEED}: {name} {target} {body}: {reply.status} {reply.body[:200]}"
                self.assertIsNone(rest_client.fault(api, path, method, reply), told)
                self.assertTrue(reply.status < 500 or reply.status == 503, told)
                statuses[f"{method} {path}"][reply.status] += 1
            self.assertGreater(engine.received(), 0)
        # Calls that are all refused would show nothing.
        for operation, found in statuses.items():
            if operation not in ("get /app/{app}/status", "get /flowvalue/{agent}/{name}/json"):
                self.assertTrue(any(status < 300 for status in found), f"{operation}: {dict(found)}")
        print(f"{sum(map(sum, (found.values() for found in statuses.values())))} random calls")

    def call(self, engine, path, method, target, body):
        if not (path.startswith("/activeflows") and path.endswith("/stream")):
            return engine.request(method, target, body)
        stream = Stream(engine, target)  # endless: its beginning is enough
        body = stream.reply.readline().decode() if stream.status == 200 else stream.reply.read().decode()
        stream.close()
        return Reply(stream.status, body, dict(stream.reply.getheaders()))

    @case(60)
    def test_read_only(self):
        with Engine("-Dhttp.readonly=yes") as engine:
            api = self.described(engine)
            for path, method, _ in rest_client.operations(api):
                if method in ("put", "delete"):
                    target = path.format(name="a", agent="ALL", metric="ALL", app="a")
                    for name in ("PUT", "POST") if method == "put" else ("DELETE",):
                        reply = engine.request(name, target, "{}")
                        self.assertEqual(reply.status, 403, f"{name} {target}")
                        self.assertIsNone(rest_client.fault(api, path, method, reply))
            self.assertEqual(engine.get("/flow/json"), {})
            self.assertEqual(engine.request("POST", "/flow/validate", {"value": "bytes"}).status, 200)

    @case(60)
    def test_html_and_rest_off(self):
        status = lambda engine, path: engine.request("GET", path).status  # noqa: E731
        with Engine("-Dhttp.html=no") as engine:
            self.assertEqual([status(engine, p) for p in ("/", "/html/index.html", "/api/", "/api/api.yml", "/version")], [404, 404, 404, 200, 200])
        with Engine("-Dhttp.rest=no") as engine:
            self.assertEqual([status(engine, p) for p in ("/", "/html/index.html", "/version")], [302, 200, 200], "the pages live on it")
        with Engine("-Dhttp.html=no", "-Dhttp.rest=no") as engine:
            self.assertEqual([status(engine, p) for p in ("/", "/version", "/api/api.yml", "/flow/json")], [404] * 4)
        with Engine("-Dhttp.html.redirect=./app/x/html/") as engine:
            self.assertEqual(engine.request("GET", "/").headers["Location"], "./app/x/html/")

    @case(60)
    def test_log_hostname_and_indent(self):
        with Engine("-Dhttp.log=yes", "-Dhttp.hostname=127.0.0.1", "-Dhttp.json.indent=2") as engine:
            engine.put("/flow/a/json", {"value": "bytes"})
            self.assertIn('{\n  "keys": "",\n  "value": "bytes",', engine.request("GET", "/flow/a/json").body)
            self.assertEqual(engine.request("GET", "/flow/nosuch/json?a=b").status, 404)
            until("log lines", lambda: any('127.0.0.1 "GET /flow/nosuch/json?a=b" 404 ' in line for line in engine.log))
            self.assertTrue(any('"PUT /flow/a/json" 204 ' in line for line in engine.log), engine.log_text())
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.2", engine.http_port), timeout=5).close()
        with Engine() as engine:
            socket.create_connection(("127.0.0.2", engine.http_port), timeout=5).close()
            engine.get("/flow/json")
            self.assertFalse(any('"GET ' in line for line in engine.log))

    @case(60)
    def test_pages_work_behind_a_path_prefix(self):
        with Engine() as engine, Prefix(engine) as proxy:
            seen, waiting = set(), [f"{proxy.url}/sflow-rt/"]
            while waiting:
                url = waiting.pop()
                if url in seen:
                    continue
                seen.add(url)
                self.assertTrue(url.startswith(f"{proxy.url}/sflow-rt/"), f"a link leaves the prefix: {url}")
                with urllib.request.urlopen(url, timeout=20) as reply:
                    body, base = reply.read().decode(), reply.url
                    if "text/html" in reply.headers["Content-Type"]:
                        links = re.findall(r'(?:href|src)="([^"#]+)"', body)
                        waiting += [urllib.parse.urljoin(base, link) for link in links if not link.startswith("data:")]
            for page in ("/sflow-rt/html/status.js", "/sflow-rt/version"):
                self.assertIn(proxy.url + page, seen)
            with urllib.request.urlopen(f"{proxy.url}/sflow-rt/api", timeout=20) as reply:
                self.assertEqual(reply.url, f"{proxy.url}/sflow-rt/api/")
                page = reply.read()
                self.assertIn(b'href="../flow/json"', page)
                self.assertIn(b'<a href="#thresholdbody">ThresholdBody</a>', page)

    @case(60)
    def test_the_status_page_has_words_for_every_fault(self):
        """What is dropped never shows as a bare name."""
        with Engine() as engine:
            broken = bytes.fromhex("00000005 00000001 0a000001 00000000 00000001 00000001 00000001 00000001 ffffffff 00000001")
            with Sender([broken, b"not sFlow"], engine.sflow_port, 100):
                until("faults", lambda: engine.get("/health/json")["drops"]["malformedDatagrams"])
            figures = engine.get("/figures/json")
            self.assertTrue(all(figure["help"] for figure in figures))
            health = engine.get("/health/json")
            self.assertLessEqual(set(health["drops"]), {figure.get("drops") for figure in figures})
            told = {figure.get("agentsWithFaults") for figure in figures}
            self.assertLessEqual({name for agent in health["agentsWithFaults"] for name in agent} - {"agent"}, told)
            self.assertTrue(health["agentsWithFaults"])

    @case(60)
    def test_gzip(self):
        with Engine() as engine:
            with Sender(datagrams(2000), engine.sflow_port, 2000):
                until("metrics", lambda: len(engine.request("GET", "/dump/ALL/ALL/json").body) > 100_000)
            get = lambda path, **headers: self.raw(engine, path, headers)  # noqa: E731
            reply, body = get("/dump/ALL/ifindex/json", **{"Accept-Encoding": "deflate, gzip;q=1.0"})
            plain, text = get("/dump/ALL/ifindex/json")
            self.assertEqual(reply.getheader("Content-Encoding"), "gzip")
            self.assertIsNone(plain.getheader("Content-Encoding"))
            self.assertEqual({plain.getheader("Vary"), reply.getheader("Vary")}, {"Accept-Encoding"})
            records = [[{k: v for k, v in r.items() if k != "lastUpdate"} for r in json.loads(t)] for t in (gzip.decompress(body), text)]
            self.assertEqual(records[0], records[1])
            self.assertLess(len(body), len(text) / 3)
            small, _ = get("/flow/json", **{"Accept-Encoding": "gzip"})
            self.assertIsNone(small.getheader("Content-Encoding"))
            page, body = get("/html/index.html", **{"Accept-Encoding": "gzip"})
            self.assertIn(b"<!doctype html>", gzip.decompress(body))

    def raw(self, engine, path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=20)
        self.addCleanup(connection.close)
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        return reply, reply.read()

    @case(90)
    def test_streams_lose_nothing_over_reconnects(self):
        """A reader that leaves and comes back again and again sees each event once, in order."""
        with Engine() as engine, Sender(datagrams(), engine.sflow_port, 800):
            engine.put("/flow/pairs/json", FLOW | {"flowStart": True})
            for metric in ("ifinoctets", "ifoutoctets", "ifinpkts"):  # each port crosses each of them once
                engine.put(f"/threshold/{metric}/json", {"metric": metric, "value": 0})
            seen, last = [], None
            for _ in range(10):
                stream = Stream(engine, "/events/stream", last)
                self.assertEqual(stream.reply.getheader("Content-Type"), "text/event-stream")
                for _ in range(5):
                    event = stream.event()
                    record = json.loads(event["data"])
                    self.assertEqual(str(record["eventID"]), event["id"])
                    seen.append(record)
                last = event["id"]
                stream.close()
            ids = [record["eventID"] for record in seen]
            self.assertEqual(ids, list(range(ids[0], ids[0] + 50)))
            kept = {record["eventID"]: record for record in engine.get("/events/json")}
            self.assertEqual(seen, [kept[i] for i in ids], "a stream tells what the log tells")
            stream = Stream(engine, "/flows/stream?name=pairs&timeout=30")
            self.assertEqual(json.loads(stream.event()["data"])["name"], "pairs")
            stream.close()
            of_one = Stream(engine, "/events/stream?thresholdID=ifinoctets&timeout=0")
            self.assertEqual({json.loads(of_one.event()["data"])["metric"] for _ in range(5)}, {"ifinoctets"})
            of_one.close()
            figures = engine.get("/analyzer/json")
            self.assertEqual(figures["httpStreamsCut"], 0)

    @case(60)
    def test_head_of_a_stream_or_of_a_resource_ends_at_once(self):
        with Engine() as engine:
            engine.put("/flow/pairs/json", FLOW)
            for path in ("/events/stream", "/flows/stream", "/activeflows/ALL/pairs/stream", "/events/json", "/html/index.html"):
                reply = engine.request("HEAD", path, seconds=10)
                self.assertEqual((reply.status, reply.body), (200, ""), path)
                self.assertEqual("Content-Length" in reply.headers, not path.endswith("/stream"), path)
            until("no stream", lambda: engine.get("/analyzer/json")["httpStreamsCurrent"] == 0)

    @case(60)
    def test_agents_are_found_by_host_name(self):
        with Engine("--demo") as engine:
            names = until("host names", lambda: [r for r in engine.get("/dump/ALL/host_name/json") if r["dataSource"] == "2.1"])
            for name in (names[0]["metricValue"], names[0]["metricValue"].upper(), names[0]["agent"]):
                self.assertEqual(list(engine.get(f"/agents/json?agent={name}")), [names[0]["agent"]], name)
            node, agent = next((name, n["agent"]) for name, n in engine.get("/topology/json")["nodes"].items() if "agent" in n)
            until("the agent", lambda: list(engine.get(f"/agents/json?agent={node}")) == [agent])
            self.assertEqual(engine.get("/agents/json?agent=nosuch"), {})

    @case(60)
    def test_active_flows_stream(self):
        with Engine() as engine, Sender(datagrams(2000), engine.sflow_port, 1000):
            self.assertEqual(Stream(engine, "/activeflows/ALL/pairs/stream").status, 400)
            engine.put("/flow/pairs/json", FLOW)
            stream = Stream(engine, "/activeflows/ALL/pairs/stream?interval=0.2&maxFlows=3")
            begin = time.monotonic()
            lists = [json.loads(stream.event()["data"]) for _ in range(6)]
            self.assertGreater(time.monotonic() - begin, 0.8)
            self.assertTrue(lists[-1])
            for flows in lists:
                self.assertLessEqual(len(flows), 3)
                self.assertEqual([f["value"] for f in flows], sorted((f["value"] for f in flows), reverse=True))
            engine.delete("/flow/pairs/json")
            event = until("the end", lambda: (e := stream.event()) is None or "event" in e and e)
            self.assertEqual(event["event"], "error")
            self.assertIsNone(stream.event())

    @case(90)
    def test_validate_explains_with_an_example(self):
        body = {"keys": "ipsource,or:tcpsourceport:udpsourceport", "value": "bytes", "filter": "ipprotocol=6,17", "log": True, "n": 20}
        with Engine() as engine:
            with Sender(datagrams(2000), engine.sflow_port, 2000):
                until("telemetry", lambda: engine.received() > 100)
                reply = engine.request("POST", "/flow/validate", body)
                self.assertEqual(reply.status, 200, reply.body)
                answer = reply.json
                self.assertEqual(answer["keys"][0], {"key": "ipsource", "types": ["IPv4"]})
                self.assertEqual(answer["filter"], {"left": "ipprotocol", "operator": "=", "right": ["6", "17"]})
                self.assertTrue(answer["program"])
                self.assertTrue(answer["example"]["flows"], answer)
                self.assertRegex(answer["example"]["flows"][0]["key"], r"^[\d.]+,\d+$")
                self.assertLess(answer["example"]["seconds"], 3)
            self.assertEqual(engine.get("/flow/json"), {})
            self.assertEqual(engine.get("/flows/json"), [], "nothing of it reaches the log")
            self.assertFalse([name for name in engine.get("/metrics/json") if not name.isprintable()])
            wrong = engine.request("POST", "/flow/validate", {"keys": "ipsource,nosuch:x", "value": "bytes"})
            self.assertEqual(wrong.status, 400)
            self.assertEqual(wrong.body, engine.request("PUT", "/flow/x/json", {"keys": "ipsource,nosuch:x", "value": "bytes"}).body)
            self.assertEqual(wrong.json["attribute"], "keys")

    @case(60)
    def test_validate_does_not_wait_for_a_clock_that_stands_still(self):
        file = capture("overflowd-single-agent.pcap", "fabric.pcap")
        with Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max") as engine:
            engine.wait_received(len(Capture(file).packets))
            begin = time.monotonic()
            reply = engine.request("POST", "/flow/validate", {"value": "bytes"})
            self.assertEqual(reply.status, 200)
            self.assertEqual(reply.json["example"]["flows"], [])
            self.assertIn("stood still", reply.json["example"]["note"])
            self.assertLess(time.monotonic() - begin, 30)

    @case(60)
    def test_forwarding_relays_what_arrives(self):
        payloads = datagrams(400)
        with Engine("-Dworkers.number=3") as engine, Collector() as all_of_it, Collector() as one_agent:
            engine.put("/forwarding/all/json", {"address": "127.0.0.1", "port": all_of_it.port})
            engine.put("/forwarding/one/json", {"address": "127.0.0.1", "port": one_agent.port, "agents": ["192.168.0.11"]})
            engine.get("/health/json")  # an answer of all shards comes after what they were told before
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for count, payload in enumerate(payloads, 1):
                    s.sendto(payload, ("127.0.0.1", engine.sflow_port))
                    if count % 40 == 0:  # no more than a collector's socket holds
                        all_of_it.take(count)
            engine.wait_received(len(payloads))
            of_11 = [p for p in payloads if p[8:12] == bytes([192, 168, 0, 11])]
            self.assertEqual(sorted(all_of_it.take(len(payloads))), sorted(payloads), "octet by octet")
            self.assertEqual(one_agent.take(len(of_11)), of_11, "in their order")
            self.assertEqual(engine.get("/health/json")["forwardedDatagrams"], len(payloads) + len(of_11))
            for address in ("127.0.0.1", "0.0.0.0", "::1"):
                loop = engine.request("PUT", "/forwarding/loop/json", {"address": address, "port": engine.sflow_port})
                self.assertEqual((loop.status, loop.json["attribute"]), (400, "address"), address)
            engine.delete("/forwarding/all/json")
            engine.delete("/forwarding/one/json")
            engine.get("/health/json")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(payloads[0], ("127.0.0.1", engine.sflow_port))
            engine.wait_received(len(payloads) + 1)
            self.assertEqual(engine.get("/health/json")["forwardedDatagrams"], len(payloads) + len(of_11))

    def check_prometheus(self, text, described):
        """The rules of the text format, version 0.0.4. The lines of each metric by name, and the types."""
        line = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-z0-9_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.]+(?:e[-+]?[0-9]+)?)$', re.I)
        families, types, helps, series, last = {}, {}, set(), set(), None
        self.assertTrue(text.endswith("\n"))
        for row in text.splitlines():
            if head := re.match(r"# (HELP|TYPE) (\S+) (.+)$", row):
                kind, name, rest = head.groups()
                self.assertNotIn(name, families, "HELP and TYPE stand before the lines of a metric")
                if kind == "HELP":
                    self.assertNotIn(name, helps, "once")
                    self.assertNotIn(name, types, "HELP, TYPE")
                    self.assertNotIn("\\", rest)
                    helps.add(name)
                else:
                    self.assertNotIn(name, types, "once")
                    self.assertIn(rest, ("gauge", "counter"))
                    types[name] = rest
                last = name
                continue
            match = line.match(row)
            self.assertIsNotNone(match, row)
            name, one = match.group(1), row.rsplit(" ", 1)[0]
            self.assertNotIn(one, series, "no series twice")
            series.add(one)
            if name not in families:
                if described:
                    self.assertEqual((last, name in helps, name in types), (name, True, True), "HELP and TYPE before the lines")
                else:
                    self.assertNotIn(name, helps | set(types))
                families[name] = []
            elif last != name:
                self.fail(f"lines of {name} stand apart")
            families[name].append(row)
            last = name
        self.assertLessEqual(helps | set(types), set(families), "no description without lines")
        return families, types

    @case(60)
    def test_prometheus_text_keeps_to_the_format(self):
        known = (ROOT / "docs/metrics.md").read_text()
        own = "sflow_analyzer_"
        for options, prefix, typed in (((), "sflow_", True), (("-Dprometheus.metric.prefix=my_", "-Dprometheus.type=no"), "my_", False)):
            with Engine(*options) as engine:
                engine.put("/flow/pairs/json", FLOW)
                begin = time.time()
                with Sender(datagrams(3000), engine.sflow_port, 3000):
                    until("hosts and ports", lambda: len(engine.get("/dump/ALL/ifinoctets/json")) > 20 and
                          engine.get("/dump/ALL/load_one/json"))
                parts = []
                for path in ("/metrics", "/prometheus/metrics/ALL/ALL/txt",
                             "/prometheus/metrics/ALL/ifinoctets,load_one;ifinoctets/txt",
                             "/app/prometheus/scripts/export.js/dump/ALL/ALL/txt", "/prometheus/analyzer/txt"):
                    reply = engine.request("GET", path)
                    media = "text/plain; version=0.0.4; charset=utf-8" if path == "/metrics" else "text/plain"
                    self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, media))
                    families, types = self.check_prometheus(reply.body, typed)
                    metrics = {name: rows for name, rows in families.items() if not name.startswith(own)}
                    parts.append(set(families))
                    if "analyzer" in path:
                        self.assertFalse(metrics)
                        kinds = {name: kind for figure in engine.get("/figures/json") for name in figure.get("prometheus", ())
                                 for kind in [figure["kind"]]}
                        self.assertEqual(types, kinds if typed else {})
                        continue
                    self.assertTrue(all(name.startswith(prefix) for name in metrics))
                    self.assertGreater(sum(map(len, metrics.values())), 20)
                    self.assertNotIn(prefix + "pairs", metrics)
                    self.assertEqual({types.get(name) for name in metrics}, {"gauge" if typed else None}, "rates are gauges")
                    for name in metrics:
                        if name.endswith("_total"):
                            self.assertIn(f"`{name[len(prefix):]}`", known, "a gauge of this name is documented")
                    if "ifinoctets" not in path:
                        times = metrics[prefix + "agent_last_datagram_timestamp_seconds"]
                        self.assertEqual(len(times), len(engine.get("/agents/json")))
                        for row in times:
                            self.assertTrue(begin - 1 <= float(row.split()[-1]) <= time.time() + 1, row)
                    if typed:
                        self.assertRegex(reply.body, f"# HELP {prefix}ifinoctets .*: bytes/s\n# TYPE {prefix}ifinoctets gauge\n")
                self.assertEqual(parts[0], parts[1] | parts[4], "a scrape has all")

    @case(60)
    def test_scrape_configurations_of_the_docs_work(self):
        page = (ROOT / "docs/prometheus.md").read_text()
        jobs = [text for text in re.findall(r"```yaml\n(.*?)```", page, re.S) if "scrape_configs" in text]
        self.assertEqual(len(jobs), 2)
        self.assertIn("docs/prometheus.md", (ROOT / "README.md").read_text())
        with Engine() as engine:
            with Sender(datagrams(3000), engine.sflow_port, 3000):
                until("ports", lambda: len(engine.get("/dump/ALL/ifinoctets/json")) > 20)
            for job in jobs:
                if rest_client is not None:
                    import yaml  # beside rest_client's
                    self.assertEqual(list(yaml.safe_load(job)["scrape_configs"][0])[:2], ["job_name", "scrape_interval"])
                self.assertEqual(re.search(r'targets: \["(.*)"\]', job).group(1), "127.0.0.1:8008", "the default port")
                path = re.search(r"metrics_path: (\S+)", job)
                reply = engine.request("GET", path.group(1) if path else "/metrics")
                self.assertEqual(reply.status, 200)
                families, _ = self.check_prometheus(reply.body, True)
                self.assertIn("sflow_ifinoctets", families)
                self.assertEqual("sflow_analyzer_agent_count" in families, path is None)

    @case(120)
    def test_idle_streams_and_polls_cost_little(self):
        """Five hundred streams that wait: no threads, hardly any processor time, and all hear the first event."""
        with Engine() as engine:
            threads = engine.get("/analyzer/json")["threadCount"]
            streams = []
            for _ in range(500):
                s = socket.create_connection(("127.0.0.1", engine.http_port), timeout=30)
                s.sendall(b"GET /events/stream HTTP/1.1\r\nHost: x\r\n\r\n")
                streams.append(s)
            until("streams", lambda: engine.get("/analyzer/json")["httpStreamsCurrent"] == 500)
            before = engine.get("/analyzer/json")
            self.assertEqual(before["threadCount"], threads)
            time.sleep(2)
            after = engine.get("/analyzer/json")
            self.assertLess(after["cpuTime"] - before["cpuTime"], 500, "milliseconds in two seconds")
            engine.put("/threshold/any/json", {"metric": "ifinoctets", "value": 0})
            with Sender(datagrams(3000), engine.sflow_port, 2000):
                for s in streams:
                    with s.makefile("rb") as lines:
                        until("an event", lambda: lines.readline().startswith(b"id: "), pause=0)
            for s in streams:
                s.close()
            until("their end", lambda: engine.get("/analyzer/json")["httpStreamsCurrent"] == 0)


class Collector:
    """Takes datagrams on a free port."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.taken, self.ending = [], False
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()
        return self

    def _take(self):
        while not self.ending:
            try:
                self.taken.append(self.socket.recv(65536))
            except TimeoutError:
                pass

    def take(self, count):
        until(f"{count} datagrams", lambda: len(self.taken) >= count)
        return self.taken

    def __exit__(self, *_):
        self.ending = True
        self.thread.join()
        self.socket.close()


class Prefix:
    """A reverse proxy that serves an engine at /sflow-rt/."""

    def __init__(self, engine):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if not self.path.startswith("/sflow-rt/"):
                    return self.send_error(404)
                connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=20)
                connection.request("GET", self.path[len("/sflow-rt"):])
                reply = connection.getresponse()
                body = reply.read()
                self.send_response(reply.status)
                for name in ("Content-Type", "Location"):
                    if reply.getheader(name):
                        self.send_header(name, reply.getheader(name))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                connection.close()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
