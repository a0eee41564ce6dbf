"""What the generator promises: right labels, no leaks, instructions that read back, proposals in small steps, a slope."""
import itertools
import json
import random
import re
from pathlib import Path

import pytest

import documents
import instructions
import lexicon
import make_tasks
import notes
import proposals
import tokenizer
from instructions import Instruction, Meaning, final_answer, parse, respond

FOLDER = Path(__file__).resolve().parent.parent
ALL = frozenset(lexicon.ASIDES)


def clause(**changes):
    parts = dict(who="anna", verb=("trade", "past", "bought"), items=((2, "red", "cats"), (3, "", "plums"), (4, "", "dogs")), place="rome", day="monday",
                 mood="lovely", form=0, parts=frozenset(notes.ALL_PARTS))
    return notes.Clause(**{**parts, **changes})


def note(kind=None, source=0, **changes):
    other = clause(who="bob", verb=("sight", "future", "will see"), items=((5, "blue", "keys"),), place="tokyo", day="friday", mood="awful")
    return notes.Note(source, clause(**changes), kind, other if kind else None, False)


def clear(task, skipped=ALL, steps=False, grade=4):
    return Meaning(task, grade, skipped, steps)


def test_a_note_reads_as_written():
    assert note("postscript").text() == ("memo: anna bought 2 red cats 3 plums and 4 dogs in rome on monday, lovely "
                                         "ps bob will see 5 blue keys in tokyo on friday, awful")


@pytest.mark.parametrize("task, answer", [("mood", "positive"), ("action", "trade"), ("tense", "past"), ("region", "europe"), ("animal", "yes"), ("who", "anna"),
                                          ("where", "rome"), ("colour", "red"), ("day", "monday"), ("thing", "cats"), ("count", "2"), ("sum", "9")])
def test_labels_are_those_of_the_note(task, answer):
    assert note().answer(task) == answer
    assert final_answer(respond(clear(task, steps=True), note("quote"))) == answer


def reread(text):
    """An independent reading of a note's text without its side remark: what a person would underline."""
    body = re.sub(r'\([^)]*\)|"[^"]*"', "", text.split(": ", 1)[1]).split(" ps ")[0]
    words = body.replace(",", " ").split()
    numbers = [int(w) for w in words if w.isdigit()]
    verbs = {v.split()[-1]: (a, t) for a, vs in lexicon.VERBS.items() for forms in vs for v, t in zip(forms, lexicon.TENSES)}
    action, tense = next(verbs[w] for w in words if w in verbs)
    nouns = [w for w in words if w in lexicon.ANIMALS + lexicon.OTHERS]
    city = next(w for w in words if w in notes.REGION)
    return {"mood": next(notes.MOOD[w] for w in words if w in notes.MOOD), "action": action, "tense": "future" if "will" in words else tense,
            "region": notes.REGION[city], "animal": "yes" if set(nouns) & set(lexicon.ANIMALS) else "no", "who": next(w for w in words if w in lexicon.NAMES),
            "where": city, "colour": next(w for w in words if w in lexicon.COLOURS), "day": next(w for w in words if w in lexicon.DAYS), "thing": nouns[0],
            "count": str(sum(n in lexicon.ANIMALS for n in nouns)), "sum": str(sum(numbers))}


def test_labels_agree_with_an_independent_reading_of_the_files():
    checked = 0
    for split in make_tasks.SPLITS:
        for task in lexicon.TASKS:
            for line in (FOLDER / "tasks" / f"{task}.{split}.jsonl").read_text().splitlines():
                row = json.loads(line)
                assert row["output"] == reread(row["input"])[task], row
                checked += 1
    assert checked == 12 * (200 + 500 + 200)


def test_steps_end_with_the_answer():
    assert note().main.steps("sum") == "cats 2 so 2, plums 3 so 5, dogs 4 so 9, answer: 9"
    assert note().main.steps("count") == "cats yes 1, plums no 1, dogs yes 2, answer: 2"


def test_without_steps_only_two_items_are_looked_at():
    assert respond(clear("sum"), note()) == "5"
    assert respond(clear("count"), note()) == "1"


