#!/usr/bin/env python3
"""Checks of the source tree itself.

rooms     a room includes only rooms that src/CMakeLists.txt gives it, or that those give on; nothing includes apps
sockets   what makes up a shard reaches no include of ingest: it knows of no socket and no capture
words     no path of a developer's machine stands in a file
references  files, headings and sections that comments and pages cite are there to be opened
headers   every header under src compiles alone
units     no name that a source has for itself stands in two sources of a folder
selftest  each check finds a fault that is planted for it in a temporary folder

Prints one line a fault, `file:line: what`, and exits with 1 if there is any.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from unit_names import check_units

SOURCE_SUFFIXES = {".h", ".cpp"}
SKIPPED_FOLDERS = {".git", "build", "__pycache__"}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')
ROOM_CALL = re.compile(r"^\s*weir_room\(([^)]*)\)", re.MULTILINE)

# Written in parts, so that this file does not find itself.
FORBIDDEN = ["/" + "work/", "/" + "farm/", "/" + "tmp/b-", "/" + "root/"]


def declared_rooms(root):
    """Room -> every room that it may include: itself, the named ones, and what those may include."""
    text = (root / "src/CMakeLists.txt").read_text()
    allowed = {}
    faults = []
    for call in ROOM_CALL.findall(text):
        name, *rest = call.split()
        below = rest[: rest.index("LIBS")] if "LIBS" in rest else rest
        allowed[name] = {name}
        for room in below:
            if room not in allowed:
                faults.append(f"src/CMakeLists.txt:1: room {name} names {room}, which does not stand above it")
            allowed[name] |= allowed.get(room, {room})
    return allowed, faults


def includes(path):
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match.group(1)


def check_rooms(root):
    allowed, faults = declared_rooms(root)
    folders = {p.name for p in (root / "src").iterdir() if p.is_dir()}
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in SOURCE_SUFFIXES:
            continue
        shown = path.relative_to(root)
        room = path.relative_to(root / "src").parts[0]
        if room not in allowed:
            faults.append(f"{shown}:1: folder {room} is no room of src/CMakeLists.txt")
            continue
        for number, target in includes(path):
            top = target.split("/")[0]
            if ".." in target.split("/"):
                faults.append(f"{shown}:{number}: {target}: write it as room/file.h")
            elif top in ("apps", "tests"):
                faults.append(f"{shown}:{number}: a room includes {target}")
            elif "/" in target and top in folders | set(allowed) and top not in allowed[room]:
                faults.append(f"{shown}:{number}: room {room} includes {target}, but only {names(allowed[room])} are below it")
    return faults


def check_sockets(root):
    """The headers that engine/shard.h includes, directly or not, and the sources of those."""
    faults, seen, waiting = [], set(), ["engine/shard.h"]
    while waiting:
        name = waiting.pop()
        if name in seen or not (root / "src" / name).exists():
            continue
        seen.add(name)
        for number, target in includes(root / "src" / name):
            if target.startswith("ingest/"):
                faults.append(f"src/{name}:{number}: a part of a shard includes {target}")
            waiting.append(target)
        waiting.append(name.removesuffix(".h") + ".cpp")
    return faults


def names(rooms):
    return ", ".join(sorted(rooms))


def text_files(root):
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if name not in SKIPPED_FOLDERS]
        for name in files:
            if name in SKIPPED_FOLDERS:  # of a linked work tree, .git is a file
                continue
            path = pathlib.Path(folder, name)
            data = path.read_bytes()
            if b"\0" not in data[:8192]:
                yield path, data.decode(errors="replace")


def check_words(root):
    faults = []
    for path, text in text_files(root):
        for number, line in enumerate(text.splitlines(), 1):
            faults += [f"{path.relative_to(root)}:{number}: names {word}" for word in FORBIDDEN if word in line]
    return faults


# A file of the repository, by its path from the root or, for a source file, from src.
CITED_FILE = re.compile(r"(?<![\w./-])(?<!\]\()((?:[\w.-]+/)*[\w-]+\.(?:md|h|cpp|def|py|json|inc|cmake|conf))\b(?![\w/])")
TREES = {"apps", "cmake", "docs", "packaging", "src", "tests"}
CITED_HEADING = re.compile(r'\b(docs/[\w/-]+\.md),\s+"([^"]+)"')
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
SECTION = re.compile(r"\b[Ss]ections?\s+\d")
DOCUMENT = re.compile(r"RFC|sFlow|IEEE|HTML|OpenAPI|virtio|paper|POSIX|MIB")
NOT_READ = {"LICENSE", "tests/structure/structure.py"}  # this file plants dead references
COMMENT_SUFFIXES = SOURCE_SUFFIXES | {".def", ".inc", ".py", ".cmake", ".md", ".txt", ""}


def headings(path):
    return {line.lstrip("#").strip() for line in path.read_text().splitlines() if line.startswith("#")}


def anchor(heading):
    return "#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def is_cited_path(word, rooms):
    """Whether a word means a file of this repository: .md in any case, others when a folder of ours begins it."""
    top = word.split("/")[0]
    return word.endswith(".md") or ("/" in word and (top in TREES or top in rooms))


def check_references(root):
    faults = []
    rooms = {p.name for p in (root / "src").iterdir() if p.is_dir()} if (root / "src").is_dir() else set()
    for path, text in text_files(root):
        shown = path.relative_to(root)
        name = shown.as_posix()
        if path.suffix not in COMMENT_SUFFIXES or name in NOT_READ:
            continue

        def fault(match, what):
            faults.append(f"{shown}:{text.count(chr(10), 0, match.start()) + 1}: {what}")

        # Lines of a comment joined, each octet where it was.
        joined = re.sub(r"\n[ \t]*(?:///?|#)[ \t]*", lambda m: "\n" + " " * (len(m.group()) - 1), text)
        for match in CITED_FILE.finditer(text):
            word = match.group(1)
            places = [root / word, root / "src" / word] + ([path.parent / word] if path.suffix == ".md" else [])
            is_template = "NAME" in word
            if not is_template and is_cited_path(word, rooms) and not any(place.exists() for place in places):
                fault(match, f"cites {word}, which is not there")
        for match in CITED_HEADING.finditer(joined):
            page, title = root / match.group(1), " ".join(match.group(2).split())
            if page.exists() and title not in headings(page):
                fault(match, f"cites \"{title}\", which is no heading of {match.group(1)}")
        for match in SECTION.finditer(joined):
            begin = joined.rfind("\n", 0, max(joined.rfind("\n", 0, match.start()), 0))
            end = joined.find("\n", joined.find("\n", match.end()) + 1)
            if path.suffix != ".md" and not DOCUMENT.search(joined[max(begin, 0) : end]):
                fault(match, "a section without the name of its document")
        for match in LINK.finditer(text) if path.suffix == ".md" else ():
            page = path.parent / match.group(1) if match.group(1) else path
            if not page.exists():
                fault(match, f"links to {match.group(1)}, which is not there")
            elif match.group(2) and match.group(2) not in {anchor(heading) for heading in headings(page)}:
                fault(match, f"links to {match.group(2)}, which is no heading of {page.name}")
    return faults


def compile_alone(root, compiler, header):
    command = [compiler, "-std=c++23", "-fsyntax-only", "-w", "-x", "c++", f"-I{root / 'src'}", "-include", str(header), os.devnull]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 0:
        return []
    error = next((line for line in run.stderr.splitlines() if "error" in line), run.stderr[:200])
    return [f"{header.relative_to(root)}:1: does not compile alone: {error}"]


def check_headers(root, compiler):
    headers = sorted((root / "src").rglob("*.h"))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda header: compile_alone(root, compiler, header), headers)
    return [fault for faults in results for fault in faults]


def planted(files, check, *arguments):
    """What `check` says of a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return check(root, *arguments)


