"""What made the numbers."""

from html import escape

from ..run import Run
from . import html
from .measures import count


def build(run: Run) -> str:
    first, last = run.generations[0], run.newest
    about = last.attributes
    facts = [
        ("Digest of the newest generation", about.get("digest", "")),
        ("Newest generation", f"{last.number}, {count(len(run.generations), 'file')} here"),
        ("Evoke", about.get("software_version", "")),
        ("File format", ".".join(map(str, last.format_version))),
        ("Written", f"{first.attributes.get('created', '')} to {about.get('created', '')}"),
        ("Hardware", about.get("hardware", "")),
        ("Ranks", about.get("ranks", "")),
        ("Slurm job", about.get("slurm_job", "")),
        ("Restarts", about.get("restarts", "") if about.get("restarts", "0") != "0" else ""),
        ("Algorithm, seed", f"{run.algorithm}, {run.seed}"),
    ]
    hosts = sorted(set(run.usage["host"])) if len(run.usage) else []
    facts.append(("Hosts", ", ".join(hosts)))
    identities = html.table(["SHA-256 of", "value"], sorted(last.identities.items())) if last.identities else ""
    return html.section(
        "provenance", "Provenance", html.definitions(facts),
        html.note("The digest is over the scientific content of this generation and of all before it: equal digests, "
                  "equal searches. “evoke verify” checks every file and prints the digest of the run."),
        html.details("What the search is identified by", identities) if identities else "",
        html.details("The job, as resolved", f"<pre>{escape(last.job.strip())}</pre>"))