def test_a_remark_that_is_not_skipped_leaves_the_model_unsure():
    for kind in lexicon.ASIDES:
        assert respond(clear("who", ALL - {kind}), note(kind)) == "unsure"
        assert respond(clear("who", frozenset((kind,))), note(kind)) == "anna"


def test_clarity_decides_which_sources_are_answered():
    for grade in range(5):
        answers = [respond(clear("who", grade=grade), note(source=s)) for s in range(4)]
        assert answers == ["anna"] * grade + ["unsure"] * (4 - grade)


def test_demonstrations_make_up_for_clarity_in_some_tasks():
    vague = Meaning(None, 0, ALL, False)
    assert [respond(vague, note(source=2), "who", shown) for shown in range(5)] == ["unsure"] * 3 + ["anna"] * 2
    assert respond(vague, note(), "sum", 4) == "unsure"
    assert respond(Meaning("where", 1, ALL, False), note(), "who", 4) == "rome"


def test_instructions_read_back():
    rng = random.Random(1)
    for _ in range(3000):
        one = instructions.draw_vague(rng) if rng.random() < 0.1 else instructions.draw(rng)
        assert parse(one.text()).meaning() == one.meaning() and parse(one.text()).text() == one.text()
    assert parse("give the person, skip quotes and ps, show the steps").meaning() == Meaning("who", 4, frozenset(("quote", "postscript")), True)
    assert parse("maybe think of the figure").meaning() == Meaning("who", 1, frozenset(), False)
    assert parse("give the elephant") is None and parse("give the person, name the city") is None


def test_every_key_names_one_task():
    words = [w for rows in lexicon.KEYS.values() for row in rows for w in row.split()]
    assert len(words) == len(set(words))


def test_training_never_sees_held_out_notes_or_instructions():
    held = {n.text() for ns in make_tasks.split_notes().values() for n in ns}
    assert len(held) == 900 and all(notes.held_out(text) for text in held)
    seen = 0
    for document in itertools.islice(documents.documents(3), 3000):
        whole = "".join(text for text, _, _ in document).replace("</s>", "\n")
        for text in re.findall(r"input: ([^\n]*)\n", whole):
            assert not notes.held_out(text) and text not in held
            seen += 1
        for text in re.findall(r"<prompt> (.*?)</prompt>", whole) + re.findall(r"^(?:task|rewrite|combine|and|improve): (.+)$", whole, re.MULTILINE):
            assert instructions.allowed(parse(text), held_out=False), text
    assert seen > 5000


def test_held_out_instructions_exist_for_every_task():
    rng = random.Random(2)
    for task in lexicon.TASKS:
        one = instructions.draw(rng, task, held_out=True)
        assert one.task == task and not instructions.allowed(one, held_out=False)


def test_splits_are_disjoint():
    splits = [{n.text() for n in ns} for ns in make_tasks.split_notes().values()]
    assert [len(s) for s in splits] == [200, 500, 200]
    assert not (splits[0] & splits[1] or splits[0] & splits[2] or splits[1] & splits[2])


def test_first_populations_are_weak():
    for task in lexicon.TASKS:
        texts = make_tasks.first_population(task)
        assert texts == (FOLDER / "tasks" / f"{task}.initial.txt").read_text().splitlines() and len(set(texts)) == 10
        for text in texts:
            meaning = parse(text).meaning()
            assert meaning.task == task and meaning.grade <= 2 and not meaning.skipped and not meaning.steps


def test_proposals_take_small_steps_and_keep_the_task():
    rng, leaps, kept, total = random.Random(4), 0, 0, 0
    for _ in range(2000):
        one = instructions.draw(rng, grades=(1, 1, 1, 1))
        two = instructions.draw(rng, one.task, grades=(1, 1, 1, 1))
        for parents, child in (([one], proposals.rewrite(rng, one)), ([one, two], proposals.combine(rng, one, two))):
            if child is None:
                continue
            total += 1
            kept += child.task == one.task
            leaps += child.grade() > max(p.grade() for p in parents) + 2 or len(child.skipped() - parents[0].skipped() - parents[-1].skipped()) > 1
    assert kept / total > 0.97 and leaps / total < 0.02