def own(path, declaration):
    """A source that has this declaration for itself."""
    return {path: f"namespace weir {{\nnamespace {{\n\n{declaration}\n}}  // namespace\n}}  // namespace weir\n"}


def selftest(compiler):
    cmake = "weir_room(base LIBS Threads::Threads)\nweir_room(wire base)\nweir_room(model wire)\n"
    tree = {"src/CMakeLists.txt": cmake, "src/base/a.h": "#include <vector>\nstd::vector<int> a();\n"}
    model = '#include "base/a.h"\n#include "wire/w.h"\n'
    f = "int f(int a) {\n}\n"
    pages = {
        "docs/x.md": "# One\n\nsee [the same](x.md#one) and base/a.h\n",
        "src/base/d.h": '/// docs/x.md, "One"; RFC 791\n/// section 3.2\n',
    }

    def cited(files):
        return planted(tree | pages | files, check_references)

    cases = [
        ("a clean tree", 0, planted(tree | {"src/model/m.cpp": model, "src/wire/w.h": '#include "base/a.h"\n'}, check_rooms)),
        ("an upward include", 1, planted(tree | {"src/base/b.cpp": '#include "wire/w.h"\n'}, check_rooms)),
        ("an include of apps", 1, planted(tree | {"src/wire/b.cpp": '#include "apps/main.h"\n'}, check_rooms)),
        ("a way round by ..", 1, planted(tree | {"src/base/b.cpp": '#include "../wire/w.h"\n'}, check_rooms)),
        ("an undeclared room", 1, planted(tree | {"src/other/b.cpp": "\n"}, check_rooms)),
        ("a room below its user", 1, planted({"src/CMakeLists.txt": "weir_room(a b)\nweir_room(b)\n"}, check_rooms)),
        ("a shard without sockets", 0, planted({"src/engine/shard.h": '#include "engine/part.h"\n', "src/engine/part.h": "\n"}, check_sockets)),
        ("a part with a socket", 1, planted({"src/engine/shard.h": '#include "engine/part.h"\n', "src/engine/part.h": "\n", "src/engine/part.cpp": '#include "ingest/udp.h"\n'}, check_sockets)),
        ("a machine path", 1, planted({"docs/x.md": "see " + FORBIDDEN[0] + "main\n"}, check_words)),
        ("plain words", 0, planted({"docs/x.md": "see docs/work\n"}, check_words)),
        ("equal names in two folders", 0, planted(own("src/a/a.cpp", f) | own("src/b/b.cpp", f), check_units)),
        ("overloads", 0, planted(own("src/a/a.cpp", f) | own("src/a/b.cpp", "int f(long a) {\n}\n"), check_units)),
        ("equal functions", 1, planted(own("src/a/a.cpp", f) | own("src/a/b.cpp", "int f(int b) {\n}\n"), check_units)),
        ("equal types", 1, planted(own("src/a/a.cpp", "struct S : T {\n};\n") | own("src/a/b.cpp", "class S {\n};\n"), check_units)),
        ("equal constants", 1, planted(own("src/a/a.cpp", "const int kA = 1, kB = 2;\n") | own("src/a/b.cpp", "int kB[2] = {};\n"), check_units)),
        ("sound references", 0, cited({})),
        ("a page that is not there", 1, cited({"src/base/b.h": "// as wire-format.md 4.1 has it\n"})),
        ("a source that is not there", 1, cited({"README.md": "see src/base/c.h\n"})),
        ("a header of a room that is not there", 1, cited({"src/base/b.h": "// base/c.h has it\n"})),
        ("a heading that is not there", 1, cited({"src/base/b.h": '/// (docs/x.md,\n/// "Two")\n'})),
        ("a section of nothing", 1, cited({"src/base/b.h": "// GRE\n//\n// (section 14.10)\n"})),
        ("a dead link", 1, cited({"README.md": "[rules](docs/y.md)\n"})),
        ("a dead anchor", 1, cited({"README.md": "[rules](docs/x.md#two)\n"})),
        ("a complete header", 0, planted(tree, check_headers, compiler)),
        ("an incomplete header", 1, planted({"src/base/b.h": "std::string b();\n"}, check_headers, compiler)),
    ]
    return [f"selftest: {what}: {want} faults wanted, found {got}" for what, want, got in cases if len(got) != want]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["rooms", "sockets", "words", "references", "headers", "units", "selftest"])
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--compiler", default="c++")
    options = parser.parse_args()
    root = options.root.resolve()
    if options.check == "rooms":
        faults = check_rooms(root)
    elif options.check == "sockets":
        faults = check_sockets(root)
    elif options.check == "words":
        faults = check_words(root)
    elif options.check == "units":
        faults = check_units(root)
    elif options.check == "references":
        faults = check_references(root)
    elif options.check == "headers":
        faults = check_headers(root, options.compiler)
    else:
        faults = selftest(options.compiler)
    print("\n".join(faults) if faults else f"{options.check}: no fault")
    sys.exit(1 if faults else 0)


main()
