"""Measures a model: instructions of every kind on held-out notes, the slope, the price of steps, demonstrations, and proposals. Prints JSON."""
import argparse
import json
import random
import subprocess
from pathlib import Path

import torch

import documents
import model as pocket
import tokenizer as pocket_tokenizer
from instructions import Instruction, draw, draw_vague, final_answer, parse, respond
from lexicon import SHOWN_BY_EXAMPLES, STEPWISE, TASKS
from make_tasks import split_notes

CLEAR = (0, 0, 0, 1)
HERE = Path(__file__).resolve().parent


class TorchEngine:
    """A checkpoint of training, with the weights rounded as the exported file has them."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer

    def generate(self, prompts, most, temperature=0.0, seed=0, batch=250):
        """Texts and numbers of generated tokens (without the end token), in the order of the prompts."""
        ids = [self.tokenizer.encode(p).ids for p in prompts]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        texts, lengths = [""] * len(ids), [0] * len(ids)
        for start in range(0, len(order), batch):
            part = order[start:start + batch]
            for i, out in zip(part, pocket.generate(self.model, [ids[i] for i in part], most, 1, temperature, seed + start)):
                texts[i], lengths[i] = self.tokenizer.decode(out, skip_special_tokens=False), len(out)
        return texts, lengths


class EvokeEngine:
    """The exported model as Evoke runs it: `evoke generate`."""

    def __init__(self, program, folder, threads):
        self.command = [str(program), "generate", "--model", str(folder), "--dtype", "float32", "--threads", str(threads)]

    def generate(self, prompts, most, temperature=0.0, seed=0):
        lines = [json.dumps({"id": str(i), "prompt": p, "max_tokens": most, "temperature": temperature, "seed": seed * 1000003 + i}) for i, p in enumerate(prompts)]
        done = subprocess.run(self.command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        rows = {row["id"]: row for row in map(json.loads, done.stdout.splitlines())}
        return [rows[str(i)]["text"] for i in range(len(prompts))], [len(rows[str(i)]["tokens"]) for i in range(len(prompts))]


class Measure:
    def __init__(self, engine, notes, shown, seed=21):
        self.engine, self.notes, self.shown, self.rng = engine, notes, shown, random.Random(seed)

    def generate(self, prompts, most, temperature=0.0, seed=0):
        return self.engine.generate(prompts, most, temperature, seed)

    def prompt(self, text, note, demonstrations=()):
        shown = "".join(documents.DEMONSTRATION.format(input=n.text(), output=o) for n, o in demonstrations)
        return documents.TASK.format(instruction=text, demonstrations=shown) + documents.QUESTION.format(input=note.text())

    def score(self, task, texts, count, demonstrations=0, meanings=None):
        """For each instruction text: accuracy on `count` notes, mean generated tokens, agreement with what training asked for."""
        prompts, gold, designed = [], [], []
        for text in texts:
            shown = [(n, n.answer(task)) for n in self.rng.sample(self.shown, demonstrations)]
            meaning = (parse(text) or Instruction(None, "")).meaning()
            for note in self.rng.sample(self.notes, count):
                prompts.append(self.prompt(text, note, shown))
                gold.append(note.answer(task))
                designed.append(final_answer(respond(meaning, note, task, demonstrations)))
        outputs, lengths = self.generate(prompts, 32)
        answers = [final_answer(o) for o in outputs]
        rows = []
        for i in range(0, len(prompts), count):
            part = range(i, i + count)
            rows.append({"accuracy": sum(answers[j] == gold[j] for j in part) / count, "tokens": sum(lengths[j] for j in part) / count,
                         "designed": sum(designed[j] == gold[j] for j in part) / count, "agree": sum(designed[j] == answers[j] for j in part) / count})
        return rows


def mean(values):
    values = list(values)
    return round(sum(values) / max(1, len(values)), 3)


def accuracies(m, instructions=10, count=50):
    kinds = {
        "clear, held out": lambda t, r: draw(r, t, CLEAR, (1, 0, 0), 1, 1.0 if t in STEPWISE else 0.0, held_out=True),
        "clear, trained": lambda t, r: draw(r, t, CLEAR, (1, 0, 0), 1, 1.0 if t in STEPWISE else 0.0),
        "clear, no steps": lambda t, r: draw(r, t, CLEAR, (1, 0, 0), 1, 0.0, held_out=True),
        "clear, steps": lambda t, r: draw(r, t, CLEAR, (1, 0, 0), 1, 1.0, held_out=True),
        "clear, skips nothing": lambda t, r: draw(r, t, CLEAR, (1, 0, 0), 0, 1.0 if t in STEPWISE else 0.0, held_out=True),
        "grade 3": lambda t, r: draw(r, t, (0, 0, 1, 0), (1, 0, 0), 1, 1.0 if t in STEPWISE else 0.0, held_out=True),
        "grade 2": lambda t, r: draw(r, t, (0, 1, 0, 0), (1, 0, 0), 1, 1.0 if t in STEPWISE else 0.0, held_out=True),
        "grade 1": lambda t, r: draw(r, t, (1, 0, 0, 0), (1, 0, 0), 1, 1.0 if t in STEPWISE else 0.0, held_out=True),
        "vague": lambda t, r: draw_vague(r),
    }
    table = {}
    for kind, make in kinds.items():
        table[kind] = {}
        for task in TASKS:
            rows = m.score(task, [make(task, m.rng).text() for _ in range(instructions)], count)
            table[kind][task] = {k: mean(r[k] for r in rows) for k in rows[0]}
        table[kind]["mean"] = {k: mean(table[kind][t][k] for t in TASKS) for k in ("accuracy", "tokens", "designed", "agree")}
    return table


def demonstrations(m, instructions=8, count=40):
    """Vague instructions that skip all remarks, with 0 to 4 demonstrations."""
    return {task: {shown: mean(r["accuracy"] for r in m.score(task, [draw_vague(m.rng, skip=1).text() for _ in range(instructions)], count, shown))
                   for shown in range(5)} for task in TASKS}


def slope(m, tasks, instructions=200, count=60):
    """Share of instructions drawn from the grammar in each fifth of accuracy 0.2 to 0.9."""
    found = {}
    for task in tasks:
        rows = m.score(task, [draw(m.rng, task, held_out=m.rng.random() < 0.2).text() for _ in range(instructions)], count)
        values = [r["accuracy"] for r in rows]
        found[task] = {"fifths": [mean(0.2 + 0.14 * k <= v < 0.2 + 0.14 * (k + 1) for v in values) for k in range(5)],
                       "below": mean(v < 0.2 for v in values), "above": mean(v >= 0.9 for v in values),
                       "distance to design": mean(abs(r["accuracy"] - r["designed"]) for r in rows), "agree": mean(r["agree"] for r in rows)}
    return found


def proposals(m, temperature=0.8, parents=40, each=10):
    """Of proposals: well-formed (tags, one instruction of the grammar), tagged (tags and text only), task of a parent kept, distinct, steps on the ladder."""
    found = {}
    for kind in ("rewrite", "combine", "induce", "improve"):
        prompts, asked = [], []
        for _ in range(parents):
            task = m.rng.choice(TASKS)
            one = draw(m.rng, task, grades=(0.3, 0.3, 0.2, 0.2), held_out=m.rng.random() < 0.2)
            two = draw(m.rng, task, grades=(0.3, 0.3, 0.2, 0.2), held_out=m.rng.random() < 0.2)
            told = "".join(documents.DEMONSTRATION.format(input=n.text(), output=n.answer(task)) for n in m.rng.sample(m.shown, 3))
            mistakes = "".join(documents.MISTAKE.format(input=n.text(), right=n.answer(task))
                               for n, _ in documents.draw_mistakes(m.rng, one, task, 2, lambda: m.rng.choice(m.notes)))
            prompt = {"rewrite": documents.REWRITE.format(instruction=one.text()), "combine": documents.COMBINE.format(first=one.text(), second=two.text()),
                      "induce": documents.INDUCE.format(examples=told), "improve": documents.IMPROVE.format(instruction=one.text(), mistakes=mistakes)}[kind]
            prompts += [prompt] * each
            asked += [(one, two)] * each
        outputs, _ = m.generate(prompts, 48, temperature, seed=5)
        tagged = [o.strip().startswith("<prompt>") and o.strip().endswith("</prompt>") and len(o.split()) > 1 for o in outputs]
        parsed = [parse(o.strip()[len("<prompt>"):-len("</prompt>")].strip()) if ok else None for o, ok in zip(outputs, tagged)]
        grade = [p.grade() - one.grade() for p, (one, _) in zip(parsed, asked) if p and p.task == one.task]
        skip = [len(p.skipped()) - len(one.skipped()) for p, (one, _) in zip(parsed, asked) if p and p.task == one.task]
        found[kind] = {"tagged": mean(tagged), "well-formed": mean(p is not None for p in parsed),
                       "task kept": mean(p is not None and p.task == one.task for p, (one, _) in zip(parsed, asked)),
                       "distinct": mean(len(set(outputs[i:i + each])) / each for i in range(0, len(outputs), each)),
                       "grade step": {d: mean(g == d for g in grade) for d in range(-3, 4)}, "skip step": {d: mean(s == d for s in skip) for d in range(-3, 4)},
                       "examples": outputs[:3]}
    return found


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--checkpoint", type=Path, help="of training; measured with torch")
    a.add_argument("--tokenizer", type=Path, default=HERE.parent / "model" / "tokenizer.json")
    a.add_argument("--evoke", type=Path, help="the program: measures --model through Evoke's own engine")
    a.add_argument("--model", type=Path, default=HERE.parent / "model")
    a.add_argument("--quick", action="store_true")
    a.add_argument("--parts", default="accuracy,demonstrations,slope,proposals")
    a.add_argument("--threads", type=int, default=1)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    if o.evoke:
        engine = EvokeEngine(o.evoke, o.model, o.threads)
    elif o.checkpoint:
        engine = TorchEngine(pocket.stored(pocket.load(o.checkpoint)[0]), pocket_tokenizer.load(o.tokenizer))
    else:
        a.error("--checkpoint or --evoke is needed")
    notes = split_notes()
    m = Measure(engine, notes["test"], notes["demonstrations"])
    report, size = {}, (3, 20) if o.quick else (6, 40)
    if "accuracy" in o.parts:
        report["accuracy"] = accuracies(m, *size)
    if "demonstrations" in o.parts:
        report["demonstrations"] = demonstrations(m, *((2, 20) if o.quick else (4, 30)))
    if "slope" in o.parts:
        report["slope"] = slope(m, ("who", "count", "sum"), *((60, 25) if o.quick else (200, 50)))
    if "proposals" in o.parts:
        report["proposals"] = proposals(m, parents=10 if o.quick else 40)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
