#!/usr/bin/env python3
"""Takes the picture of a report that the README shows: its top, and beside it the curves and the front.

    .venv/bin/python docs/images/report_picture.py runs/sst2/report.html docs/images/report.png
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 1200, 1540  # of a window, in pixels
MARGIN = 100  # left and right of the text, cut off
LARGEST_BYTES = 300_000


def window(report: Path, hidden: str, folder: Path) -> Image.Image:
    """What a browser window shows of the report without the elements that are hidden."""
    page, picture = folder / "page.html", folder / "picture.png"
    style = f"<style>{hidden} {{ display: none }}</style></head>"
    page.write_text(report.read_text(encoding="utf-8").replace("</head>", style, 1), encoding="utf-8")
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
                    f"--user-data-dir={folder / 'profile'}", f"--screenshot={picture}",
                    f"--window-size={WIDTH},{HEIGHT}", page.as_uri()], check=True, capture_output=True, timeout=120)
    return Image.open(picture).convert("RGB").crop((MARGIN, 0, WIDTH - MARGIN, HEIGHT))


def main(report: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = [window(report, hidden, Path(folder)) for hidden in ("nav", "header, #gain, #prompts")]
    sheet = Image.new("RGB", (sum(part.width for part in parts) + 2, HEIGHT), "#dfe3ea")
    sheet.paste(parts[0], (0, 0))
    sheet.paste(parts[1], (parts[0].width + 2, 0))
    smaller = sheet.resize((1600, round(HEIGHT * 1600 / sheet.width)), Image.Resampling.LANCZOS)
    smaller.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, optimize=True)
    size = target.stat().st_size
    print(f"{target}: {smaller.width} × {smaller.height}, {size} bytes")
    if size > LARGEST_BYTES:
        sys.exit(f"expected at most {LARGEST_BYTES} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
