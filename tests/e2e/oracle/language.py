"""Keys and filters of flow definitions, read by recursive descent and evaluated on a sample: text or None (no value)."""
import ipaddress
import re

SPECIAL = "=!~&|(),:[]"


class Tables:
    """What look-ups see: groups {set: {class: [prefixes]}}, maps {name: {text: [values]}}, links {(agent, ifIndex): link}."""

    def __init__(self, groups=None, maps=None, links=None):
        self.groups = {name: [(ipaddress.ip_network(p), label) for label, prefixes in classes.items() for p in prefixes]
                       for name, classes in (groups or {}).items()}
        self.maps = {name: {normal(v): label for label, values in entries.items() for v in values} for name, entries in (maps or {}).items()}
        self.links = links or {}

    def group(self, address, names):
        address = ipaddress.ip_address(address)
        for name in names:
            fits = [(net.prefixlen, label) for net, label in self.groups.get(name, ()) if net.version == address.version and address in net]
            if fits:
                return max(fits)[1]
        return None


def normal(text):
    return text.upper() if re.fullmatch(r"[0-9a-fA-F]{12}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", text) else text


def split(text, separator):
    """Splits outside square brackets; a backslash keeps the next character."""
    parts, depth, at = [""], 0, 0
    while at < len(text):
        c = text[at]
        if c == "\\" and at + 1 < len(text):
            parts[-1] += text[at:at + 2]
            at += 2
            continue
        depth += (c == "[") - (c == "]")
        if c == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
        at += 1
    return parts


def plain(text):
    return re.sub(r"\\(.)", r"\1", text)


def key(text, tables):
    """A function of a sample."""
    if text.startswith("[") and text.endswith("]"):
        return key(text[1:-1], tables)
    name, *arguments = split(text, ":")
    if not arguments:
        base, _, layer = name.partition(".")
        if not layer.isdigit():
            base, layer = name, "0"

        def simple(sample):
            found = sample.keys.get(base, ())
            return found[int(layer)] if int(layer) < len(found) else None

        return simple
    return FUNCTIONS[name](tables, *arguments)


def tokens_function(take):
    def function(tables, inner, delimiter, count):
        value, delimiter = key(inner, tables), plain(delimiter)
        return lambda s: None if (v := value(s)) is None else delimiter.join(take(v.split(delimiter), int(count)))

    return function


def first(tables, inner, delimiter, *tokens):
    value = key(inner, tables)
    return lambda s: next((t for t in (value(s) or "").split(plain(delimiter)) if t in tokens), None)


def either(tables, *inner):
    values = [key(i, tables) for i in inner]
    return lambda s: next((v for value in values if (v := value(s)) is not None), None)


def condition(tables, inner, wanted, then, otherwise):
    value, then, otherwise = key(inner, tables), key(then, tables), key(otherwise, tables)
    return lambda s: then(s) if value(s) == plain(wanted) else otherwise(s)


def default(tables, inner, text="null"):
    value = key(inner, tables)
    return lambda s: plain(text) if (v := value(s)) is None else v


def in_range(tables, inner, low, high=None):
    value = key(inner, tables)
    return lambda s: None if (v := value(s)) is None else str(int(low) <= int(v) and (high is None or int(v) <= int(high))).lower()


def mask(tables, inner, bits):
    value = key(inner, tables)
    return lambda s: None if (v := value(s)) is None else str(ipaddress.ip_network(f"{v}/{bits}", strict=False)).upper()


def joined(tables, separator, *inner):
    values = [key(i, tables) for i in inner]

    def function(sample):
        parts = [value(sample) for value in values]
        return None if None in parts else plain(separator).join(parts)

    return function


def of_value(compute):
    def function(tables, inner, *arguments):
        value = key(inner, tables)
        return lambda s: None if (v := value(s)) is None else compute(tables, s, v, *arguments)

    return function


FUNCTIONS = {
    "first": first, "or": either, "if": condition, "null": default, "range": in_range, "mask": mask, "concat": joined,
    "prefix": tokens_function(lambda parts, n: parts[:n]),
    "suffix": tokens_function(lambda parts, n: parts[-n:]),
    "bits": of_value(lambda tables, s, v, m: str(int(v) & int(m))),
    "oui": of_value(lambda tables, s, v: v[:6]),
    "group": of_value(lambda tables, s, v, *names: tables.group(v, names)),
    "map": of_value(lambda tables, s, v, name: tables.maps.get(name, {}).get(v)),
    "link": of_value(lambda tables, s, v: tables.links.get((s.agent, v))),
    "eq": lambda tables, a, b: (lambda x, y: lambda s: None if x(s) is None or y(s) is None else str(x(s) == y(s)).lower())(key(a, tables), key(b, tables)),
    # Databases that this run does not have: no value.
    "country": lambda tables, *_: lambda s: None,
    "asn": lambda tables, *_: lambda s: None,
    "dns": lambda tables, *_: lambda s: None,
}


class Filter:
    """expr := term|…   term := factor&…   factor := (expr) or key op value,…"""

    def __init__(self, text, tables):
        self.text, self.at, self.tables = text, 0, tables
        self.decide = self.any_of() if text else (lambda sample: True)
        if self.at != len(text):
            raise ValueError(f"{text!r} at {self.at}")

    def chain(self, mark, part, combine):
        parts = [part()]
        while self.text[self.at:self.at + 1] == mark:
            self.at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else lambda sample: combine(p(sample) for p in parts)

    def any_of(self):
        return self.chain("|", self.all_of, any)

    def all_of(self):
        return self.chain("&", self.factor, all)

    def factor(self):
        if self.text[self.at] == "(":
            self.at += 1
            inner = self.any_of()
            if self.text[self.at] != ")":
                raise ValueError(f"{self.text!r} at {self.at}")
            self.at += 1
            return inner
        left = key(self.side(r"!?[=~]"), self.tables)
        operator = re.compile(r"!?[=~]").match(self.text, self.at).group()
        self.at += len(operator)
        values = [v.strip("'") for v in split(self.side(r"[&|)]"), ",")]
        return comparison(left, operator, values)

    def side(self, stop):
        """Up to `stop`, outside quotes and brackets."""
        pattern = re.compile(r"((?:'[^']*'|\\.|\[[^=&|]*?\]|(?!%s).)*)" % stop)
        found = pattern.match(self.text, self.at).group()
        self.at += len(found)
        return found.strip("'")


def comparison(left, operator, values):
    def same(text):
        if operator.endswith("~"):
            return any(re.fullmatch(v, text) for v in values)
        return normal(text) in {normal(plain(v)) for v in values} or (text == "unknown" and "0" in values)

    def decide(sample):
        text = left(sample)
        if text is None:
            return operator.startswith("!") if "null" not in values else operator == "="
        if values == ["null"]:
            return operator == "!="
        return same(text) != operator.startswith("!")

    return decide
