"""Names that a source has for itself (anonymous namespace, `static`, macro) and that stand in two sources of a folder.

A build by units compiles many sources of a folder as one (UNITY_BUILD of CMake), where such names meet. Which sources share
a unit changes with every new file, so a name belongs to one source of its folder. This reads text as clang-format leaves
it. Functions that differ in the types of their parameters are two names.
"""
import re

NAMESPACE = re.compile(r"^(?:inline )?namespace\b([^;=]*)\{$")
TYPE = re.compile(r"^(?:struct|class|union|enum(?: class)?) (\w+)(?!\w* *;)")
FUNCTION = re.compile(r"^[\w:<>,*& ]+?[ *&](\w+)\((.*)$")
VALUES = re.compile(r"^[\w:<>,*& ]+?[ *&](\w+)(?:\[\w*\])*(?: =|;|\{)")
MORE_VALUES = re.compile(r", (\w+)(?: =|\{)")
NO_NAME = ("using ", "namespace ", "template", "extern ", "friend ", "TEST", "INSTANTIATE_TEST", "int main(")
MACRO = re.compile(r"^#\s*(define|undef) (\w+)")


def parameter_types(text):
    """Types of the parameters in `text`, which begins behind the parenthesis: `int a, const T<A, B>& b = 1)` → `int,const T<A, B>&`."""
    depth, parameters = 0, [""]
    for character in text:
        depth += (character in "(<{") - (character in ")>}")
        if depth < 0:
            break
        if character == "," and depth == 0:
            parameters.append("")
        else:
            parameters[-1] += character
    return ",".join(re.sub(r"[ ]\w+$", "", parameter.split(" = ")[0].strip()) for parameter in parameters)


def own_names(text):
    """(line number, name) of every name that this source has for itself."""
    lines = text.split("\n")
    namespaces = []  # those that are open: whether each is anonymous
    macros = {}
    for number, line in enumerate(lines, 1):
        if match := MACRO.match(line):
            if match.group(1) == "define":
                macros[match.group(2)] = number
            else:
                macros.pop(match.group(2), None)
        elif match := NAMESPACE.match(line):
            namespaces.append(not match.group(1).strip())
        elif line.startswith("}  // namespace"):
            namespaces.pop()
        elif not line[:1].isalpha() or line.startswith(NO_NAME) or not (any(namespaces) or line.startswith("static ")):
            continue
        elif match := TYPE.match(line):
            yield number, match.group(1)
        elif match := FUNCTION.match(line):
            whole = " ".join([match.group(2), *(more.strip() for more in lines[number : number + 4])])
            yield number, f"{match.group(1)}({parameter_types(whole)})"
        elif match := VALUES.match(line):
            yield from ((number, name) for name in [match.group(1), *MORE_VALUES.findall(line)])
    yield from ((number, f"macro {name}") for name, number in macros.items())


def check_units(root):
    faults = []
    for folder in sorted({path.parent for part in ("src", "apps", "tests") for path in (root / part).rglob("*.cpp")}):
        if folder.name in ("fuzz", "bench"):  # programs of one source each
            continue
        first = {}
        for path in sorted(folder.glob("*.cpp")):
            shown = path.relative_to(root)
            for number, name in own_names(path.read_text(errors="replace")):
                other = first.setdefault(name, f"{shown}:{number}")
                if not other.startswith(f"{shown}:"):
                    faults.append(f"{shown}:{number}: {name} is a name in {other}, too")
    return faults
