"""How instructions are rewritten, combined, induced and improved: small steps along the ladder, never leaps."""
from dataclasses import replace

import lexicon
from instructions import (ASIDE_OF_WORD, Instruction, allowed, draw, draw_key, draw_skip, draw_skips, draw_vague)
from lexicon import ASIDES, KEY_GRADE, PATTERN_COST, PREFIXES, SHOWN_BY_EXAMPLES, SKIP_VERBS, STEPS, STEPWISE, SUFFIXES, patterns

# One rewrite does one of these.
REWRITE = {"clearer": 0.25, "vaguer": 0.13, "same core": 0.18, "add skip": 0.19, "drop skip": 0.07, "add steps": 0.09, "drop steps": 0.05, "surface": 0.04}


def _with_key(rng, one, grade):
    if one.task is None:
        return draw(rng, grades=(1, 0, 0, 0), costs=(0.5, 0.5, 0), skip=0, steps=0)
    keys = [k for k in lexicon.KEYS[one.task][4 - grade].split() if k != one.key]
    return replace(one, key=rng.choice(keys))


def _other_pattern(rng, one, cost):
    choice = [p for p in patterns(one.task, cost) if p != one.pattern]
    return replace(one, pattern=rng.choice(choice))


def _clearer(rng, one):
    if one.task is None:
        core = _with_key(rng, one, 1)
        return replace(core, skips=one.skips, steps=one.steps)
    cost, grade = PATTERN_COST[one.pattern], KEY_GRADE[one.key][1]
    if cost and (grade == 4 or rng.random() < 0.5):
        return _other_pattern(rng, one, cost - 1)
    return _with_key(rng, one, min(4, grade + 1))


def _vaguer(rng, one):
    if one.task is None:
        return replace(one, pattern=rng.choice(lexicon.VAGUE))
    cost, grade = PATTERN_COST[one.pattern], KEY_GRADE[one.key][1]
    if grade > 1 and (cost == 2 or rng.random() < 0.6):
        return _with_key(rng, one, grade - 1)
    return _other_pattern(rng, one, min(2, cost + 1))


def _same_core(rng, one):
    if one.task is None:
        return replace(one, pattern=rng.choice(lexicon.VAGUE))
    if rng.random() < 0.5:
        one = _with_key(rng, one, KEY_GRADE[one.key][1])
    return _other_pattern(rng, one, PATTERN_COST[one.pattern])


def _add_skip(rng, one, aside=None):
    missing = [a for a in ASIDES if a not in one.skipped()]
    if not missing:
        return _same_core(rng, one)
    aside = aside if aside in missing else rng.choice(missing)
    word = rng.choice(lexicon.ASIDE_WORDS[aside])
    if one.skips and rng.random() < 0.6:
        verb, words = one.skips[-1]
        return replace(one, skips=one.skips[:-1] + ((verb, words + (word,)),))
    return replace(one, skips=one.skips + ((rng.choice(SKIP_VERBS), (word,)),))


def _drop_skip(rng, one):
    if not one.skips:
        return _same_core(rng, one)
    gone = rng.choice(sorted(one.skipped()))
    kept = tuple((verb, tuple(w for w in words if ASIDE_OF_WORD[w] != gone)) for verb, words in one.skips)
    return replace(one, skips=tuple(s for s in kept if s[1]))


def _surface(rng, one):
    kind = rng.randrange(4)
    if kind == 0 and one.task:
        return replace(one, prefix="" if one.prefix else rng.choice(PREFIXES))
    if kind == 1 and one.task:
        return replace(one, suffix="" if one.suffix else rng.choice(SUFFIXES))
    if kind == 2 and one.skips:
        return replace(one, skips=draw_skips(rng, sorted(one.skipped())))
    if one.skips or one.steps:
        return replace(one, core_last=not one.core_last)
    return _same_core(rng, one)