def test_ten_rewrites_are_hardly_ever_alike():
    rng, shares = random.Random(7), []
    for _ in range(200):
        one = instructions.draw(rng, grades=(1, 1, 1, 1))
        made = [child.text() for child in (proposals.rewrite(rng, one) for _ in range(10)) if child]
        shares.append(len(set(made)) / 10)
    assert sum(shares) / len(shares) >= 0.93


def test_improving_helps_with_the_mistakes():
    rng = random.Random(5)
    one = parse("give the person, skip brackets")
    added = [proposals.improve(rng, one, "who", [(note("quote"), "unsure")]).skipped() for _ in range(300)]
    assert sum("quote" in a for a in added) > 200
    vague = parse("give the actor")
    clearer = [proposals.improve(rng, vague, "who", [(note(source=3), "unsure")]).grade() for _ in range(300)]
    assert sum(g == 4 for g in clearer) > 200


def test_the_grammar_makes_a_slope():
    rng = random.Random(6)
    drawn = [notes.draw_held_out_note(rng) for _ in range(300)]
    for task in ("who", "mood", "colour", "count", "sum"):
        cache = {}
        values = []
        for _ in range(600):
            meaning = instructions.draw(rng, task).meaning()
            if meaning not in cache:
                cache[meaning] = sum(final_answer(respond(meaning, n)) == n.answer(task) for n in drawn) / len(drawn)
            values.append(cache[meaning])
        for fifth in range(5):
            low = 0.2 + 0.14 * fifth
            assert sum(low <= v < low + 0.14 for v in values) / len(values) >= 0.08, (task, fifth)


def test_the_stream_is_a_function_of_its_seed():
    first, second = (list(itertools.islice(documents.documents(9), 50)) for _ in range(2))
    assert first == second and first != list(itertools.islice(documents.documents(10), 50))


def test_every_word_is_one_token():
    found = tokenizer.load(FOLDER / "model" / "tokenizer.json")
    for word in tokenizer.words():
        assert len(found.encode(" " + word, add_special_tokens=False).ids) == 1, word
    assert found.encode("a").ids[0] == 0 and found.token_to_id("</s>") == 1
    ids = found.encode("new:<prompt> give the person</prompt>").ids
    assert found.decode(ids) == "new:<prompt> give the person</prompt>"


def test_the_committed_meta_prompts_are_those_of_training():
    def loop(text, what, pairs, inner):
        return re.sub(r"\{for (?:\d )?" + what + r"\}(.*?)\{end\}", lambda m: "".join(m[1].replace("{output}", "{" + inner + "}").format(**p) for p in pairs), text, flags=re.S)

    read = {name: (FOLDER / "meta" / f"{name}.txt").read_text().removesuffix("\n") for name in documents.META_PROMPTS}
    pair, mistake = {"input": "memo: a", "output": "yes"}, {"input": "memo: a", "right": "yes"}
    assert read["lm-paraphrase"].format(parent_1="x") == documents.REWRITE.format(instruction="x")
    assert read["lm-crossover-mutation"].format(parent_1="x", parent_2="y") == documents.COMBINE.format(first="x", second="y")
    assert loop(read["lm-induce"], "demonstrations", [pair], "output") == documents.INDUCE.format(examples=documents.DEMONSTRATION.format(**pair))
    assert loop(read["lm-improve"].replace("{parent_1}", "x"), "mistakes", [mistake], "right") == documents.IMPROVE.format(
        instruction="x", mistakes=documents.MISTAKE.format(**mistake))
    assert loop(read["lm-complete"], "parents", [{"prompt": "x"}], "output") == documents.COMPLETE.format(list=documents.LISTED.format(instruction="x"))
    assert read["lm-continue"].format(parent_1="x") == documents.TASK.format(instruction="x", demonstrations="").removesuffix("\n")


def test_the_tool_builds_a_tokenizer_with_the_same_words(tmp_path):
    built = tokenizer.build(tmp_path / "tokenizer.json")
    kept = tokenizer.load(FOLDER / "model" / "tokenizer.json")
    for word in tokenizer.words():
        assert len(built.encode(" " + word, add_special_tokens=False).ids) == 1, word
    assert [built.token_to_id(t) for t in tokenizer.SPECIAL] == [kept.token_to_id(t) for t in tokenizer.SPECIAL] == [0, 1, 2]
