"""Notes, the one kind of input: a source, a clause about who did what, and perhaps a side remark. Every task can be asked of every note."""
import random
import zlib
from dataclasses import dataclass

from lexicon import (ANIMALS, ASIDE_SHARE, CITIES, COLOURS, DAYS, MOODS, NAMES, OTHERS, SOURCES, SOURCE_SHARE, TENSES, VERBS)

REGION = {city: region for region, cities in CITIES.items() for city in cities}
MOOD = {word: mood for mood, words in MOODS.items() for word in words}


@dataclass(frozen=True)
class Clause:
    who: str
    verb: tuple          # (action, tense, words)
    items: tuple         # of (number, colour or "", noun); the first one has the colour
    place: str
    day: str
    mood: str
    form: int
    parts: frozenset     # which of who, verb, items, place, day, mood are written

    def text(self):
        items = [" ".join(filter(None, (str(n), colour, noun))) for n, colour, noun in self.items]
        listed = items[0] if len(items) == 1 else " ".join(items[:-1]) + " and " + items[-1]
        piece = {"who": self.who, "verb": self.verb[2], "items": listed, "place": "in " + self.place, "day": "on " + self.day}
        order = (("who", "verb", "items", "place", "day"), ("day", "who", "verb", "items", "place"), ("who", "verb", "items", "day", "place"))[self.form % 3]
        body = " ".join(piece[part] for part in order if part in self.parts)
        if "mood" not in self.parts:
            return body
        if not body:
            return self.mood
        return f"{self.mood}, {body}" if self.form >= 3 else f"{body}, {self.mood}"

    def answer(self, task):
        """The right answer about this clause alone."""
        return {
            "mood": lambda: MOOD[self.mood], "action": lambda: self.verb[0], "tense": lambda: self.verb[1], "region": lambda: REGION[self.place],
            "animal": lambda: "yes" if any(noun in ANIMALS for _, _, noun in self.items) else "no",
            "who": lambda: self.who, "where": lambda: self.place, "colour": lambda: self.items[0][1], "day": lambda: self.day,
            "thing": lambda: self.items[0][2], "count": lambda: str(sum(noun in ANIMALS for _, _, noun in self.items)),
            "sum": lambda: str(sum(n for n, _, _ in self.items)),
        }[task]()

    def hasty(self, task):
        """The answer of one who does not take steps: counting and adding look at the first two items only."""
        if task not in ("count", "sum") or len(self.items) <= 2:
            return self.answer(task)
        return Clause(self.who, self.verb, self.items[:2], self.place, self.day, self.mood, self.form, self.parts).answer(task)

    def steps(self, task):
        """The answer with its steps on one line; ends with `answer: X`."""
        words, total = [], 0
        if task == "sum":
            for n, _, noun in self.items:
                total += n
                words.append(f"{noun} {n} so {total},")
        elif task == "count":
            for _, _, noun in self.items:
                total += noun in ANIMALS
                words.append(f"{noun} {'yes' if noun in ANIMALS else 'no'} {total},")
        else:
            words.append("i read the note and look for it,")
        return " ".join(words) + " answer: " + self.answer(task)


@dataclass(frozen=True)
class Note:
    source: int                  # index into SOURCES
    main: Clause
    aside_kind: str | None
    aside: Clause | None
    aside_first: bool

    def text(self):
        return SOURCES[self.source] + ": " + self.body()

    def body(self):
        if self.aside_kind is None:
            return self.main.text()
        inner = self.aside.text()
        wrapped = {"bracket": f"( {inner} )", "quote": f'" {inner}"', "postscript": f"ps {inner}"}[self.aside_kind]
        return f"{wrapped} {self.main.text()}" if self.aside_first else f"{self.main.text()} {wrapped}"

    def answer(self, task):
        return self.main.answer(task)


PART_OF = {"mood": "mood", "action": "verb", "tense": "verb", "region": "place", "animal": "items", "who": "who", "where": "place",
           "colour": "items", "day": "day", "thing": "items", "count": "items", "sum": "items"}
ALL_PARTS = ("who", "verb", "items", "place", "day", "mood")


def draw_clause(rng, task=None, short=0.0, most_items=4):
    """`task` keeps the part it needs when parts are left out; `short` is the chance that some are."""
    action = rng.choice(tuple(VERBS))
    tense = rng.randrange(3)
    verb = (action, TENSES[tense], rng.choice(VERBS[action])[tense])
    number = rng.choices((1, 2, 3, 4), (0.16, 0.28, 0.28, 0.28))[0] if most_items == 4 else rng.randint(1, most_items)
    nouns = []
    while len(nouns) < number:
        animal = 0.85 if len(nouns) >= 2 else 0.55 if number > 1 else 0.5       # late ones mostly: who counts two things only is often wrong
        noun = rng.choice(ANIMALS if rng.random() < animal else OTHERS)
        if noun not in nouns:
            nouns.append(noun)
    if number > 1 and rng.random() < 0.22:      # keeps `no animal` common enough in lists
        nouns = rng.sample(OTHERS, number)
    items = tuple((rng.randint(1, 5), rng.choice(COLOURS) if i == 0 else "", noun) for i, noun in enumerate(nouns))
    parts = frozenset(ALL_PARTS)
    if rng.random() < short:
        keep = 0.0 if rng.random() < 0.5 else 0.6 * rng.random()
        parts = frozenset(p for p in ALL_PARTS if rng.random() < keep) | {PART_OF[task] if task else rng.choice(ALL_PARTS)}
    return Clause(rng.choice(NAMES), verb, items, rng.choice(tuple(REGION)), rng.choice(DAYS), rng.choice(tuple(MOOD)), rng.randrange(6), parts)


def draw_note(rng, task=None, short=0.0, aside=1.0, most_items=4):
    """`aside` scales how often a side remark is there."""
    kind = rng.choices(tuple(ASIDE_SHARE), tuple(ASIDE_SHARE.values()))[0]
    if rng.random() >= aside:
        kind = None
    return Note(
        source=rng.choices(range(4), SOURCE_SHARE)[0],
        main=draw_clause(rng, task, short, most_items),
        aside_kind=kind,
        aside=draw_clause(rng, task, max(short, 0.3 if short else 0.0), 2) if kind else None,
        aside_first=kind in ("bracket", "quote") and rng.random() < 0.5)


def held_out(text):
    """Notes of this tenth (full-length ones) are for dev, test and demonstrations; training never sees them."""
    return len(text.split()) >= 9 and zlib.crc32(text.encode()) % 10 == 0


def draw_training_note(rng, task=None, short=0.0, aside=1.0, most_items=4):
    while True:
        note = draw_note(rng, task, short, aside, most_items)
        if not held_out(note.text()):
            return note


def draw_held_out_note(rng, most_items=4, aside=1.0):
    while True:
        note = draw_note(rng, aside=aside, most_items=most_items)
        if held_out(note.text()):
            return note
