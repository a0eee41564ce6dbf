"""The command evoke-analysis."""

import argparse
import sys
from pathlib import Path

import pandas as pd

from . import __version__
from .errors import AnalysisError
from .run import Run, open_run


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 for wrong arguments, or 3 for a run that cannot be read or a file that cannot be written."""
    options = _parser().parse_args(arguments)
    try:
        run = open_run(options.run, skip_damaged=options.skip_damaged)
        for warning in run.warnings:
            print(f"evoke-analysis: {warning}", file=sys.stderr)
        for path in options.action(run, options):
            print(path)
    except (AnalysisError, OSError) as error:
        print(f"evoke-analysis: {error}", file=sys.stderr)
        return 3
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evoke-analysis", description="Reads the runs of Evoke.")
    parser.add_argument("--version", action="version", version=f"evoke-analysis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    report = commands.add_parser("report", help="one self-contained HTML file", description=(
        "Writes one HTML file about a run, finished or going on: what was won, the best prompts, how the search went."))
    report.add_argument("--output", type=Path, help="the file to write; default: RUN/report.html")
    report.set_defaults(action=_report)
    export = commands.add_parser("export", help="all frames as files", description=(
        "Writes each frame of docs/analysis.md as a CSV file; lists inside are written with spaces between."))
    export.add_argument("--format", choices=["csv"], default="csv")
    export.add_argument("--output", type=Path, help="the folder to write to; default: RUN/csv")
    export.set_defaults(action=_export)
    for command in (report, export):
        command.add_argument("run", metavar="RUN", type=Path, help="folder of a run, e.g. runs/sst2")
        command.add_argument("--skip-damaged", action="store_true",
                             help="leave out generation files that are damaged, with a warning")
    return parser


def _report(run: Run, options: argparse.Namespace) -> list[Path]:
    from .report import write_report  # matplotlib is slow to load, and only needed here

    return [write_report(run, options.output or run.path / "report.html")]


def _export(run: Run, options: argparse.Namespace) -> list[Path]:
    folder = options.output or run.path / options.format
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in run.frames.items():
        path = folder / f"{name}.csv"
        _flat(frame).to_csv(path, index=frame.index.name is not None)
        written.append(path)
    return written


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.map(lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else value)


if __name__ == "__main__":
    sys.exit(main())
