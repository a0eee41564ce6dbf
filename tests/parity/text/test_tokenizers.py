"""Ids and decoded text against Hugging Face tokenizers, on real tokenizer files and on small trained ones."""

import collections
import json
import random

import pytest
from text_oracle import ask, data_folder, fixture_strings, line_count, mixed_lines

tokenizers = pytest.importorskip("tokenizers")

REAL = {
    "gpt2": "tokenizers/gpt2-hf-fast",
    "roberta": "tokenizers/roberta-base",
    "phi-3": "tokenizers/phi-3-mini",
    "tiny-stories": "models/TinyStories-656K",
}


def reference_of(folder):
    reference = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    reference.no_truncation()
    reference.no_padding()
    return reference


def assert_equal_ids(folder, reference, lines):
    encoded = []
    for special in (False, True):
        requests = [{"text": line, "add_special_tokens": special} for line in lines]
        answers = ask(requests, folder)
        encoded = [found.ids for found in reference.encode_batch(lines, add_special_tokens=special)]
        wrong = [
            (line, answer["ids"], expected)
            for line, answer, expected in zip(lines, answers, encoded)
            if answer["ids"] != expected
        ]
        assert not wrong, f"{len(wrong)} of {len(lines)} lines differ; the first: {wrong[0]}"
    return encoded


def assert_equal_decoding(folder, reference, encoded):
    generator = random.Random(2)
    size = reference.get_vocab_size()
    sequences = list(encoded)
    sequences += [[generator.randrange(size) for _ in range(generator.randint(0, 12))] for _ in range(2000)]
    special = {i for i, token in reference.get_added_tokens_decoder().items() if token.special}
    for skip in (False, True):
        requests = [{"ids": ids, "skip_special_tokens": skip} for ids in sequences]
        answers = ask(requests, folder)
        for ids, answer in zip(sequences, answers):
            # Left out by hand: the reference does not recognise a special token that its normalizer changes.
            kept = [i for i in ids if not (skip and i in special)]
            assert answer["text"] == reference.decode(kept, skip_special_tokens=False), ids


@pytest.mark.parametrize("name", REAL)
def test_real_tokenizer_gives_the_reference_ids(name):
    data = data_folder()
    folder = data / REAL[name]
    reference = reference_of(folder)
    encoded = assert_equal_ids(folder, reference, mixed_lines(data, line_count(6000)))
    assert_equal_decoding(folder, reference, encoded[:3000])


def test_qwen2_from_vocabulary_files_gives_the_reference_ids():
    transformers = pytest.importorskip("transformers")
    data = data_folder()
    folder = data / "tokenizers" / "qwen2"
    reference = transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer
    encoded = assert_equal_ids(folder, reference, mixed_lines(data, line_count(6000)))
    assert_equal_decoding(folder, reference, encoded[:3000])


@pytest.mark.parametrize(
    "fixture, folder",
    [
        ("gpt-2", "tokenizers/gpt2-hf-fast"),
        ("phi-3", "tokenizers/phi-3-mini"),
        ("qwen2", "tokenizers/qwen2"),
    ],
)
def test_published_fixtures(fixture, folder):
    data = data_folder()
    base = data / "tokenizers" / "parity-llama.cpp" / f"ggml-vocab-{fixture}.gguf"
    strings = fixture_strings(base.with_suffix(".gguf.inp"))
    expected = [[int(i) for i in line.split()] for line in base.with_suffix(".gguf.out").read_text().split("\n")]
    answers = ask([{"text": text} for text in strings], data / folder)
    assert len(strings) == 47
    for text, answer, ids in zip(strings, answers, expected):
        if fixture == "phi-3" and text == "":
            continue
        assert answer["ids"] == ids, text


MODELS = tokenizers.models
NORMALIZERS = tokenizers.normalizers
SPLITTERS = tokenizers.pre_tokenizers
DECODERS = tokenizers.decoders
TRAINERS = tokenizers.trainers
SPECIAL = ["<unk>", "<s>", "</s>", "<mask>"]
LLAMA3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def template():
    return tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )


def byte_level_bpe(pre_tokenizer, normalizer=None, **options):
    tokenizer = tokenizers.Tokenizer(MODELS.BPE(**options))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = DECODERS.ByteLevel()
    trainer = TRAINERS.BpeTrainer(
        vocab_size=1500, special_tokens=SPECIAL, initial_alphabet=SPLITTERS.ByteLevel.alphabet(), show_progress=False
    )
    return tokenizer, trainer


def llama3():
    split = SPLITTERS.Split(tokenizers.Regex(LLAMA3_PATTERN), behavior="isolated", invert=False)
    pre_tokenizer = SPLITTERS.Sequence([split, SPLITTERS.ByteLevel(add_prefix_space=False, use_regex=False)])
    return byte_level_bpe(pre_tokenizer, ignore_merges=True)


def smollm():
    digits = SPLITTERS.Digits(individual_digits=True)
    return byte_level_bpe(SPLITTERS.Sequence([digits, SPLITTERS.ByteLevel(add_prefix_space=False)]))


def pythia():
    return byte_level_bpe(SPLITTERS.ByteLevel(add_prefix_space=True), NORMALIZERS.NFC())


