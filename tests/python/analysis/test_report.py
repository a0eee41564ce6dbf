"""What the report says, read as text. How a browser takes it: test_browser.py."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from evoke_analysis import open_run
from evoke_analysis.report import render
from evoke_analysis.report.html import difference
from made_runs import infeasible_run, made_run, target_run, tiny_run, without_test
from synthetic import File, Person

SECTIONS = ["gain", "prompts", "convergence", "front", "lineage", "operators", "refusals", "utilisation", "provenance"]
RUNS = {"tiny": tiny_run, "target": target_run, "without_test": without_test, "infeasible": infeasible_run,
        "made": made_run, "kept": lambda folder: made_run(folder, generations=6, first_kept=5, ranks=20)}
VOID = {"meta", "link", "br", "path", "use", "rect", "image"}


class Page(HTMLParser):
    """Elements by tag, ids, text by section; complains about tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.ids, self.open, self.words = [], [], [], {}
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in VOID:
            self.open.append((tag, attributes.get("id")))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for tag, name in self.open:
            if tag in ("section", "header", "figure"):
                self.words[name or tag] = self.words.get(name or tag, "") + data + " "

    def text(self, part):
        return re.sub(r"\s+", " ", self.words[part])


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return {name: render(open_run(make(tmp_path_factory.mktemp(name)))) for name, make in RUNS.items()}


@pytest.fixture(scope="module")
def pages(texts):
    return {name: Page(text) for name, text in texts.items()}


@pytest.mark.parametrize("name", RUNS)
def test_all_sections_are_there_in_order_and_linked(pages, name):
    page = pages[name]
    assert [attributes["id"] for tag, attributes in page.elements if tag == "section"] == SECTIONS
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a" and "href" in attributes]
    assert links == [f"#{section}" for section in SECTIONS]
    for section in SECTIONS:
        assert len(page.text(section)) > 30


@pytest.mark.parametrize("name", RUNS)
def test_ids_are_unique_and_references_find_them(pages, name):
    page = pages[name]
    assert len(page.ids) == len(set(page.ids))
    wanted = {value[1:] for _, attributes in page.elements for key, value in attributes.items()
              if key in ("href", "xlink:href") and value.startswith("#")}
    wanted |= {match for _, attributes in page.elements for value in attributes.values()
               for match in re.findall(r"url\(#([^)]+)\)", value or "")}
    assert wanted <= set(page.ids)


@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_asked_of_the_network(pages, texts, name):
    for tag, attributes in pages[name].elements:
        for key in ("src", "href", "xlink:href", "action", "srcset", "data"):
            if key in attributes:
                assert attributes[key].startswith(("#", "data:")), (tag, attributes)
    style = texts[name].split("<style>")[1].split("</style>")[0]
    assert "@import" not in style
    assert "url(" not in style


@pytest.mark.parametrize("name", RUNS)
def test_no_number_is_missing_by_accident(pages, name):
    for part, text in pages[name].words.items():
        assert not re.search(r"\b(nan|NaN|None|<NA>|inf)\b", text), part


def test_the_headline_has_baseline_and_suggested_with_intervals(pages):
    text = pages["tiny"].text("header").replace("\xa0", " ")
    assert "answers 60.0 % [31.3, 83.2] of 10 test examples right" in text
    assert "the best prompt of the first population, 50.0 % [23.7, 76.3]" in text
    assert "It is 4 tokens long, against 6 tokens." in text
    assert "The prompt with the best dev accuracy reaches 90.0 % [59.6, 98.2] with 12 tokens." in text
    assert "these examples do not tell the two apart" in text
    assert "reviews/dev.txt" in text
    assert "small-model" in text


def test_a_real_gain_is_called_one(pages):
    assert "chance alone hardly explains this gain" in pages["made"].text("header")


def test_dev_numbers_are_never_sold_as_test(pages):
    text = pages["without_test"].text("header")
    assert "of 4 dev examples right" in text
    assert "no test was taken" in text
    assert "test accuracy" not in pages["without_test"].text("gain")


def test_a_stopped_search_says_so(pages):
    assert "stopped, and can be resumed, after generation 0 of 2" in pages["without_test"].text("header")
    assert "generation 0 of 2" not in pages["tiny"].text("header")


def test_missing_generations_are_named(pages):
    assert "those of generations 0–4 are not" in pages["kept"].text("header")


def test_a_target_search_speaks_of_losses(pages):
    text = pages["target"].text("header")
    assert "weighted loss 4.500 nats per token" in text
    assert "make the model continue with “learn programming is”" in text
    assert "accuracy" not in " ".join(pages["target"].words.values())


