"""The definitions of docs/examples (published applications of sFlow-RT have the like), and what they look up."""
import json
from pathlib import Path

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(EXAMPLES.glob("*.json"))}

ALL = {name: definition for file in FILES.values() for name, definition in file["flows"].items()}
GROUPS = {name: dict(classes) for file in FILES.values() for name, classes in file.get("groups", {}).items()}
GROUPS["networks"] |= {"rack 1": ["10.4.1.0/24", "10.4.2.0/24"], "rack 2": ["10.4.3.0/24", "10.4.4.0/24"]}
MAPS = {name: entries for file in FILES.values() for name, entries in file.get("maps", {}).items()}
# Of the fabric of ecmp.pcap: ifIndexes that its agents sample.
TOPOLOGY = {
    "nodes": {"leaf1": {"agent": "192.168.0.11", "ports": {"p4": {"ifindex": "4"}, "p5": {"ifindex": "5"}, "p37": {"ifindex": "37"}}},
              "leaf2": {"agent": "192.168.0.14", "ports": {"p54": {"ifindex": "54"}, "p50": {"ifindex": "50"}}},
              "spine1": {"agent": "192.168.0.12", "ports": {"p4": {"ifindex": "4"}, "p5": {"ifindex": "5"}}}},
    "links": {"one": {"node1": "leaf1", "port1": "p4", "node2": "spine1", "port2": "p4"},
              "two": {"node1": "leaf2", "port1": "p54", "node2": "spine1", "port2": "p5"}},
}
