"""All C++ files are as clang-format writes them, and short enough to be read."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(
    file for top in ("include", "src", "tests") for file in (ROOT / top).rglob("*") if file.suffix in {".hpp", ".cpp"}
)


def test_files_are_formatted():
    program = shutil.which("clang-format")
    if program is None:
        pytest.skip("clang-format is not installed")
    result = subprocess.run([program, "--dry-run", *map(str, FILES)], capture_output=True, text=True, cwd=ROOT, check=True)
    unformatted = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "-Wclang-format-violations" in line})
    assert unformatted == [], "run `make format`"


def test_no_file_is_longer_than_400_lines():
    long = {str(file.relative_to(ROOT)): lines for file in FILES if (lines := len(file.read_text("utf-8").splitlines())) > 400}
    assert long == {}
