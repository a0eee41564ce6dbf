"""Each normalizer, pre-tokenizer and decoder alone against its counterpart, and every character of Unicode."""

import functools
import json
import random

import pytest
from text_oracle import ask, data_folder, is_comparable, line_count, mixed_lines

tokenizers = pytest.importorskip("tokenizers")
N = tokenizers.normalizers
P = tokenizers.pre_tokenizers
D = tokenizers.decoders
Regex = tokenizers.Regex

NORMALIZERS = {
    "nfc": N.NFC(),
    "nfd": N.NFD(),
    "nfkc": N.NFKC(),
    "nfkd": N.NFKD(),
    "lowercase": N.Lowercase(),
    "strip": N.Strip(),
    "strip left": N.Strip(left=True, right=False),
    "strip accents": N.StripAccents(),
    "decompose and strip accents": N.Sequence([N.NFD(), N.StripAccents()]),
    "prepend": N.Prepend("▁"),
    "replace text": N.Replace(" ", "▁"),
    "replace pattern": N.Replace(Regex(r"\s{2,}|[0-9]+"), "#"),
    "replace with nothing": N.Replace(Regex(r"\p{P}"), ""),
    "bert": N.BertNormalizer(),
    "bert cased": N.BertNormalizer(lowercase=False),
    "bert with accents": N.BertNormalizer(strip_accents=False),
    "bert only clean": N.BertNormalizer(handle_chinese_chars=False, strip_accents=False, lowercase=False),
    "byte level": N.ByteLevel(),
    "albert": N.Sequence([N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase()]),
}

PATTERNS = {
    "gpt-2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "llama-3": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "gpt-4 possessive": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s*[\r\n]|\s+(?!\S)|\s+",
    "gpt-4o": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "deepseek": r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    "deepseek scripts": r"[一-龥぀-ゟ゠-ヿ]+",
    "bloom, a class in a class": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "words": r"\w+|[^\w\s]+",
    "boundaries": r"\b\w|\B.",
    "digits and hexadecimal": r"\d{2,}|\h",
    "not space": r"\S+",
    "not word": r"\W",
    "lines": r"^.|.$",
    "dot over lines": r"(?m:a.b)|(?m).{3}",
    "code points": r"[\u4e00-\u9fff]|\x41|\x{3042}",
    "repeated interval": r"(?:ab){2}+|x{,2}y",
    "look behind": r"(?<=[a-z])(?=[A-Z])|(?<!\p{L})\d",
    "groups": r"(a|(?>bc|b)c)(?<name>d?)",
    "empty matches": r"x*",
    "scripts": r"\p{Han}+|\p{Hiragana}|\p{Katakana}|\p{Greek}+|\p{Cyrillic}|\p{Arabic}+",
}

PRE_TOKENIZERS = {
    **{name: P.Split(Regex(pattern), "isolated") for name, pattern in PATTERNS.items()},
    **{
        f"split {behavior} {invert}": P.Split(Regex(r"\s+|\d"), behavior, invert)
        for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
        for invert in (False, True)
    },
    "split at text": P.Split("a.", "removed"),
    "byte level": P.ByteLevel(add_prefix_space=False),
    "byte level with prefix": P.ByteLevel(),
    "byte level alone": P.ByteLevel(add_prefix_space=True, use_regex=False),
    "digits": P.Digits(),
    "each digit": P.Digits(individual_digits=True),
    "white space": P.Whitespace(),
    "white space split": P.WhitespaceSplit(),
    "punctuation": P.Punctuation(),
    "punctuation removed": P.Punctuation("removed"),
    "punctuation contiguous": P.Punctuation("contiguous"),
    "delimiter": P.CharDelimiterSplit("e"),
    "bert": P.BertPreTokenizer(),
    "metaspace": P.Metaspace(),
    "metaspace first": P.Metaspace(prepend_scheme="first"),
    "metaspace never": P.Metaspace(prepend_scheme="never"),
    "metaspace whole": P.Metaspace(split=False),
    "white space, then metaspace first": P.Sequence([P.WhitespaceSplit(), P.Metaspace(prepend_scheme="first")]),
    "digits, then bytes": P.Sequence([P.Digits(individual_digits=True), P.ByteLevel(add_prefix_space=False)]),
    "bytes, then punctuation": P.Sequence([P.ByteLevel(), P.Punctuation()]),
}

DECODERS = {
    "byte level": D.ByteLevel(),
    "metaspace": D.Metaspace(),
    "metaspace never": D.Metaspace(prepend_scheme="never"),
    "word piece": D.WordPiece(),
    "word piece without clean-up": D.WordPiece(cleanup=False),
    "byte fallback": D.ByteFallback(),
    "fuse": D.Fuse(),
    "strip": D.Strip("x", 2, 1),
    "replace": D.Replace("▁", " "),
    "replace pattern": D.Replace(Regex(r"\d+"), "#"),
    "bpe": D.BPEDecoder(),
    "llama": D.Sequence([D.Replace("▁", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)]),
}

PIECES = """▁the ##ing a Ġb <0xE4> <0xBD> <0xA0> <0xFF> <0x41> <0x4 . ! ? , ' n't 'm do not 's 've 're xx xax x ▁ ▁▁ 12 </w> w</w>
Ċ â ľĵ 漢 é ĠĠ <unk> #tag 😀""".split() + [" ", "a b", " not", " do not", " '", ""]


def json_of(part):
    return json.loads(part.__getstate__())


@functools.cache
def every_character():
    return [chr(c) for c in range(0x110000) if is_comparable(c)]


def differences(texts, found, expected):
    return [(text, a, b) for text, a, b in zip(texts, found, expected, strict=True) if a != b]


