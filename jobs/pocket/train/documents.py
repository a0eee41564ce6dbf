"""Training documents. A document is a list of pieces (text, loss weight, segment): segment 0 is shared, each other segment sees segment 0 and
itself only, so that several questions (or several proposals) share one instruction without showing one another anything."""
import random

import lexicon
from instructions import draw, draw_vague, final_answer, respond
from lexicon import SHOWN_BY_EXAMPLES, STEPWISE, TASKS, UNSURE
from notes import draw_training_note
from proposals import combine, improve, induce, rewrite

# The exact texts around instructions, notes and answers. The jobs use the same ones.
TASK = "task: {instruction}\n{demonstrations}"
QUESTION = "input: {input}\noutput:"
DEMONSTRATION = "input: {input}\noutput: {output}\n"
MISTAKE = "input: {input}\nright: {right}\n"
REWRITE = "rewrite: {instruction}\nnew:"
COMBINE = "combine: {first}\nand: {second}\nnew:"
INDUCE = "examples:\n{examples}new:"
IMPROVE = "improve: {instruction}\n{mistakes}new:"
COMPLETE = "{list}task:"
LISTED = "task: {instruction}\n"
EOS = "</s>"
ANSWER, STEP, END, PROPOSAL, INSTRUCTION_TEXT, NOTE_TEXT = 1.0, 0.75, 0.11, 0.12, 0.04, 0.015
MIX = {"task": 0.65, "vague": 0.03, "shown": 0.11, "rewrite": 0.07, "combine": 0.07, "induce": 0.02, "improve": 0.035,
       "complete": 0.015}

TASK_SHARE = [{"sum": 3.0, "count": 2.0}.get(task, 1.0) for task in TASKS]      # the harder ones more often


class Stage:
    """How hard the notes are at this point of training: short ones first, side remarks later."""

    def __init__(self, progress):
        self.short = max(0.15, 0.95 - 1.2 * progress)
        self.aside = min(1.0, 0.2 + 2.5 * progress)
        self.extreme = max(0.2, 0.9 - 1.0 * progress)

    def skip(self, rng):
        """Chance to skip each kind of remark: at first mostly all, so that notes and remarks are told apart before it matters what is skipped."""
        return 1.0 if rng.random() < self.extreme else 0.5


def _questions(rng, stage, meaning, count, shown_task=None, shown=0):
    pieces = []
    for segment in range(1, count + 1):
        task = meaning.task or shown_task
        while True:
            note = draw_training_note(rng, task, stage.short, stage.aside)
            answer = respond(meaning, note, shown_task, shown)
            if answer != UNSURE or rng.random() < 0.35:
                break
            if meaning.grade == 0 and not shown:
                break
        pieces += [(QUESTION.format(input=note.text()), NOTE_TEXT, segment),
                   (" " + answer, STEP if len(answer.split()) > 1 else ANSWER, segment), (EOS, END, segment)]
    return pieces


def task_document(rng, stage):
    one = draw(rng, rng.choices(TASKS, TASK_SHARE)[0], grades=(0.12, 0.18, 0.25, 0.45), skip=stage.skip(rng))
    return [(TASK.format(instruction=one.text(), demonstrations=""), INSTRUCTION_TEXT, 0)] + _questions(rng, stage, one.meaning(), 4)


def vague_document(rng, stage):
    one = draw_vague(rng)
    return [(TASK.format(instruction=one.text(), demonstrations=""), INSTRUCTION_TEXT, 0)] + _questions(rng, stage, one.meaning(), 2)


def _examples(rng, stage, task, count):
    notes = [draw_training_note(rng, task, max(stage.short, 0.2), 0.5 * stage.aside, rng.choice((2, 4))) for _ in range(count)]
    return "".join(DEMONSTRATION.format(input=n.text(), output=n.answer(task)) for n in notes)


def shown_document(rng, stage):
    task = rng.choice(TASKS) if rng.random() < 0.3 else rng.choice(sorted(SHOWN_BY_EXAMPLES))
    one = draw_vague(rng, skip=stage.skip(rng)) if rng.random() < 0.45 else draw(rng, task, grades=(0.4, 0.25, 0.2, 0.15), costs=(0.5, 0.25, 0.25),
                                                                                     skip=stage.skip(rng))
    count = rng.randint(1, 4)
    head = TASK.format(instruction=one.text(), demonstrations=_examples(rng, stage, task, count))
    return [(head, NOTE_TEXT, 0)] + _questions(rng, stage, one.meaning(), 3, task, count)


