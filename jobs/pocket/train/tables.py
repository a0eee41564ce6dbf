"""Prints the tables of the model card from a report of evaluate.py."""
import argparse
import json
from pathlib import Path


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]) + "\n"


def two(value):
    return f"{value:.2f}"


def accuracy(report):
    kinds = list(report)
    names = [k for k in report[kinds[0]]]
    return table(["instruction"] + names, [[kind] + [two(report[kind][name]["accuracy"]) for name in names] for kind in kinds])


def price(report):
    rows = []
    for task in ("count", "sum"):
        direct, steps = report["clear, no steps"][task], report["clear, steps"][task]
        rows.append([task, two(direct["accuracy"]), direct["tokens"], two(steps["accuracy"]), steps["tokens"], f"{steps['tokens'] / direct['tokens']:.1f}"])
    return table(["task", "direct", "tokens", "with steps", "tokens", "times"], rows)


def shown(report):
    return table(["task"] + [f"{n} shown" for n in range(5)], [[task] + [two(values[str(n)]) for n in range(5)] for task, values in report.items()])


def slope(report):
    bounds = [f"{0.2 + 0.14 * k:.2f}–{0.34 + 0.14 * k:.2f}" for k in range(5)]
    rows = [[task, two(v["below"])] + [two(f) for f in v["fifths"]] + [two(v["above"]), two(v["distance to design"])] for task, v in report.items()]
    return table(["task", "< 0.20"] + bounds + ["≥ 0.90", "distance to design"], rows)


def proposals(report):
    def steps(values):
        return ", ".join(f"{int(k):+d}: {two(v)}" for k, v in values.items() if v >= 0.005)

    return table(["asked for", "tagged", "well-formed", "task kept", "distinct", "clarity step", "skip step"],
                 [[kind] + [two(v[k]) for k in ("tagged", "well-formed", "task kept", "distinct")] + [steps(v["grade step"]), steps(v["skip step"])]
                  for kind, v in report.items()])


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("report", type=Path)
    report = json.loads(a.parse_args().report.read_text())
    for name, make in (("accuracy", accuracy), ("accuracy", price), ("demonstrations", shown), ("slope", slope), ("proposals", proposals)):
        if name in report:
            print(make(report[name]))


if __name__ == "__main__":
    main()
