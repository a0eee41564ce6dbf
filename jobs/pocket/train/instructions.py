"""Instructions: a core that names the task more or less clearly, remarks to skip, and a wish for steps. Each one has a text and a meaning."""
import re
import zlib
from dataclasses import dataclass, replace

from lexicon import (ASIDES, ASIDE_WORDS, KEYS, KEY_GRADE, PATTERN_COST, PREFIXES, SHOWN_BY_EXAMPLES, SKIP_VERBS, STEPS, STEPWISE, SUFFIXES, TASKS,
                     UNSURE, VAGUE, patterns)

ASIDE_OF_WORD = {word: aside for aside, words in ASIDE_WORDS.items() for word in words}


@dataclass(frozen=True)
class Instruction:
    task: str | None             # None: vague
    pattern: str                 # with {} for the key, or a vague text
    key: str = ""
    prefix: str = ""
    suffix: str = ""
    skips: tuple = ()            # of (verb, words): each skips the asides its words name
    steps: str = ""
    core_last: bool = False

    def core(self):
        return " ".join(filter(None, (self.prefix, self.pattern.format(self.key), self.suffix)))

    def text(self):
        core = [self.core()] if self.core() else []
        rest = [f"{verb} {' and '.join(words)}" for verb, words in self.skips] + ([self.steps] if self.steps else [])
        return ", ".join(rest + core if self.core_last else core + rest)

    def grade(self):
        """0 (says no task) to 4 (clear)."""
        return max(0, KEY_GRADE[self.key][1] - PATTERN_COST[self.pattern]) if self.task else 0

    def skipped(self):
        return frozenset(ASIDE_OF_WORD[word] for _, words in self.skips for word in words)

    def meaning(self):
        return Meaning(self.task, self.grade(), self.skipped(), bool(self.steps))


@dataclass(frozen=True)
class Meaning:
    task: str | None
    grade: int
    skipped: frozenset
    steps: bool


def respond(meaning, note, shown_task=None, shown=0):
    """What the model is trained to answer, `shown` being the number of demonstrations of `shown_task` before the note."""
    task, grade = meaning.task, meaning.grade
    if shown and shown_task in SHOWN_BY_EXAMPLES and task in (None, shown_task):
        task, grade = shown_task, min(4, grade + shown)
    if task is None or note.source >= grade or (note.aside_kind and note.aside_kind not in meaning.skipped):
        return UNSURE
    return note.main.steps(task) if meaning.steps else note.main.hasty(task)


def final_answer(output):
    """What counts of an output: the last word."""
    words = output.split()
    return words[-1] if words else ""


def held_out_core(pattern, key):
    return bool(key) and zlib.crc32(f"{pattern}|{key}".encode()) % 6 == 0


def allowed(instruction, held_out):
    """Training never sees a sixth of the pattern and key combinations, nor a tenth of the full texts."""
    out = held_out_core(instruction.pattern, instruction.key) or (instruction.task and zlib.crc32(instruction.text().encode()) % 10 == 0)
    return bool(out) == held_out


def draw_key(rng, task, grade):
    return rng.choice(KEYS[task][4 - grade].split())


def draw_skip(rng, asides):
    return (rng.choice(SKIP_VERBS), tuple(rng.choice(ASIDE_WORDS[a]) for a in asides))


def draw_skips(rng, asides):
    """One phrase for all, or one for each."""
    asides = list(asides)
    rng.shuffle(asides)
    if not asides:
        return ()
    if rng.random() < 0.6:
        return (draw_skip(rng, asides),)
    return tuple(draw_skip(rng, [a]) for a in asides)


def draw(rng, task=None, grades=(0.12, 0.16, 0.30, 0.42), costs=(0.78, 0.16, 0.06), skip=0.7, steps=None, held_out=False):
    """`grades`: weights of key clarity 1..4; `costs`: of pattern cost 0..2; `skip`: chance to skip each kind of aside."""
    while True:
        chosen = task or rng.choice(TASKS)
        key = draw_key(rng, chosen, rng.choices((1, 2, 3, 4), grades)[0])
        wish = steps if steps is not None else (0.8 if chosen in STEPWISE else 0.12)
        found = Instruction(
            chosen, rng.choice(patterns(chosen, rng.choices((0, 1, 2), costs)[0])), key,
            rng.choice(PREFIXES) if rng.random() < 0.15 else "", rng.choice(SUFFIXES) if rng.random() < 0.2 else "",
            draw_skips(rng, [a for a in ASIDES if rng.random() < skip]), rng.choice(STEPS) if rng.random() < wish else "", rng.random() < 0.2)
        if allowed(found, held_out):
            return found


def draw_vague(rng, skip=0.25, steps=0.08):
    return Instruction(None, rng.choice(VAGUE), skips=draw_skips(rng, [a for a in ASIDES if rng.random() < skip]),
                       steps=rng.choice(STEPS) if rng.random() < steps else "", core_last=rng.random() < 0.2)


_CORES = [(re.compile("(?:(?P<prefix>" + "|".join(PREFIXES) + ") )?" + re.escape(p).replace(r"\{\}", r"(?P<key>\w+)")
                      + "(?: (?P<suffix>" + "|".join(SUFFIXES) + "))?"), p) for p in PATTERN_COST]
_SKIP = re.compile("(?P<verb>" + "|".join(SKIP_VERBS) + r") (?P<words>\w+(?: and \w+)*)")


def parse(text):
    """The instruction that a text is, or None when it lies outside the grammar. Of several cores the first one counts."""
    core, skips, steps, core_last = None, [], "", False
    for number, part in enumerate(text.strip().split(", ")):
        skip = _SKIP.fullmatch(part)
        if part in STEPS:
            steps = part
        elif skip and all(w in ASIDE_OF_WORD for w in skip["words"].split(" and ")):
            skips.append((skip["verb"], tuple(skip["words"].split(" and "))))
        else:
            found = None
            for expression, pattern in _CORES:
                match = expression.fullmatch(part)
                if match and match["key"] in KEY_GRADE:
                    found = Instruction(KEY_GRADE[match["key"]][0], pattern, match["key"], match["prefix"] or "", match["suffix"] or "")
            if found is None and part in VAGUE:
                found = Instruction(None, part)
            if found is None or core is not None:
                return None
            core, core_last = found, number > 0
    return replace(core or Instruction(None, ""), skips=tuple(skips), steps=steps, core_last=core_last)
