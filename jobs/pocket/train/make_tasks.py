"""Writes the task files, the first populations and the meta-prompt templates of the jobs. Notes come from the tenth that training never sees."""
import argparse
import json
import random
from pathlib import Path

import documents
from instructions import draw
from lexicon import STEPWISE, TASKS
from notes import draw_held_out_note

HERE = Path(__file__).resolve().parent.parent
SPLITS = {"dev": 200, "test": 500, "demonstrations": 200}


def split_notes(seed=11):
    """The notes of each split; no note is in two. Every task asks about the same notes. Demonstrations are the shorter kind."""
    rng, used, found = random.Random(seed), set(), {}
    for split, count in SPLITS.items():
        notes = []
        while len(notes) < count:
            note = draw_held_out_note(rng, most_items=2, aside=0.5) if split == "demonstrations" else draw_held_out_note(rng)
            if note.text() not in used:
                used.add(note.text())
                notes.append(note)
        found[split] = notes
    return found


def first_population(task, count=10, seed=12):
    """Weak instructions, some held out of training: they hint at the task, skip nothing and ask for no steps."""
    rng, texts = random.Random(f"{seed}{task}"), []
    while len(texts) < count:
        text = draw(rng, task, grades=(0.7, 0.3, 0, 0), costs=(0.6, 0.3, 0.1), skip=0, steps=0, held_out=rng.random() < 0.2).text()
        if text not in texts:
            texts.append(text)
    return texts


def main():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--out", type=Path, default=HERE)
    out = a.parse_args().out
    (out / "tasks").mkdir(parents=True, exist_ok=True)
    (out / "meta").mkdir(parents=True, exist_ok=True)
    for split, notes in split_notes().items():
        for task in TASKS:
            lines = [json.dumps({"input": n.text(), "output": n.answer(task)}) for n in notes]
            (out / "tasks" / f"{task}.{split}.jsonl").write_text("\n".join(lines) + "\n")
    for task in TASKS:
        (out / "tasks" / f"{task}.initial.txt").write_text("\n".join(first_population(task)) + "\n")
    for name, text in documents.META_PROMPTS.items():
        (out / "meta" / f"{name}.txt").write_text(text + "\n")


if __name__ == "__main__":
    main()
