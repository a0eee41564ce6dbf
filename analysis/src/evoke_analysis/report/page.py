"""The page: its sections in order, and everything they need inside it."""

import base64
import hashlib
from html import escape
from importlib.resources import files

from ..run import Run
from . import convergence, front, gain, headline, lineage, operators, prompts, provenance, utilisation

SECTIONS = (
    ("gain", "What was won", gain.build),
    ("prompts", "Best prompts", prompts.build),
    ("convergence", "Convergence", convergence.build),
    ("front", "Front", front.build),
    ("lineage", "Lineage", lineage.build),
    ("operators", "Operators", operators.build_rates),
    ("refusals", "Refused proposals", operators.build_refusals),
    ("utilisation", "Utilisation", utilisation.build),
    ("provenance", "Provenance", provenance.build),
)


def render(run: Run) -> str:
    """The whole report. Deterministic."""
    style, script = (files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("style.css", "copy.js"))
    links = "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title, _ in SECTIONS)
    body = "\n".join(build(run) for _, _, build in SECTIONS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_policy(script)}">
<title>{escape(run.name)} · Evoke report</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header>
{headline.build(run)}
<nav aria-label="Sections">{links}</nav>
</header>
<main>
{body}
</main>
<footer>Made by evoke-analysis from the files of the run alone. Intervals are 95 %.</footer>
<script>{script}</script>
</body>
</html>
"""


def _policy(script: str) -> str:
    """Nothing is fetched, and no script runs but the page's own: prompts are text that a model wrote."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