def metaspace_bpe():
    tokenizer = tokenizers.Tokenizer(MODELS.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = SPLITTERS.Metaspace(prepend_scheme="first", split=True)
    tokenizer.decoder = DECODERS.Sequence(
        [DECODERS.Replace("▁", " "), DECODERS.ByteFallback(), DECODERS.Fuse(), DECODERS.Strip(" ", 1, 0)]
    )
    alphabet = [chr(c) for c in range(32, 127)]
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    return tokenizer, TRAINERS.BpeTrainer(
        vocab_size=1500, special_tokens=SPECIAL + fallback, limit_alphabet=200, initial_alphabet=alphabet, show_progress=False
    )


def unknown_bpe():
    tokenizer = tokenizers.Tokenizer(
        MODELS.BPE(unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>")
    )
    tokenizer.normalizer = NORMALIZERS.Sequence([NORMALIZERS.NFKC(), NORMALIZERS.Lowercase()])
    tokenizer.pre_tokenizer = SPLITTERS.Whitespace()
    tokenizer.decoder = DECODERS.BPEDecoder(suffix="</w>")
    return tokenizer, TRAINERS.BpeTrainer(
        vocab_size=1000,
        special_tokens=SPECIAL,
        limit_alphabet=60,
        continuing_subword_prefix="##",
        end_of_word_suffix="</w>",
        show_progress=False,
    )


def word_piece(lowercase):
    tokenizer = tokenizers.Tokenizer(MODELS.WordPiece(unk_token="<unk>", max_input_chars_per_word=20))
    tokenizer.normalizer = NORMALIZERS.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = SPLITTERS.BertPreTokenizer()
    tokenizer.decoder = DECODERS.WordPiece()
    trainer = TRAINERS.WordPieceTrainer(
        vocab_size=1500, special_tokens=SPECIAL, limit_alphabet=300, show_progress=False
    )
    return tokenizer, trainer


def unigram(byte_fallback):
    tokenizer = tokenizers.Tokenizer(MODELS.Unigram())
    tokenizer.normalizer = NORMALIZERS.Sequence(
        [NORMALIZERS.NFKC(), NORMALIZERS.Replace(tokenizers.Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = SPLITTERS.Metaspace()
    tokenizer.decoder = DECODERS.Metaspace()
    fallback = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else []
    trainer = TRAINERS.UnigramTrainer(
        vocab_size=1400, special_tokens=SPECIAL + fallback, unk_token="<unk>", show_progress=False
    )
    return tokenizer, trainer


def word_level():
    tokenizer = tokenizers.Tokenizer(MODELS.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = SPLITTERS.Sequence([SPLITTERS.WhitespaceSplit(), SPLITTERS.Punctuation()])
    return tokenizer, TRAINERS.WordLevelTrainer(vocab_size=800, special_tokens=SPECIAL, show_progress=False)


def plain_lines(lines):
    """Those of the most frequent characters: a Unigram vocabulary must hold every character it is trained on."""
    counts = collections.Counter("".join(lines))
    frequent = {c for c, _ in counts.most_common(200)}
    return [line for line in lines if frequent.issuperset(line)]


FAMILIES = {
    "llama3": llama3,
    "smollm": smollm,
    "pythia": pythia,
    "metaspace-bpe": metaspace_bpe,
    "unknown-bpe": unknown_bpe,
    "bert-uncased": lambda: word_piece(True),
    "bert-cased": lambda: word_piece(False),
    "unigram": lambda: unigram(False),
    "unigram-bytes": lambda: unigram(True),
    "word-level": word_level,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_trained_tokenizer_gives_the_reference_ids(family, tmp_path):
    data = data_folder()
    lines = mixed_lines(data, line_count(6000))
    tokenizer, trainer = FAMILIES[family]()
    training = plain_lines(lines[::2]) if family.startswith("unigram") else lines[::2]
    assert len(training) > 1000
    tokenizer.train_from_iterator(training, trainer)
    tokenizer.post_processor = template()
    tokenizer.add_tokens(
        [
            tokenizers.AddedToken("un_believ", single_word=True),
            tokenizers.AddedToken("#tag", lstrip=True, rstrip=True, normalized=False),
            tokenizers.AddedToken("İstanbul", normalized=True),
        ]
    )
    # The reference reads some scores one bit off, which decides between pieces in another order; written again, they
    # are read as they stand.
    text = tokenizers.Tokenizer.from_str(tokenizer.to_str()).to_str()
    if family == "unigram-bytes":
        content = json.loads(text)
        content["model"]["byte_fallback"] = True
        text = json.dumps(content)
    (tmp_path / "tokenizer.json").write_text(text)
    reference = reference_of(tmp_path)
    encoded = assert_equal_ids(tmp_path, reference, lines)
    assert_equal_decoding(tmp_path, reference, encoded[:2000])


def test_both_spellings_of_merges_mean_the_same(tmp_path):
    data = data_folder()
    source = data / "models" / "TinyStories-656K" / "tokenizer.json"
    content = json.loads(source.read_text())
    assert isinstance(content["model"]["merges"][0], str)
    content["model"]["merges"] = [merge.split(" ") for merge in content["model"]["merges"]]
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    requests = [{"text": line} for line in mixed_lines(data, 600)]
    assert ask(requests, tmp_path) == ask(requests, source.parent)


@pytest.mark.parametrize("name", ["gpt2", "roberta"])
def test_byte_level_text_survives_a_round_trip(name):
    data = data_folder()
    folder = data / REAL[name]
    lines = mixed_lines(data, 3000)
    encoded = ask([{"text": line} for line in lines], folder)
    decoded = ask([{"ids": answer["ids"]} for answer in encoded], folder)
    # The mask token of RoBERTa takes the space before it.
    kept = [(a, b["text"]) for a, b in zip(lines, decoded) if "<mask>" not in a]
    assert len(kept) > 2500
    assert all(line == text for line, text in kept)
