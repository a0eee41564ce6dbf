"""Compares the #includes and link lines of a source tree with the tables of its docs/architecture.md."""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

POSIX_HEADERS = {
    "cpuid.h", "dirent.h", "dlfcn.h", "fcntl.h", "immintrin.h", "netdb.h", "poll.h", "pthread.h", "pty.h", "sched.h",
    "signal.h", "spawn.h", "stdlib.h", "termios.h", "time.h", "unistd.h", "linux/*.h", "sys/*.h",
}  # fmt: skip
SOURCE_SUFFIXES = {".hpp", ".cpp", ".h", ".cu", ".cuh"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")', re.MULTILINE)


@dataclass
class ModuleRule:
    """One row of the module table."""

    modules: set[str] = field(default_factory=set)  # whose public headers may be included
    headers_only: set[str] = field(default_factory=set)  # those of them that may not be linked
    patterns: set[str] = field(default_factory=set)  # public headers of any module, such as */options.hpp
    everything: bool = False
    third_party: set[str] = field(default_factory=set)


@dataclass
class ThirdPartyRule:
    """One row of the third-party table."""

    headers: list[str]
    places: list[str]


@dataclass
class Rules:
    modules: dict[str, ModuleRule]
    third_party: dict[str, ThirdPartyRule]


def read_table(text: str, first_heading: str) -> list[list[str]]:
    """The cells of the one Markdown table whose first heading is given, without the heading lines."""
    rows, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == first_heading:
            inside = True
        elif inside and not set("".join(cells)) <= set("-: "):
            rows.append(cells)
    if not rows:
        raise ValueError(f"no table with the heading '{first_heading}'")
    return rows


def read_rules(architecture: Path) -> Rules:
    text = architecture.read_text(encoding="utf-8")
    modules = {}
    for name, allowed, third_party, *_ in read_table(text, "module"):
        names = re.findall(r"`([^`]+)`", allowed)
        modules[name] = ModuleRule(
            modules={entry for entry in names if "/" not in entry},
            headers_only=set(re.findall(r"`([^`]+)` \(headers only\)", allowed)),
            patterns={entry for entry in names if "/" in entry},
            everything=allowed == "all",
            third_party={entry.strip() for entry in third_party.split(",")} - {"–", ""},
        )
    third_party = {
        name: ThirdPartyRule(re.findall(r"`([^`]+)`", headers), re.findall(r"`([^`]+)`", places))
        for name, headers, places in read_table(text, "code")
    }
    return Rules(modules, third_party)


def contradictions(rules: Rules) -> list[str]:
    """What is wrong with the tables themselves: unknown names, cycles, places outside the modules named."""
    found = []
    for name, rule in rules.modules.items():
        found += [f"{name} may include {other}, which is no module" for other in rule.modules - set(rules.modules)]
        found += [f"{name} uses {code}, whose headers are not named" for code in rule.third_party - set(rules.third_party)]
    for code, rule in rules.third_party.items():
        users = {module for module, row in rules.modules.items() if code in row.third_party}
        places = {match[1] for place in rule.places if (match := re.match(r"(?:include/evoke|src)/(\w+)/", place))}
        if users != places:
            found.append(f"{code} is used by {sorted(users)}, but its files are in {sorted(places)}")

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        for following in rules.modules[start].modules & set(rules.modules):
            if following == goal or (following not in seen and reaches(following, goal, seen | {following})):
                return True
        return False

    return found + [f"{name} may include itself through others" for name in rules.modules if reaches(name, name, set())]


def module_of(path: Path) -> str:
    """The module of include/evoke/<module>/... or src/<module>/..."""
    return path.parts[2] if path.parts[0] == "include" else path.parts[1]


def check_evoke_include(rules: Rules, path: Path, header: str) -> str | None:
    target, rule = header.split("/")[1], rules.modules[module_of(path)]
    if target == module_of(path) or rule.everything or target in rule.modules:
        return None
    if any(fnmatch.fnmatch(header, "evoke/" + pattern) for pattern in rule.patterns):
        return None
    return f"{module_of(path)} may not include {target}"


def check_private_include(root: Path, path: Path, header: str) -> str | None:
    if path.parts[0] == "include":
        return "a public header may not include a private one"
    if (root / path.parent / header).exists():
        return None
    if "/" in header and (root / "src" / header).exists():
        owner = header.split("/")[0]
        return None if owner == module_of(path) else f"this header is private to {owner}"
    return "no such header in the project"


def check_system_include(rules: Rules, path: Path, header: str) -> str | None:
    if re.fullmatch(r"[a-z_0-9]+", header) or any(fnmatch.fnmatch(header, known) for known in POSIX_HEADERS):
        return None
    for code, rule in rules.third_party.items():
        if any(fnmatch.fnmatch(header, pattern) for pattern in rule.headers):
            allowed = any(fnmatch.fnmatch(path.as_posix(), place) for place in rule.places)
            return None if allowed else f"{code} belongs in {' '.join(rule.places)}"
    return "a header of unknown origin: name its code in docs/architecture.md"


def include_violations(root: Path, rules: Rules) -> list[str]:
    """One line for each #include that the tables do not allow."""
    found = []
    files = [file for top in ("include/evoke", "src") for file in (root / top).rglob("*") if file.suffix in SOURCE_SUFFIXES]
    for file in sorted(files):
        path = file.relative_to(root)
        if module_of(path) not in rules.modules:
            found.append(f"{path}: {module_of(path)} is no module")
            continue
        text = file.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            header = match[1] or match[2]
            if header.startswith("evoke/"):
                reason = check_evoke_include(rules, path, header)
                if not (root / "include" / header).exists():
                    reason = "no such header in the project"
            elif match[2]:
                reason = check_private_include(root, path, header)
            else:
                reason = check_system_include(rules, path, header)
            if reason:
                line = text.count("\n", 0, match.start(0) + len(match[0]) - len(match[0].lstrip())) + 1
                found.append(f"{path}:{line}: {header}: {reason}")
    return found


def link_violations(root: Path, rules: Rules) -> list[str]:
    """One line for each module that is linked with another which it may not include, or only by header."""
    found = []
    for module, rule in rules.modules.items():
        cmake = root / "src" / module / "CMakeLists.txt"
        if not cmake.exists() or rule.everything:
            continue
        text = re.sub(r"#.*", "", cmake.read_text(encoding="utf-8"))
        for target in sorted(set(re.findall(r"\bevoke_(\w+)", text)) - {"add_module", "options"}):
            name = target.removesuffix("_interface")
            if name not in rules.modules or name == module:
                continue
            if name not in rule.modules:
                found.append(f"src/{module}/CMakeLists.txt: {module} may not link {name}")
            elif name in rule.headers_only and not target.endswith("_interface"):
                found.append(f"src/{module}/CMakeLists.txt: {module} uses the headers of {name} alone")
    return found
