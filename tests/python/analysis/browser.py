"""Opens a page in headless Chromium, and tells what the page did."""

import contextlib
import functools
import http.server
import json
import re
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

# The page under test lies in a frame of the width asked for: windows of Chromium cannot be narrow.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">
<iframe id="frame" style="border:0;width:%dpx;height:20000px" src="%s"></iframe><pre id="result"></pre>
<script>
document.getElementById("frame").addEventListener("load", () => {
  const page = document.getElementById("frame").contentDocument, root = page.documentElement;
  const shown = (element) => element.getClientRects().length > 0;
  const scale = (matrix) => Math.hypot(matrix.a, matrix.b);  // of rotated text, too
  const size = (text) => parseFloat(getComputedStyle(text).fontSize) * scale(text.getScreenCTM());
  const drawings = [...page.querySelectorAll("figure svg")].filter(shown);
  document.getElementById("result").textContent = JSON.stringify({
    title: page.title, sections: [...page.querySelectorAll("section")].filter(shown).map((s) => s.id),
    width: root.clientWidth, scroll_width: root.scrollWidth, drawings: drawings.length,
    narrow: drawings.filter((svg) => svg.classList.contains("narrow")).length,
    smallest_text: Math.min(...drawings.flatMap((svg) => [...svg.querySelectorAll("text")]).map(size)),
  });
});
</script>"""


@dataclass
class Seen:
    """What a page did: its measures, its messages on the console, the requests it caused."""

    result: dict
    console: list[str]
    requests: list[str]


def look(page: Path, width: int) -> Seen:
    """Serves the page's folder on this machine and opens the page at this width in CSS pixels."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium here to look at the report with")
    requests: list[str] = []
    frame = FRAME % (width, page.name)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            if self.path != "/frame":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(frame.encode())
            return None

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=page.parent))
    with contextlib.closing(server.socket), tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            done = subprocess.run(
                [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--disable-background-networking", "--no-first-run", "--enable-logging=stderr", "--v=0",
                 f"--user-data-dir={profile}", "--virtual-time-budget=4000", "--window-size=1400,1000", "--dump-dom",
                 f"http://127.0.0.1:{server.server_port}/frame"],
                capture_output=True, text=True, timeout=120, check=True)
        finally:
            server.shutdown()
    result = re.search(r'<pre id="result">(.+?)</pre>', done.stdout)
    assert result, f"the page did not load:\n{done.stdout[:2000]}\n{done.stderr[-2000:]}"
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return Seen(json.loads(result[1].replace("&amp;", "&")), console, [path for path in requests if path != "/frame"])
