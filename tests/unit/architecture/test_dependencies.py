"""The code keeps to the dependency tables of docs/architecture.md, and the check finds it when it does not."""

from pathlib import Path

import pytest
from dependency_rules import contradictions, include_violations, link_violations, read_rules

ROOT = Path(__file__).resolve().parents[3]

TABLES = """
| module | may include | third-party code, here only | what it is |
|---|---|---|---|
| base | – | torch | the base |
| model | `base` | MPI | uses it |
| task | `base`, `model` (headers only) | – | uses both |
| job | `base`, `*/options.hpp` | – | options of all |
| main | all | – | knows all |

| code | headers | only in |
|---|---|---|
| torch | `torch/*` `ATen/*` | `src/base/*` |
| MPI | `mpi.h` | `src/model/mpi_*.cpp` |
"""


@pytest.fixture
def tree(tmp_path):
    """A source tree that keeps to its tables. Returns a function that adds a file."""

    def write(path: str, text: str):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return tmp_path

    write("docs/architecture.md", TABLES)
    write("include/evoke/base/thing.hpp", "#include <vector>\n#include <sys/stat.h>\n")
    write("include/evoke/model/options.hpp", '#include "evoke/base/thing.hpp"\n')
    write("include/evoke/model/model.hpp", '#include "evoke/model/options.hpp"\n')
    write("src/base/private.hpp", "#pragma once\n")
    write("src/base/thing.cpp", '#include "base/private.hpp"\n#include <ATen/ATen.h>\n#include "private.hpp"\n')
    write("src/model/mpi_link.cpp", "#include <mpi.h>\n")
    write("src/task/task.cpp", '#include "evoke/model/model.hpp"\n')
    write("src/task/CMakeLists.txt", "evoke_add_module(task SOURCES t.cpp PUBLIC_DEPS evoke_base evoke_model_interface)\n")
    write("src/job/job.cpp", '#include "evoke/model/options.hpp"\n')
    write("src/main/main.cpp", '#include "evoke/task/task.hpp"\n')
    write("include/evoke/task/task.hpp", "#include <string>\n")
    return write


def violations(root: Path) -> list[str]:
    rules = read_rules(root / "docs/architecture.md")
    return contradictions(rules) + include_violations(root, rules) + link_violations(root, rules)


def test_the_tables_of_the_project_agree_with_themselves():
    rules = read_rules(ROOT / "docs/architecture.md")
    assert len(rules.modules) == 10
    assert contradictions(rules) == []


def test_every_include_of_the_project_is_allowed():
    assert not (found := include_violations(ROOT, read_rules(ROOT / "docs/architecture.md"))), "\n".join(found)


def test_every_link_of_the_project_is_allowed():
    assert not (found := link_violations(ROOT, read_rules(ROOT / "docs/architecture.md"))), "\n".join(found)


def test_a_tree_that_keeps_to_its_tables_has_no_violation(tree):
    assert violations(tree("src/base/other.cpp", "#include <memory>\n")) == []


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("src/base/a.cpp", '#include <vector>\n\n#include "evoke/model/model.hpp"\n',
         "src/base/a.cpp:3: evoke/model/model.hpp: base may not include model"),
        ("src/job/a.cpp", '#include "evoke/model/model.hpp"\n',
         "src/job/a.cpp:1: evoke/model/model.hpp: job may not include model"),
        ("src/model/a.cpp", "#  include <torch/torch.h>\n",
         "src/model/a.cpp:1: torch/torch.h: torch belongs in src/base/*"),
        ("include/evoke/base/a.hpp", "#include <ATen/ATen.h>\n",
         "include/evoke/base/a.hpp:1: ATen/ATen.h: torch belongs in src/base/*"),
        ("src/model/a.cpp", "#include <mpi.h>\n",
         "src/model/a.cpp:1: mpi.h: MPI belongs in src/model/mpi_*.cpp"),
        ("src/model/a.cpp", "#include <curl/curl.h>\n",
         "src/model/a.cpp:1: curl/curl.h: a header of unknown origin: name its code in docs/architecture.md"),
        ("src/model/a.cpp", '#include "base/private.hpp"\n',
         "src/model/a.cpp:1: base/private.hpp: this header is private to base"),
        ("include/evoke/base/a.hpp", '#include "base/private.hpp"\n',
         "include/evoke/base/a.hpp:1: base/private.hpp: a public header may not include a private one"),
        ("src/model/a.cpp", '#include "evoke/base/gone.hpp"\n',
         "src/model/a.cpp:1: evoke/base/gone.hpp: no such header in the project"),
        ("src/extra/a.cpp", "#include <vector>\n",
         "src/extra/a.cpp: extra is no module"),
        ("src/task/CMakeLists.txt", "evoke_add_module(task SOURCES t.cpp PRIVATE_DEPS evoke_model)\n",
         "src/task/CMakeLists.txt: task uses the headers of model alone"),
        ("src/base/CMakeLists.txt", "evoke_add_module(base SOURCES t.cpp PRIVATE_DEPS evoke_task)\n",
         "src/base/CMakeLists.txt: base may not link task"),
    ],
)  # fmt: skip
def test_a_planted_violation_is_found(tree, path, text, expected):
    assert violations(tree(path, text)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("| base | – |", "| base | `model` |", "base may include itself through others"),
        ("| model | `base` |", "| model | `base`, `ghost` |", "model may include ghost, which is no module"),
        ("| MPI | uses it |", "| MPI, curl | uses it |", "model uses curl, whose headers are not named"),
        ("| – | torch |", "| – | – |", "torch is used by [], but its files are in ['base']"),
    ],
)
def test_a_contradiction_in_the_tables_is_found(tree, old, new, expected):
    assert old in TABLES
    root = tree("docs/architecture.md", TABLES.replace(old, new))
    assert expected in contradictions(read_rules(root / "docs/architecture.md"))


def test_a_page_without_the_tables_is_refused(tree):
    root = tree("docs/architecture.md", "# nothing\n")
    with pytest.raises(ValueError, match="no table with the heading 'module'"):
        read_rules(root / "docs/architecture.md")