def test_every_figure_has_labelled_axes_with_units_and_a_sentence(pages):
    labels = {"gain-figure": ["accuracy (%)"],
              "convergence-figure": ["generation", "tokens asked of the models", "dev accuracy (%)"],
              "cost-figure": ["prompt length (tokens)", "generation"],
              "front-figure": ["prompt length (tokens)", "dev accuracy (%)", "generated text (tokens per example)"],
              "lineage-figure": ["generation of birth", "dev accuracy (%)"],
              "operators-figure": ["% of proposals", "% of children"],
              "refusals-figure": ["refused proposals (count)"],
              "utilisation-figure": ["time busy with the model (% of the wall time)"]}
    page = pages["made"]
    assert [attributes["id"] for tag, attributes in page.elements if tag == "figure"] == list(labels)
    for name, wanted in labels.items():
        for label in wanted:
            assert page.text(name).count(label) >= 2, f"{name}: {label} in the wide and the narrow drawing"
    drawings = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(drawings) == 2 * len(labels)
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in drawings)
    assert sum(tag == "figcaption" for tag, _ in page.elements) == len(labels)


def test_the_prompts_are_marked_and_copyable(pages):
    page = pages["tiny"]
    text = page.text("prompts")
    assert text.count("suggested balance") >= 1
    assert "baseline" in text
    prompts = {found["id"]: found["data-text"] for _, found in page.elements if "data-text" in found}
    assert prompts == {"prompt-5": "Good or bad?", "prompt-0": "Say how the review feels.",
                       "prompt-4": "Say whether the review feels good or bad to you.",
                       "prompt-3": "Say whether the review feels good.", "prompt-1": "Feeling?"}
    assert {attributes["data-copy"] for tag, attributes in page.elements if tag == "button"} == set(prompts)


def test_lineage_tells_operator_and_gain_of_each_ancestor(pages):
    text = pages["tiny"].text("lineage")
    assert "generation 1 · lm-crossover , with #1 · 75.0 % (+25.0 points) · #3" in text
    assert "generation 2 · edit-delete · 50.0 % (−25.0 points) · #5" in text


def test_refusals_are_counted_by_reason(pages):
    text = pages["tiny"].text("refusals")
    assert "3 proposals of 6 were refused (50 %)" in text
    assert "duplicate: this prompt had been evaluated in this run (1)" in text


def test_utilisation_names_lost_ranks(pages):
    text = pages["tiny"].text("utilisation")
    assert "busy 50 % of the time on average; the least busy, rank 1, 25 %" in text
    assert "Lost on the way: rank 1" in text


def test_provenance_has_versions_digest_and_job(pages):
    text = pages["tiny"].text("provenance")
    assert f"{2:064x}" in text
    assert "0.1.0" in text
    assert 'algorithm = "evoprompt-ga"' in text


def test_the_same_run_gives_the_same_bytes(tmp_path, texts):
    assert render(open_run(tiny_run(tmp_path))) == texts["tiny"]


def test_text_of_a_model_stays_text(tmp_path):
    hostile = '</pre><script>alert("1")</script><img src=x onerror=alert(2)> & "quotes" \n\n two lines {brace} $x_1$'
    job = '[run]\nname = "<b>bold</b>"\n[search]\nalgorithm = "a<i>"\n[objectives]\naccuracy = "max"\n'
    person = Person(0, hostile, [0.5, 0.5, 3, 0], [0.5])
    child = dataclasses.replace(person, id=1, parents=(0,), operator="$edit$ <u>", generation=1, objectives=[0.75],
                                measures=[0.75, 0.25, 4, 0])
    File(1, job, [child], [person, child], [child], {0: {0: ((1.0, 0.0), "ok"), 1: ((0.0, 1.0), "ok")}},
         objectives=(("accuracy", "max"),), note="<script>").save(tmp_path)
    text = render(open_run(tmp_path))
    page = Page(text)
    assert text.count("<script>") == 1
    assert not any(tag in ("img", "u", "i") for tag, _ in page.elements)
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert hostile in [attributes.get("data-text") for _, attributes in page.elements]


def test_differences_mark_what_came_and_went():
    assert difference("Say how it feels.", "Say what it feels & why.") == \
        "Say <del>how</del><ins>what</ins> it feels<ins> &amp; why</ins>."
    assert difference("abc def", "entirely other words here") == "entirely other words here"
