"""Telemetry over UDP, and the answers while it arrives."""
import http.client
import json
import re
import shutil
import socket
import subprocess
import unittest
import urllib.parse

from weir import Capture, Engine, Sender, capture, case, until


def datagrams(*names, count=None):
    return list(Capture(capture(*(names or ("ecmp.pcap",)))).payloads())[:count]


class Live(unittest.TestCase):
    def send(self, engine, payloads, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            for payload in payloads:
                s.sendto(payload, (address, engine.sflow_port))

    @case(60)
    def test_agents_are_known_by_the_address_inside_the_datagram(self):
        payloads = datagrams("ecmp.pcap", "fabric.pcap", count=300)
        named = {".".join(map(str, payload[8:12])) for payload in payloads}
        self.assertGreaterEqual(len(named), 3)
        with Engine() as engine:
            self.send(engine, payloads)
            engine.wait_received(len(payloads))
            agents = until("the agents", lambda: found if len(found := engine.get("/agents/json")) == len(named) else None)
            self.assertEqual(set(agents), named)
            for agent in agents.values():
                self.assertEqual(agent["sFlowDatagramSource"], ["127.0.0.1"])
            self.assertEqual(sum(agent["sFlowDatagramsReceived"] for agent in agents.values()), len(payloads))

    @case(60)
    def test_an_agent_with_and_without_its_name_is_one_agent(self):
        header = lambda *words: b"".join(word.to_bytes(4, "big") for word in words)  # noqa: E731
        with Engine("-Dworkers.number=4") as engine:
            for i in range(1, 21):
                nameless = header(5, 0, 0, i, 1000 * i, 0)
                named = header(5, 1, 0x7F000001, 0, i, 1000 * i, 0)
                self.send(engine, [nameless, named])
            engine.wait_received(40)
            self.assertEqual(engine.request("GET", "/agents/json").body.count('"127.0.0.1":{'), 1)
            self.assertEqual(engine.get("/analyzer/json")["sFlowAgents"], 1)

    @case(60)
    def test_devices_with_one_agent_address_are_told_apart_by_their_senders(self):
        words = lambda *numbers: b"".join(number.to_bytes(4, "big") for number in numbers)  # noqa: E731

        def datagram(agent, uptime, i):
            load = words(0x3F000000 + i)  # host_cpu: not 0
            sample = words(i, 2 << 24 | 1, 1, 2003, 68) + load + bytes(64)
            return words(5, 1, agent, 0, i, uptime + 1000 * i, 1, 2, len(sample)) + sample

        # The third is an agent with the address of the second one's sender.
        devices = [("127.0.0.2", 0xC000021E, 90_000_000), ("127.0.0.3", 0xC000021E, 60_000), ("127.0.0.3", 0x7F000003, 600_000)]
        with Engine("-Dworkers.number=4") as engine:
            for i in range(1, 7):
                for sender, agent, uptime in devices:
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                        s.bind((sender, 0))
                        s.sendto(datagram(agent, uptime, i), ("127.0.0.1", engine.sflow_port))
            engine.wait_received(18)
            agents = engine.get("/agents/json")
            self.assertEqual(list(agents), ["127.0.0.3", "192.0.2.30", "192.0.2.30@127.0.0.3"])
            self.assertEqual(agents["192.0.2.30"]["sFlowDatagramSource"], ["127.0.0.2", "127.0.0.3"])
            self.assertEqual(agents["192.0.2.30@127.0.0.3"]["sFlowDatagramSource"], ["127.0.0.3"])
            self.assertEqual(engine.get("/health/json")["sharedAgentAddresses"],
                             [{"agent": "192.0.2.30", "sender": "127.0.0.2", "others": ["192.0.2.30@127.0.0.3"]}])
            for name in ("192.0.2.30@127.0.0.3", "192.0.2.30%40127.0.0.3"):
                (value,) = engine.get(f"/metric/{name}/load_one/json")
                self.assertEqual((value["agent"], value["metricN"]), ("192.0.2.30@127.0.0.3", 1))
            self.assertIn("agent address 192.0.2.30 is that of several devices", engine.log_text())

    @case(120)
    def test_a_large_dump_is_sent_in_pieces_and_is_what_its_agents_say(self):
        words = lambda *numbers: b"".join(number.to_bytes(4, "big") for number in numbers)  # noqa: E731

        def ports(agent, sequence, first):
            samples = b""
            for port in range(first, first + 8):
                counters = words(port, 6, 0, 10**9, 1, 3, 0, sequence * 1000 * port) + words(*[7] * 6) + words(0, 1000) + words(*[7] * 6)
                sample = words(sequence, port, 1, 1, len(counters)) + counters
                samples += words(2, len(sample)) + sample
            return words(5, 1, 0x0A000000 + agent, 0, 2 * sequence + (first > 8), 60_000 + 10_000 * sequence, 8) + samples

        with Engine("-Dworkers.number=2") as engine:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                sent = 0
                for sequence in (1, 2):
                    for agent in range(1, 401):
                        for first in (1, 9):
                            s.sendto(ports(agent, sequence, first), ("127.0.0.1", engine.sflow_port))
                            sent += 1
                        engine.wait_received(sent) if agent % 50 == 0 else None
            connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=60)
            connection.request("GET", "/dump/ALL/ALL/json")
            answer = connection.getresponse()
            self.assertEqual(answer.getheader("Transfer-Encoding"), "chunked")
            whole = json.loads(answer.read())
            plain = lambda records: [{k: v for k, v in record.items() if k != "lastUpdate"} for record in records]  # noqa: E731
            names = list(engine.get("/agents/json"))
            self.assertEqual(len(names), 400)
            wanted = [record for name in names for record in plain(engine.get(f"/dump/{name}/ALL/json"))]
            self.assertGreater(len(wanted), 400 * 16 * 10)
            self.assertEqual(plain(whole), wanted)
            self.assertEqual([r["metricValue"] for r in engine.get("/dump/10.0.0.7/3.ifinoctets/json")], [300])

    @case(60)
    def test_datagrams_come_over_ipv6(self):
        if not socket.has_ipv6 or not loopback_v6():
            self.skipTest("no IPv6 on loopback")
        payloads = datagrams("ecmp.pcap", "fabric.pcap", count=100)
        with Engine() as engine:
            self.send(engine, payloads, "::1")
            engine.wait_received(len(payloads))
            sources = {tuple(a["sFlowDatagramSource"]) for a in engine.get("/agents/json").values()}
            self.assertEqual({text.lower().replace("0:0:0:0:0:0:0:1", "::1") for s in sources for text in s}, {"::1"})

    @case(60)
    def test_damaged_datagrams_are_counted_and_harm_nothing(self):
        good, bad = datagrams(count=50), datagrams("synthetic-invalid.pcap")
        with Engine() as engine:
            self.send(engine, bad + [b"", b"x", b"\0\0\0\x09" + bytes(60)] + good)
            engine.wait_received(len(good) + len(bad) + 3)
            analyzer = engine.get("/analyzer/json")
            self.assertGreaterEqual(analyzer["sFlowParseErrors"], 30)
            self.assertGreaterEqual(analyzer["sFlowUnsupportedVersion"], 1)
            self.assertIn("192.168.0.11", engine.get("/agents/json"))

    @case(60)
    def test_what_enters_the_fabric_is_one_flow_for_all_shards(self):
        ports = {f"swp{n}": {"ifindex": str(n)} for n in (4, 5, 6)}
        agents = {"leaf1": "192.168.0.11", "leaf2": "192.168.0.12"}
        topology = {"nodes": {name: {"agent": agent, "ports": ports} for name, agent in agents.items()},
                    "links": {f"{name}-{port}": {"node1": name, "port1": port, "node2": "spine", "port2": f"{name}{port}"}
                              for name in agents for port in ports}}
        with Engine("-Dworkers.number=3") as engine:
            engine.put("/topology/json", topology)
            engine.put("/flow/all/json", {"value": "frames", "aggMode": "edge", "t": 5})
            engine.put("/flow/ports/json", {"value": "frames", "t": 5, "filter": "direction=ingress"})
            engine.put("/threshold/many/json", {"metric": "all", "value": 100, "timeout": 100})
            with Sender(datagrams(count=2000), engine.sflow_port, 2000):
                events = engine.get("/events/json?thresholdID=many&timeout=20&maxEvents=5")
                self.assertEqual(len(events), 1)
                until("as much as enters by all edge ports", lambda: self.fabric_agrees(engine))
            self.assertEqual(engine.get("/health/json")["drops"]["refusedEdgeUpdates"], 0)
            self.assertEqual(len(engine.get("/events/json?thresholdID=many")), 1, "once for the network")

    def fabric_agrees(self, engine):
        fabric = engine.get("/activeflows/ALL/all/json")
        ports = engine.get("/activeflows/ALL/ports/json?aggMode=edge")
        return len(fabric) == 1 and len(ports) == 1 and ports[0]["flowN"] > 1 and abs(fabric[0]["value"] / ports[0]["value"] - 1) < 0.02

    @case(60)
    def test_active_flows_metrics_and_table_of_live_telemetry(self):
        with Engine() as engine:
            engine.put("/flow/pairs/json", "{keys:'ipsource,ipdestination',value:'frames',t:'5'}")
            with Sender(datagrams(count=2000), engine.sflow_port, 1000):
                flows = until("a flow", lambda: engine.get("/activeflows/ALL/pairs/json?maxFlows=5"))
                self.assertLessEqual(len(flows), 5)
                self.assertEqual([f["value"] for f in flows], sorted((f["value"] for f in flows), reverse=True))
                until("counters", lambda: "ifinoctets" in engine.get("/metrics/json"))
                answer = engine.get("/metric/ALL/max:ifinoctets,sum:ifinoctets,nosuch/json")
                self.assertEqual([record["metricName"] for record in answer], ["max:ifinoctets", "sum:ifinoctets", "nosuch"])
                self.assertNotIn("metricValue", answer[2])
                self.assertIn("ipsource", engine.get("/flowkeys/json"))
                for row in engine.get("/table/ALL/ifinoctets,sort:ifoutoctets:-3/json"):
                    self.assertEqual([cell["metricName"] for cell in row], ["ifinoctets", "ifoutoctets"])
            engine.delete("/flow/pairs/json")
            self.assertEqual(engine.get("/flow/json"), {})

    @case(60)
    def test_statuses(self):
        with Engine() as engine:
            status = lambda method, path, body=None: engine.request(method, path, body).status  # noqa: E731
            self.assertEqual(status("GET", "/flow/nosuch/json"), 404)
            self.assertEqual(status("GET", "/threshold/nosuch/json"), 404)
            self.assertEqual(status("GET", "/nosuch"), 404)
            self.assertEqual(status("GET", "/metric/10.9.9.9/json"), 404)
            self.assertIn(status("GET", "/activeflows/ALL/nosuch/json"), (400, 404))
            self.assertEqual(status("DELETE", "/flow/nosuch/json"), 204)
            for body in ("", "{", "[]", "{keys:'ipsource'}", "{keys:'nosuch:ipsource',value:'bytes'}", "{value:'bytes',filter:'ipsource='}"):
                reply = engine.request("PUT", "/flow/bad/json", body)
                self.assertEqual(reply.status, 400, body)
                self.assertNotEqual(reply.body.strip(), "", f"{body}: the answer must say what is wrong")
            self.assertEqual(engine.get("/flow/json"), {})
            self.assertEqual(status("GET", "/events/json?eventID=x"), 400)
            page = engine.request("GET", "/")
            if page.status == 302:
                page = engine.request("GET", urllib.parse.urljoin("/", page.headers["Location"]))
            self.assertEqual(page.status, 200)
            self.assertIn("text/html", page.headers["Content-Type"])
            self.assertRegex(engine.request("GET", "/version").body, r"^\d+\.\d+-\d+$")

    @case(60)
    def test_one_connection_serves_many_requests(self):
        with Engine() as engine:
            connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=20)
            sockets = set()
            for _ in range(50):
                connection.request("GET", "/agents/json")
                reply = connection.getresponse()
                self.assertEqual((reply.status, reply.read().decode().strip()), (200, "{}"))
                sockets.add(connection.sock)
            self.assertEqual(len(sockets), 1)
            connection.close()

    @case(60)
    def test_requests_that_are_too_large_are_answered(self):
        with Engine() as engine:
            with socket.create_connection(("127.0.0.1", engine.http_port), timeout=20) as s:
                s.sendall(b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertRegex(s.recv(100), rb"^HTTP/1\.[01] 4(14|31) ")
            with socket.create_connection(("127.0.0.1", engine.http_port), timeout=20) as s:
                s.sendall(b"PUT /flow/a/json HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n")
                self.assertRegex(s.recv(100), rb"^HTTP/1\.[01] 413 ")

    @case(180, "timing", "alone")
    def test_apache_bench_dumps_while_telemetry_arrives(self):
        """The load test of the article, against the telemetry of a few hosts as there."""
        telemetry = [d for name in ("ndpi-sflow.pcap", "cistern-vectors.pcap", "gopacket-vectors-a.pcap") for d in datagrams(name)]
        self.apache_bench(telemetry, "-c", "4", "-n", "10000", "-b", "500", "-l")

    @case(180, "timing", "alone")
    def test_apache_bench_dumps_a_fabric(self):
        """Half a megabyte an answer; without -b, whose tiny window would measure TCP."""
        self.apache_bench(datagrams(), "-c", "4", "-n", "1000", "-l")

    def apache_bench(self, telemetry, *options):
        if not shutil.which("ab"):
            self.skipTest("no ab (Debian package apache2-utils)")
        with Engine() as engine, Sender(telemetry, engine.sflow_port, 500) as sender:
            until("telemetry", lambda: sender.sent > 2 * len(telemetry) or sender.sent > 2000)
            until("metrics", lambda: engine.get("/dump/ALL/ALL/json"))
            url = f"{engine.url}/dump/ALL/ALL/json"
            before = sender.sent
            result = subprocess.run(["ab", *options, url], capture_output=True, text=True, timeout=150)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            figure = lambda name: float(re.search(rf"{name}:\s+([\d.]+)", result.stdout).group(1))  # noqa: E731
            size = len(engine.request("GET", "/dump/ALL/ALL/json").body)
            print(f"ab {' '.join(options)}: {figure('Requests per second'):.0f} requests/s of {size} octets, "
                  f"{sender.sent - before} datagrams arriving meanwhile")
            self.assertEqual(figure("Complete requests"), int(options[options.index("-n") + 1]))
            self.assertEqual(figure("Failed requests"), 0)
            self.assertNotIn("Non-2xx", result.stdout)
            self.assertGreater(sender.sent, before)


def loopback_v6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False