def _proposals(head, weight, results):
    return [(head, weight, 0)] + [(f"<prompt> {r.text()}</prompt>{EOS}", PROPOSAL, i + 1) for i, r in enumerate(results)]


def _parent(rng):
    """Any instruction a search may hold, the ones training never answers included: they too are to be rewritten."""
    return draw_vague(rng) if rng.random() < 0.06 else draw(rng, grades=(0.22, 0.24, 0.27, 0.27), costs=(0.6, 0.25, 0.15), skip=rng.random())


def rewrite_document(rng, stage):
    one = _parent(rng)
    return _proposals(REWRITE.format(instruction=one.text()), INSTRUCTION_TEXT, [r for r in (rewrite(rng, one) for _ in range(4)) if r])


def combine_document(rng, stage):
    one = _parent(rng)
    same = one.task and rng.random() < 0.85
    skip = rng.random()
    two = draw(rng, one.task, grades=(0.22, 0.24, 0.27, 0.27), costs=(0.6, 0.25, 0.15), skip=skip) if same else _parent(rng)
    return _proposals(COMBINE.format(first=one.text(), second=two.text()), INSTRUCTION_TEXT, [r for r in (combine(rng, one, two) for _ in range(4)) if r])


def induce_document(rng, stage):
    task = rng.choice(TASKS)
    head = INDUCE.format(examples=_examples(rng, stage, task, rng.randint(2, 4)))
    return _proposals(head, NOTE_TEXT, [induce(rng, task) for _ in range(4)])


def draw_mistakes(rng, one, task, count, draw_note):
    """(note, output) pairs that `one` gets wrong as an instruction for `task`; fewer than `count` when it is hardly ever wrong."""
    mistakes = []
    for _ in range(40 * count):
        note = draw_note()
        output = respond(one.meaning(), note)
        if final_answer(output) != note.answer(task):
            mistakes.append((note, output))
            if len(mistakes) == count:
                break
    return mistakes


def improve_document(rng, stage):
    one = _parent(rng)
    task = one.task if one.task and rng.random() < 0.9 else rng.choice(TASKS)
    mistakes = draw_mistakes(rng, one, task, rng.randint(1, 3), lambda: draw_training_note(rng, task, stage.short, stage.aside))
    told = "".join(MISTAKE.format(input=n.text(), right=n.answer(task)) for n, _ in mistakes)
    results = [improve(rng, one, task, [(n, final_answer(w)) for n, w in mistakes]) for _ in range(4)]
    return _proposals(IMPROVE.format(instruction=one.text(), mistakes=told), NOTE_TEXT, [r for r in results if r])


def complete_document(rng, stage):
    """Instructions for one task, one a line, and the next such line: a child of two of them."""
    task, skip = rng.choice(TASKS), rng.random()
    listed = [draw(rng, task, grades=(0.22, 0.24, 0.27, 0.27), costs=(0.6, 0.25, 0.15), skip=skip) for _ in range(rng.choice((2, 3, 3, 4)))]
    results = [r for r in (combine(rng, *rng.sample(listed, 2)) for _ in range(4)) if r]
    head = COMPLETE.format(list="".join(LISTED.format(instruction=one.text()) for one in listed))
    return [(head, INSTRUCTION_TEXT, 0)] + [(f" {r.text()}{EOS}", PROPOSAL, i + 1) for i, r in enumerate(results)]


MAKERS = {"task": task_document, "vague": vague_document, "shown": shown_document, "rewrite": rewrite_document, "combine": combine_document,
          "induce": induce_document, "improve": improve_document, "complete": complete_document}

# The same texts as files of meta-prompts, by the name of the operator that uses them.
META_PROMPTS = {
    "lm-crossover-mutation": "combine: {parent_1}\nand: {parent_2}\nnew:",
    "lm-paraphrase": "rewrite: {parent_1}\nnew:",
    "lm-induce": "examples:\n{for 3 demonstrations}input: {input}\noutput: {output}\n{end}new:",
    "lm-improve": "improve: {parent_1}\n{for 2 mistakes}input: {input}\nright: {output}\n{end}new:",
    "lm-complete": "{for parents}task: {prompt}\n{end}task:",
    "lm-continue": "task: {parent_1}",
}


def draw_document(rng, progress=1.0):
    kind = rng.choices(tuple(MIX), tuple(MIX.values()))[0]
    return MAKERS[kind](rng, Stage(progress))


def documents(seed, progress=lambda: 1.0):
    """An endless stream; `progress` says how far training is (0 to 1)."""
    rng = random.Random(seed)
    while True:
        yield draw_document(rng, progress())
