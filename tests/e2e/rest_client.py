"""A client made from the API's own description (/api/api.yml): it knows which calls there are and what may be answered.

`calls()` makes random ones, good and bad, always the same for a seed; `fault()` says what is wrong with an answer.
"""
import json
import random
import urllib.parse

import jsonschema
import yaml

METHODS = ("get", "put", "post", "delete")
# Texts that a careless or hostile client sends in any place.
JUNK = ["", "x", "-1", "0", "1e400", "nan", "é☃", "a/b", "..", "%", "&|()", "[", "'", '"', "\\", "\x00", "\x01", "a" * 300, "null",
        "sort:", "max:", "ALL", "*", "2.1.", "[" * 40, "topn:x", ".", ",", ";;", "{}", "#", "?", " "]
# Values that make sense somewhere.
KNOWN = {
    "agent": ["ALL", "TOPOLOGY", "EDGE", "CORE", "192.168.0.11", "192.168.0.11;192.168.0.12", "10.9.9.9", "all,nosuch"],
    "metric": ["ALL", "ifinoctets", "max:ifinoctets,sum:ifoutoctets", "med:load_one", "host_name,sort:ifinoctets:-3", "null:ifname",
               "pairs", "2.1.load_one", "any:ifname"],
    "name": ["pairs", "total", "one", "two", "1.pairs", "nosuch"],
    "app": ["browse-flows"], "link": ["up", "nosuch"],
}


def load(text):
    api = yaml.safe_load(text)
    if json.loads(json.dumps(api)) != api:
        raise AssertionError("api.yml is more than JSON can say: quote its keys")
    return api


def operations(api):
    for path, methods in api["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def structural_faults(api):
    """What is wrong with the description itself (OpenAPI 3.1 sections 4.8.1 to 4.8.24, as far as we use them)."""
    if not api.get("openapi", "").startswith("3.1."):
        yield "openapi is not 3.1"
    for member in ("info", "paths", "components"):
        if not isinstance(api.get(member), dict):
            yield f"{member} is missing"
    for member in ("title", "version"):
        if not isinstance(api["info"].get(member), str):
            yield f"info.{member} is missing"
    for name, schema in schemas(api):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"{name}: {error.message}"
    ids = [operation.get("operationId") for _, _, operation in operations(api)]
    if len(ids) != len(set(ids)) or None in ids:
        yield "operationIds are not unique"
    for path, method, operation in operations(api):
        where = f"{method} {path}"
        in_path = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
        if in_path != [piece[1:-1] for piece in path.split("/") if piece.startswith("{")]:
            yield f"{where}: its path parameters are {in_path}"
        for parameter in operation.get("parameters", []):
            if parameter["in"] not in ("path", "query") or "schema" not in parameter:
                yield f"{where}: parameter {parameter['name']}"
            if parameter["in"] == "path" and parameter.get("required") is not True:
                yield f"{where}: path parameter {parameter['name']} is not required"
        for status, response in operation["responses"].items():
            if not (isinstance(status, str) and status.isdigit() and response.get("description")):
                yield f"{where}: response {status}"


def schemas(api):
    yield from api["components"]["schemas"].items()
    for path, method, operation in operations(api):
        for parameter in operation.get("parameters", []):
            yield f"{method} {path} {parameter['name']}", parameter["schema"]
        for status, response in operation["responses"].items():
            for media, content in response.get("content", {}).items():
                yield f"{method} {path} {status} {media}", content["schema"]


def fault(api, path, method, reply):
    """What is wrong with an answer to a call of that operation, or None."""
    responses = api["paths"][path][method]["responses"]
    response = responses.get(str(reply.status))
    if response is None:
        return f"status {reply.status} is not one of {sorted(responses)}"
    content = response.get("content")
    if content is None:
        return f"a body: {reply.body[:100]}" if reply.body else None
    media = reply.headers.get("Content-Type", "").split(";")[0]
    if media not in content:
        return f"Content-Type {media} is not one of {sorted(content)}"
    if media != "application/json":
        return None
    try:
        value = json.loads(reply.body)
    except ValueError as error:
        return f"not JSON: {error}"
    schema = content[media]["schema"] | {"components": api["components"]}
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    return None if error is None else f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:300]