def mutate(rng, one, weights=REWRITE):
    kind = rng.choices(tuple(weights), tuple(weights.values()))[0]
    if kind == "clearer":
        return _clearer(rng, one)
    if kind == "vaguer":
        return _vaguer(rng, one)
    if kind == "add skip":
        return _add_skip(rng, one)
    if kind == "drop skip":
        return _drop_skip(rng, one)
    if kind == "add steps":
        return replace(one, steps=rng.choice([s for s in STEPS if s != one.steps]))
    if kind == "drop steps":
        return replace(one, steps="") if one.steps else _same_core(rng, one)
    return _same_core(rng, one) if kind == "same core" else _surface(rng, one)


def _until_allowed(make, tries=40):
    """A proposal that training may see; a few cores have nothing but held-out neighbours, then None."""
    for _ in range(tries):
        found = make()
        if allowed(found, held_out=False):
            return found
    return None


def _other_words(rng, one):
    """The same meaning; without this, ten proposals for one parent would hardly be ten."""
    one = _same_core(rng, one) if rng.random() < 0.85 else one
    return _surface(rng, one) if rng.random() < 0.4 else one


def rewrite(rng, one):
    def make():
        new = mutate(rng, one)
        if rng.random() < 0.8:
            new = _other_words(rng, new)
        return new if new.text() != one.text() else _same_core(rng, new)
    return _until_allowed(make)


def combine(rng, one, two):
    """The core of one parent (or the pattern of one with the key of the other), skips and steps of both; half of the time one small step more."""
    def make():
        first, second = (one, two) if rng.random() < 0.5 else (two, one)
        if first.task is None and second.task is not None and rng.random() < 0.8:
            first, second = second, first
        new = first
        if first.task == second.task and first.task is not None:
            if rng.random() < 0.4:
                new = replace(new, key=second.key)
        asides = [a for a in ASIDES if rng.random() < (0.97 if a in first.skipped() and a in second.skipped() else
                                                       0.7 if a in first.skipped() or a in second.skipped() else 0)]
        keep = [(verb, tuple(w for w in words if ASIDE_OF_WORD[w] in asides)) for verb, words in first.skips]
        keep = [s for s in keep if s[1]]
        more = [a for a in asides if a not in first.skipped()]
        if keep and more and rng.random() < 0.6:
            keep[-1] = (keep[-1][0], keep[-1][1] + tuple(rng.choice(lexicon.ASIDE_WORDS[a]) for a in more))
        elif more:
            keep.append(draw_skip(rng, more))
        wish = 0.95 if one.steps and two.steps else 0.5 if one.steps or two.steps else 0
        new = replace(new, skips=tuple(keep), steps=(first.steps or second.steps) if rng.random() < wish else "")
        if rng.random() < 0.6:
            new = mutate(rng, new)
        elif rng.random() < 0.6:
            new = _same_core(rng, new)
        return new
    return _until_allowed(make)


def induce(rng, task):
    """A first instruction from examples: right task, seldom clear, seldom more than the core."""
    return draw(rng, task, grades=(0.4, 0.35, 0.15, 0.1), costs=(0.6, 0.28, 0.12), skip=0.06, steps=0.05)


def improve(rng, one, task, mistakes):
    """`mistakes`: (note, wrong answer). One step that would help with them."""
    def make():
        if one.task != task:
            new = draw(rng, task, grades=(0.5, 0.3, 0.15, 0.05), costs=(0.6, 0.3, 0.1), skip=0, steps=0)
            return replace(new, skips=one.skips, steps=one.steps)
        helps = []
        for note, wrong in mistakes:
            if note.source >= one.grade():
                helps.append("clearer")
            elif note.aside_kind and note.aside_kind not in one.skipped():
                helps.append(note.aside_kind)
            elif task in STEPWISE and not one.steps:
                helps.append("steps")
        if not helps or rng.random() < 0.12:
            return mutate(rng, one)
        what = rng.choice(helps)
        if what == "clearer":
            new = _clearer(rng, one)
        elif what == "steps":
            new = replace(one, steps=rng.choice(STEPS))
        else:
            new = _add_skip(rng, one, what)
        return _other_words(rng, new) if rng.random() < 0.9 else new
    return _until_allowed(make)
