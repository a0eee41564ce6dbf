"""A skipped Python test is a failed one under EVOKE_NO_SKIP=1, and only there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[2] / "conftest.py"


@pytest.mark.parametrize(("value", "exit_code", "expected"), [("1", 1, "1 failed"), ("0", 0, "1 skipped")])
def test_skipping_obeys_the_environment(tmp_path, value, exit_code, expected):
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "test_a.py").write_text("import pytest\n\n\ndef test_a():\n    pytest.skip('no browser')\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(tmp_path)],
        env=os.environ | {"EVOKE_NO_SKIP": value},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert expected in result.stdout
    assert "no browser" in result.stdout
    assert result.returncode == exit_code
