"""What the parity tests of text share: the probe that asks Evoke, and lines that are hard to tokenize."""

import functools
import json
import os
import pathlib
import random
import subprocess
import unicodedata

import pytest

SOURCE = pathlib.Path(os.environ.get("EVOKE_SOURCE_DIR", pathlib.Path(__file__).parents[3]))


def data_folder():
    folder = os.environ.get("EVOKE_DATA")
    if not folder or not pathlib.Path(folder).is_dir():
        pytest.skip("EVOKE_DATA does not name the data folder")
    return pathlib.Path(folder)


def probe_program():
    program = pathlib.Path(os.environ["EVOKE_BUILD_DIR"]) / "tests" / "bin" / "text_probe"
    if not program.exists():
        pytest.skip("text_probe is not built")
    return program


def ask_raw(requests, folder=None):
    """The finished process of text_probe."""
    command = [str(probe_program())] + ([str(folder)] if folder else [])
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    return subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8", timeout=600)


def ask(requests, folder=None):
    """One answer for each request."""
    result = ask_raw(requests, folder)
    assert result.returncode == 0, result.stderr
    answers = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
    assert len(answers) == len(requests)
    return answers


SNIPPETS = """<|endoftext|> <s> </s> <unk> <pad> <mask> <|im_start|> <|im_end|> <|start_story|> <|end_story|> <|assistant|> <|user|>
[CLS] [SEP] [MASK] [UNK] 's 'LL 've 'Re n't a I the The ing un_believ able naïve café ſtop İstanbul straße ΣΑΣ ﬁ Å é ç 한국어 안녕
漢字 日本語 中文字 かな カナ مرحبا שלום हिन्दी ไทย 👍 😀 👨‍👩‍👧‍👦 🇩🇪 👋🏽 1 42 123456 3.14 ½ Ⅷ ٣ _ __ . ... !? == -> /* */ // #include {} [] () <html> &amp; \\n ▁ Ġ ##ing
http://x.y/z?a=b i++ x**2 C:\\dir e.g. Mr. $5 50% @me #tag ~ ` ^ | • … “quoted” — « » ¿ 。 ， \u0301 \u0323\u0307 \u200d \ufeff \u00ad \ufffd""".split()
BLANKS = [" ", "  ", "     ", "\n", "\n\n", "\r\n", "\t", "\t\t", "\u00a0", "\u3000", "\u2028", "\x85", "\u200b", "\v", "\x1f", "\x00", "\x07"]
CEILINGS = [0x80, 0x250, 0x600, 0x1000, 0x3100, 0x10000, 0x20000, 0x110000]


def is_comparable(point):
    """Whether Python knows the character: those of Unicode 14 with Debian 12's Python, the version its PCRE2 knows as
    well. The reference knows later ones, where \\w and \\p{...} differ for that reason alone."""
    return unicodedata.category(chr(point)) not in ("Cs", "Cn")


def random_text(generator):
    ceiling = generator.choice(CEILINGS)
    points = (generator.randrange(ceiling) for _ in range(generator.randint(1, 30)))
    return "".join(chr(point) for point in points if is_comparable(point))


def assembled(generator):
    pool = SNIPPETS + BLANKS * 2
    return "".join(generator.choice(pool) for _ in range(generator.randint(1, 16)))


@functools.cache
def natural_lines(data):
    """English and code, a line each."""
    files = sorted((data / "tasks").rglob("*.txt")) + sorted((data / "tasks").rglob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(errors="replace").split("\n")]
    code = sorted((SOURCE / "src").rglob("*.cpp"))
    lines += [line for file in code for line in file.read_text().split("\n")]
    return lines


@functools.cache
def sentences():
    """One in each of some fifty languages, and a few lines of code and signs."""
    return (pathlib.Path(__file__).parent / "scripts.txt").read_text(encoding="utf-8").split("\n")[:-1]


def of_many_scripts(generator):
    """Parts of sentences, cut at any place and put together."""
    parts = []
    for _ in range(generator.randint(1, 4)):
        sentence = generator.choice(sentences())
        begin = generator.choice((0, generator.randrange(len(sentence))))
        parts.append(sentence[begin : begin + generator.randint(1, 80)])
    return generator.choice(("", " ", "\n", "  ")).join(parts)


def fixture_strings(file):
    return file.read_text(encoding="utf-8").split("\n__ggml_vocab_test__\n")


def mixed_lines(data, count, seed=1):
    """A quarter each of natural text and code, of many scripts, of what is put together from hard parts, and of random
    Unicode."""
    generator = random.Random(seed)
    natural = natural_lines(data)
    fixtures = sorted((data / "tokenizers" / "parity-llama.cpp").glob("*.inp"))
    lines = ["", *(text for file in fixtures for text in fixture_strings(file))]
    lines += sentences()
    lines += [generator.choice(natural) for _ in range(count // 4)]
    for make in (of_many_scripts, assembled, random_text):
        lines += [make(generator) for _ in range(count // 4)]
    # Long ones: several thousand characters without a break, and whole pages.
    lines += ["a" * 3000, " " * 2000, "\n" * 500, "ab" * 1500, "漢" * 700, "".join(assembled(generator) for _ in range(300))]
    return lines


def line_count(default):
    """How many lines to compare: EVOKE_TEXT_LINES for a long run."""
    return int(os.environ.get("EVOKE_TEXT_LINES", default))