class Calls:
    """Random calls of the operations of a description."""

    def __init__(self, api, seed):
        self.api, self.random = api, random.Random(seed)

    def mixed(self, each):
        """So many of each operation in a random order, so that what was put is sometimes there to be got; fewer of the one
        that waits."""
        order = [o for o in operations(self.api) for _ in range(6 if o[0] == "/flow/validate" else each)]
        self.random.shuffle(order)
        return order

    def make(self, path, method, operation):
        """(method, target, body or None)"""
        target, query = path, []
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                value = self.pick(KNOWN.get(parameter["name"], ["one"]), 0.25)
                target = target.replace("{%s}" % parameter["name"], urllib.parse.quote(value, safe=self.random.choice(["", ",;:"])))
            else:
                query += self.query(parameter)
        if query:
            target += "?" + urllib.parse.urlencode(query)
        body = self.body(operation) if "requestBody" in operation else None
        return method.upper(), target, body

    def pick(self, good, junk=0.3):
        return self.random.choice(JUNK if self.random.random() < junk else good)

    def query(self, parameter):
        name = parameter["name"]
        if name == "filters":
            return [(self.pick(["ifname", "host_name", "ifspeed"]), self.pick(["eth*", "*", "1000000000"]))
                    for _ in range(self.random.randrange(3))]
        if name == "timeout":  # nobody waits here
            return [(name, self.pick(["0", "0.01", "-5"]))]
        if self.random.random() < 0.4:
            return []
        schema = parameter["schema"]
        if schema.get("type") == "array":
            return [(name, self.pick(["one", "two", "one,two"])) for _ in range(self.random.randrange(3))]
        good = {"integer": ["0", "1", "-1", "5", "100000"], "number": ["0", "1.5", "1e3", "100"], "boolean": ["yes", "no"]}.get(schema.get("type"), ["one", "max", "sum"])
        return [(name, self.pick(good))]

    def body(self, operation):
        kind = self.random.random()
        if kind < 0.1:
            return self.random.choice(["", "{", "[]", "null", "{a}", "{" * 50, "\x00", "{\"a\":1}}", "é"])
        value = self.value(operation["requestBody"]["content"]["application/json"]["schema"], kind < 0.75)
        return json.dumps(value)

    def value(self, schema, good, depth=0):
        if "$ref" in schema:
            schema = self.api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            schema = schema["anyOf"][0] if good else self.random.choice(schema["anyOf"])
        if not good and self.random.random() < 0.15:
            return self.random.choice([None, True, -1, 1e300, [], {}, [[1]], self.random.choice(JUNK)])
        kind = schema.get("type")
        if kind == "object":
            names = list(schema.get("properties", {})) or self.random.sample(["a", "b", "c"], 2)
            wanted = [n for n in names if n in schema.get("required", []) or self.random.random() < 0.4]
            more = schema.get("additionalProperties")
            return {n: self.member(n, schema.get("properties", {}).get(n, more if isinstance(more, dict) else {}), good, depth)
                    for n in wanted}
        if kind == "array":
            return [self.value(schema["items"], good, depth + 1) for _ in range(self.random.randrange(3))]
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind in ("integer", "number"):
            return self.random.choice([0, 1, 5, 20, 0.5, 6343])
        if kind == "string":
            return self.random.choice(["one", "10.0.0.0/8", "127.0.0.1", "ifinoctets"])
        return self.random.choice(["one", ["80", 443], 5])

    def member(self, name, schema, good, depth):
        known = {
            "keys": ["ipsource", "ipsource,ipdestination", "null:vlan:0,ipprotocol", "mask:ipsource:24", ["ipsource", "tcpsourceport"]],
            "value": ["bytes", "frames", "requests"],
            "filter": ["ipprotocol=6", "direction=ingress&(tcpsourceport=80|tcpdestinationport!=22,443)", "stack~.*tcp.*"],
            "aggMode": ["AGENT", "edge", "max"], "metric": ["pairs", "ifinoctets", "3.ifinoctets"], "fs": [",", "_SEP_"],
            "links": [{"up": {"node1": "leaf1", "port1": "swp1", "node2": "leaf2", "port2": "swp2"}}], "ipfixCollectors": [[]], "port": [6399, "6400"], "address": ["127.0.0.9"], "values": [[]],
        }.get(name)
        if name == "filter" and schema.get("type") == "object":
            known = [{"ifspeed": [1000000000]}, {"host_name": "leaf*"}]
        if name == "value" and "anyOf" in schema:
            known = [1, "1e6", 0.5]
        if known and (good or self.random.random() < 0.7):
            return self.random.choice(known)
        return self.value(schema, good, depth + 1)
