"""Small pieces of HTML. Everything that comes from a run is escaped here."""

import difflib
import re
from collections.abc import Iterable, Sequence
from html import escape


def section(name: str, title: str, *content: str) -> str:
    return (f'<section id="{name}" aria-labelledby="{name}-title">\n<h2 id="{name}-title">{escape(title)}</h2>\n'
            + "\n".join(part for part in content if part) + "\n</section>")


def paragraph(*sentences: str) -> str:
    """Of plain text: escaped."""
    return f"<p>{escape(' '.join(sentence for sentence in sentences if sentence))}</p>"


def note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def details(summary: str, content: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n{content}\n</details>"


def definitions(items: Iterable[tuple[str, str]]) -> str:
    def row(term: str, value: str) -> str:
        kind = ' class="long"' if len(value) > 80 or max(map(len, value.split()), default=0) > 40 else ""
        return f"<div{kind}><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>"

    rows = "".join(row(term, value) for term, value in items if value)
    return f'<dl class="facts">{rows}</dl>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int] = (), caption: str = "") -> str:
    """Cells are plain text; the first of a row names it. Columns in `numeric` stand to the right."""
    right = set(numeric)

    def cell(tag: str, column: int, text: str, scope: str = "") -> str:
        kind = ' class="number"' if column in right else ""
        return f"<{tag}{kind}{scope}>{escape(str(text))}</{tag}>"

    top = "".join(cell("th", i, text, ' scope="col"') for i, text in enumerate(head))
    body = "".join(
        "<tr>" + "".join(cell("th", 0, text, ' scope="row"') if i == 0 else cell("td", i, text)
                         for i, text in enumerate(row)) + "</tr>\n" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (f'<div class="scroll" tabindex="0"><table>{title}<thead><tr>{top}</tr></thead>'
            f"<tbody>\n{body}</tbody></table></div>")


def prompt(text: str, name: str) -> str:
    """A prompt with a button that copies it."""
    shown = escape(text) if text.strip() else '<span class="empty">(empty)</span>'
    return (f'<div class="prompt"><pre id="{name}" data-text="{escape(text)}">{shown}</pre>'
            f'<button type="button" class="copy" data-copy="{name}">Copy</button></div>')


def badge(text: str, kind: str = "") -> str:
    return f'<span class="badge {kind}">{escape(text)}</span>'


def difference(before: str, after: str) -> str:
    """`after`, with the words that are not in `before` marked, and those that were dropped struck out; `after` alone
    when little is common to both."""
    old, new = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (before, after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:
        return escape(after)
    parts = []
    for action, a, b, c, d in matcher.get_opcodes():
        if action == "equal":
            parts.append(escape("".join(new[c:d])))
            continue
        if a < b:
            parts.append(f"<del>{escape(''.join(old[a:b]))}</del>")
        if c < d:
            parts.append(f"<ins>{escape(''.join(new[c:d]))}</ins>")
    return "".join(parts)


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit - 1].rstrip() + "…"