def normalizer_differences(part, texts):
    found = ask([{"normalizer": json_of(part), "texts": texts}])[0]["texts"]
    return differences(texts, found, [part.normalize_str(text) for text in texts])


def pre_tokenizer_differences(part, texts):
    found = ask([{"pre_tokenizer": json_of(part), "texts": texts}])[0]["pieces"]
    return differences(texts, found, [[piece for piece, _ in part.pre_tokenize_str(text)] for text in texts])


def differences_of_characters(differences_of, in_context):
    """Many characters a text, each in its context, for speed; where texts differ, their characters one by one."""
    characters = every_character()
    groups = [characters[i : i + 100] for i in range(0, len(characters), 100)]
    group_of = {"".join(map(in_context, group)): group for group in groups}
    wrong = differences_of(list(group_of))
    return differences_of([in_context(c) for text, *_ in wrong for c in group_of[text]]) or wrong


@pytest.mark.parametrize("name", NORMALIZERS)
def test_normalizer(name):
    part = NORMALIZERS[name]
    texts = mixed_lines(data_folder(), line_count(6000), seed=3)
    wrong = normalizer_differences(part, texts)
    assert not wrong, f"{len(wrong)} differ, the first: {wrong[0]}"


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_pre_tokenizer(name):
    texts = mixed_lines(data_folder(), line_count(3000), seed=4)
    wrong = pre_tokenizer_differences(PRE_TOKENIZERS[name], texts)
    assert not wrong, f"{len(wrong)} differ, the first: {wrong[0]}"


@pytest.mark.parametrize("name", DECODERS)
def test_decoder(name):
    part = DECODERS[name]
    generator = random.Random(5)
    # The reference panics where the characters to strip on either side overlap.
    pieces = [piece for piece in PIECES if not (name == "strip" and piece in ("", "x", "xx"))]
    lists = [[generator.choice(pieces) for _ in range(generator.randint(1, 8))] for _ in range(3000)]
    found = ask([{"decoder": json_of(part), "tokens": tokens} for tokens in lists])
    wrong = differences(lists, [answer["text"] for answer in found], [part.decode(tokens) for tokens in lists])
    assert not wrong, f"{len(wrong)} differ, the first: {wrong[0]}"


@pytest.mark.parametrize("name", ["nfc", "nfkc", "nfkd", "lowercase", "strip accents", "bert", "bert with accents"])
def test_every_character_is_normalized_alike(name):
    def in_context(c):
        # Alone, and between neighbours with which it may combine or change places.
        return f"{c}\n\u0345{c}\na{c}\u0334\n"

    wrong = differences_of_characters(functools.partial(normalizer_differences, NORMALIZERS[name]), in_context)
    assert not wrong, f"{len(wrong)} differ, the first: {wrong[:3]}"


SHORTHANDS = [r"\s", r"\S", r"\d", r"\w", r"\W", r"[\s-]", r"[^\s\d]", r"[\w-]", r"[^\w\s]", r"(?i:[\w])", r"\b"]
CLASSES = ["L", "N", "P", "S", "M", "Z", "Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Sc"]
SCRIPTS = ["Han", "^Han", "Latin", "Hangul", "Hiragana", "Thai", "Common"]


@pytest.mark.parametrize(
    "part",
    [P.Whitespace(), P.WhitespaceSplit(), P.Digits(), P.Punctuation(), P.BertPreTokenizer()]
    + [P.Split(Regex(pattern), "removed" if pattern != r"\b" else "isolated") for pattern in SHORTHANDS]
    + [P.Split(Regex(rf"\p{{{name}}}"), "removed") for name in CLASSES + SCRIPTS]
    + [P.Split(Regex(r"[^\p{Han}\p{Latin}]"), "removed")]
    + [P.Split(Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d|k)"), "removed")],
    ids=lambda part: str(part)[:60],
)
def test_every_character_is_classified_alike(part):
    before = "'" if "(?i:'s" in str(part) else "1"
    wrong = differences_of_characters(functools.partial(pre_tokenizer_differences, part), lambda c: f"{before}{c}a")
    assert not wrong, f"{len(wrong)} differ, the first: {wrong[:3]}"


@pytest.mark.parametrize(
    "part, complaint",
    [
        ({"normalizer": {"type": "Nmt"}}, "normalizer: the normalizer 'Nmt' is not supported"),
        ({"normalizer": {"type": "NFC", "extra": 1}}, "normalizer: 'extra' is not supported"),
        ({"pre_tokenizer": {"type": "UnicodeScripts"}}, "the pre-tokenizer 'UnicodeScripts' is not supported"),
        (
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "New"}]}},
            "pre_tokenizer.pretokenizers[1]: the pre-tokenizer 'New' is not supported",
        ),
        (
            {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[a&&b]"}, "behavior": "Isolated", "invert": False}},
            "pre_tokenizer.pattern: the regular expression '[a&&b]' uses the intersection '&&'",
        ),
        (
            {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Isolated", "invert": False}},
            "cannot be compiled",
        ),
        (
            {"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "Odd", "invert": False}},
            "pre_tokenizer.behavior: the behavior 'Odd' is not supported",
        ),
        ({"decoder": {"type": "CTC"}}, "decoder: the decoder 'CTC' is not supported"),
        ({"decoder": {"type": 5}}, "decoder.type: expected a string, found 5"),
    ],
)
def test_what_is_not_supported_is_named(part, complaint):
    (answer,) = ask([{**part, "texts": ["x"], "tokens": ["x"]}])
    assert complaint in answer["refused"]
    assert "\n" not in answer["refused"]
