"""The report in a browser: it loads without complaint, asks for nothing else, and fits narrow and wide windows."""

import pytest
from browser import look
from evoke_analysis import open_run
from evoke_analysis.report import write_report
from made_runs import infeasible_run, made_run, target_run, tiny_run, without_test
from test_report import SECTIONS

RUNS = {"made": made_run, "tiny": tiny_run, "target": target_run, "without_test": without_test,
        "infeasible": infeasible_run}


@pytest.fixture(scope="module", params=RUNS)
def report(request, tmp_path_factory):
    folder = RUNS[request.param](tmp_path_factory.mktemp(request.param))
    return request.param, write_report(open_run(folder), folder / "report.html")


@pytest.mark.parametrize("width", [400, 1200])
def test_the_report_opens_quietly_and_fits(report, width):
    name, path = report
    seen = look(path, width)
    assert seen.console == []
    assert seen.requests == ["/report.html"]
    assert seen.result["sections"] == SECTIONS
    assert seen.result["scroll_width"] <= seen.result["width"] == width
    if name == "made":
        assert seen.result["drawings"] == 8
        assert seen.result["narrow"] == (8 if width == 400 else 0)
        assert seen.result["smallest_text"] >= 10, "pixels on the screen"


def test_these_checks_notice_what_a_bad_page_does(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text('<title>bad</title><body style="margin:0"><div style="width:700px">wide</div>'
                    '<img src="other.png"><script>console.error("wrong"); nowhere();</script>')
    seen = look(page, 400)
    assert any("wrong" in line for line in seen.console)
    assert any("nowhere is not defined" in line for line in seen.console)
    assert sorted(seen.requests) == ["/bad.html", "/other.png"]
    assert seen.result["scroll_width"] == 700


def test_the_page_forbids_itself_to_fetch_or_run_anything_else(tmp_path):
    folder = tiny_run(tmp_path)
    path = write_report(open_run(folder), folder / "report.html")
    path.write_text(path.read_text().replace("</main>", '<img src="other.png"><script>window.x = 1</script></main>'))
    seen = look(path, 400)
    assert seen.requests == ["/report.html"]
    assert len([line for line in seen.console if "Content Security Policy" in line]) == 2
