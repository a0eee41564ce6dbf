"""Damaged checkpoints, through the program: exit code 3 and one line that says what is wrong."""

import json
import os
import re
import shutil
import struct

import pytest
from searches import SOURCE, evoke

MODEL = SOURCE / "jobs/pocket/model"
REQUEST = json.dumps({"id": 1, "context": "a", "continuation": " b"}) + "\n"


@pytest.fixture
def folder(tmp_path):
    """A copy of the embedded model."""
    copy = tmp_path / "model"
    shutil.copytree(MODEL, copy)
    for file in [copy, *copy.iterdir()]:
        file.chmod(0o755)
    return copy


def refusal(folder, verb="score", request=REQUEST):
    """The one line that the program says."""
    result = evoke(verb, "--model", folder, input=request)
    said = result.stderr.splitlines()
    assert result.returncode == 3, (result.returncode, result.stderr[-2000:])
    assert len(said) == 1 and not result.stdout, (said, result.stdout)
    assert len(said[0]) < 1000
    return said[0]


class Weights:
    """model.safetensors taken apart: its header may be changed and put back."""

    def __init__(self, folder):
        self.file = folder / "model.safetensors"
        raw = self.file.read_bytes()
        (length,) = struct.unpack("<Q", raw[:8])
        self.header = json.loads(raw[8 : 8 + length])
        self.data = raw[8 + length :]

    def names(self):
        return [name for name in self.header if name != "__metadata__"]

    def write(self, header=None, length=None):
        header = json.dumps(self.header).encode() if header is None else header
        length = len(header) if length is None else length
        self.file.write_bytes(struct.pack("<Q", length) + header + self.data)

    def poke(self, name, data):
        begin = self.header[name]["data_offsets"][0]
        self.data = self.data[:begin] + data + self.data[begin + len(data) :]

    def remove(self, *names):
        """Takes tensors out with their bytes."""
        kept, data = {}, b""
        for name in self.names():
            entry = self.header[name]
            begin, end = entry["data_offsets"]
            if name in names:
                continue
            kept[name] = {**entry, "data_offsets": [len(data), len(data) + end - begin]}
            data += self.data[begin:end]
        self.header, self.data = kept, data

    def add(self, name, dtype="F32", shape=(2,)):
        self.header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [len(self.data), len(self.data) + 8]}
        self.data += bytes(8)


def truncate(size):
    def act(folder):
        file = folder / "model.safetensors"
        file.write_bytes(file.read_bytes()[:size])

    return act


def weights(change, **how):
    def act(folder):
        loaded = Weights(folder)
        change(loaded)
        loaded.write(**how)

    return act


def entry(**members):
    """Changes the entry of a norm's tensor."""
    return weights(lambda w: w.header["model.norm.weight"].update(members))


def replace_json(name, **members):
    def act(folder):
        file = folder / name
        content = json.loads(file.read_text())
        for key, value in members.items():
            place = content
            *outer, last = key.split("__")
            for part in outer:
                place = place[part]
            place[last] = value
        file.write_text(json.dumps(content))

    return act


def write(name, content):
    return lambda folder: (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def remove(*names):
    def act(folder):
        for name in names:
            (folder / name).unlink()

    return act


def turn_into_folder(name):
    def act(folder):
        (folder / name).unlink()
        (folder / name).mkdir()

    return act


def index(content):
    """An index in place of the single file, which becomes model-1.safetensors."""

    def act(folder):
        names = Weights(folder).names()
        (folder / "model.safetensors").rename(folder / "model-1.safetensors")
        text = content(names) if callable(content) else content
        (folder / "model.safetensors.index.json").write_text(text if isinstance(text, str) else json.dumps(text))

    return act


def drop_norm(w):
    w.remove("model.norm.weight")


def add_surplus(w):
    w.add("model.layers.0.novelty.weight")


def copy_in_other_shard(folder):
    one_shard(x="model-2.safetensors")(folder)
    shutil.copy(folder / "model-1.safetensors", folder / "model-2.safetensors")


def one_shard(**more):
    return index(lambda names: {"weight_map": {**{name: "model-1.safetensors" for name in names}, **more}})


def tokenizer(change):
    def act(folder):
        file = folder / "tokenizer.json"
        content = json.loads(file.read_text())
        change(content)
        file.write_text(json.dumps(content))

    return act


DEEP = "[" * 100_000
NOT_A_NUMBER = b"\xff" * 4
NORM = "tensor 'model.norm.weight'"
CASES = {
    # model.safetensors
    "weights: empty": (truncate(0), "model.safetensors: not a safetensors file: 0 bytes"),
    "weights: no whole length": (truncate(5), "not a safetensors file: 5 bytes"),
    "weights: cut in the header": (truncate(100), "truncated: the header claims [0-9]+ bytes, the file holds 92"),
    "weights: cut in the data": (truncate(2_000_000), "tensor '.*': ends at byte .* \\(truncated\\?\\)"),
    "weights: huge header length": (
        weights(lambda w: None, length=2**63),
        "the header claims 9223372036854775808 bytes",
    ),
    "weights: short header length": (weights(lambda w: None, length=50), "the header: not valid JSON"),
    "weights: no JSON": (weights(lambda w: None, header=b"garbage!"), "the header: not valid JSON: mistake in line 1"),
    "weights: nested header": (weights(lambda w: None, header=DEEP.encode()), "the header: nested more than 64 deep"),
    "weights: overlap": (entry(data_offsets=[0, 256]), "tensors '.*' and '.*' overlap"),
    "weights: outside": (
        entry(data_offsets=[10**12, 10**12 + 256]),
        f"{NORM}: ends at byte 1000000000256, but the file",
    ),
    "weights: backwards": (entry(data_offsets=[256, 0]), f"{NORM}: its offsets run backwards"),
    "weights: odd offsets": (entry(data_offsets=[0.5, 256]), f"{NORM}: data_offsets: expected two places"),
    "weights: unknown dtype": (entry(dtype="Q4"), f"{NORM}: unknown dtype 'Q4'"),
    "weights: other dtype": (entry(dtype="I16"), f"{NORM}: dtype I16 is not supported; supported: F32, F16, BF16"),
    "weights: dtype of another size": (entry(dtype="F64"), f"{NORM}: F64 of this shape takes 1024 bytes, .* span 256"),
    "weights: negative shape": (entry(shape=[-1]), f"{NORM}: shape: expected a list of sizes"),
    "weights: huge shape": (entry(shape=[2**62, 4]), f"{NORM}: BF16 of this shape takes 2\\^64 or more bytes"),
    "weights: other shape": (entry(shape=[2, 64]), f"{NORM}: expected shape \\[128\\], found \\[2, 64\\]"),
    "weights: missing": (weights(drop_norm), "missing tensors: 'model.norm.weight'$"),
    "weights: surplus": (weights(add_surplus), "surplus tensors: 'model.layers.0.novelty.weight'$"),
    "weights: a name of two lines": (
        weights(lambda w: w.add("a\nb\x1b[31m")),
        "surplus tensors: 'a\\\\nb\\\\x1b\\[31m'",
    ),
    "weights: no number": (
        weights(lambda w: w.poke("model.norm.weight", NOT_A_NUMBER)),
        f"{NORM} holds a value that is",
    ),
    "weights: a folder": (turn_into_folder("model.safetensors"), "model.safetensors: not a regular file"),
    "weights: none": (remove("model.safetensors"), "holds neither model.safetensors nor model.safetensors.index.json"),
    # model.safetensors.index.json
    "index: empty": (index(""), "index.json: not valid JSON: the file is empty"),
    "index: a list": (index("[1]"), "index.json: expected a JSON object"),
    "index: no map": (index("{}"), "index.json: weight_map: expected a JSON object"),
    "index: absent shard": (one_shard(x="model-2.safetensors"), "model-2.safetensors: No such file or directory"),
    "index: absent tensor": (one_shard(x="model-1.safetensors"), "weight_map.x: not in model-1.safetensors"),
    "index: outside": (one_shard(x="../model-1.safetensors"), "weight_map.x: expected a file name of this folder"),
    "index: a number": (one_shard(x=7), "weight_map.x: expected a file name of this folder"),
    "index: a tensor twice": (copy_in_other_shard, "tensor '.*' stands in another file too"),
    # config.json
    "config: none": (remove("config.json"), "config.json: No such file or directory"),
    "config: empty": (write("config.json", ""), "config.json: not valid JSON: the file is empty"),
    "config: no JSON": (write("config.json", '{"model_type":\n llama}'), "not valid JSON: mistake in line 2"),
    "config: a list": (write("config.json", "[]"), "config.json: expected an object, found"),
    "config: nested": (write("config.json", '{"a":' + DEEP), "config.json: nested more than 64 deep in line 1"),
    "config: huge number": (write("config.json", '{"hidden_size": 1e999}'), "a number is out of range"),
    "config: a folder": (turn_into_folder("config.json"), "config.json: Is a directory"),
    "config: unknown type": (
        replace_json("config.json", model_type="mamba2"),
        "model_type 'mamba2' .*supported: .*llama",
    ),
    "config: huge size": (
        replace_json("config.json", hidden_size=10**18),
        "hidden_size: expected an integer from 1 to",
    ),
    "config: negative size": (replace_json("config.json", hidden_size=-1), "hidden_size: expected .*, found -1"),
    "config: size in quotes": (replace_json("config.json", hidden_size="128"), 'hidden_size: expected .*, found "128"'),
    "config: other size": (
        replace_json("config.json", hidden_size=160),
        "expected shape \\[1152, 160\\], found \\[1152, 128\\]",
    ),
    "config: more layers": (replace_json("config.json", num_hidden_layers=9), "missing tensors: .* more$"),
    "config: generation": (
        write("generation_config.json", "{{"),
        "generation_config.json: not valid JSON: mistake in line 1",
    ),
    # tokenizer.json
    "tokenizer: none": (remove("tokenizer.json"), "no tokenizer.json, nor vocab.json with merges.txt"),
    "tokenizer: empty": (write("tokenizer.json", ""), "tokenizer.json: not valid JSON: the file is empty"),
    "tokenizer: a folder": (turn_into_folder("tokenizer.json"), "tokenizer.json: Is a directory"),
    "tokenizer: nested": (
        write("tokenizer.json", '{"truncation":' + DEEP + "}"),
        "tokenizer.json: nested more than 64 deep",
    ),
    "tokenizer: huge number": (write("tokenizer.json", '{"model": 1e999}'), "a number is out of range"),
    "tokenizer: unknown member": (
        replace_json("tokenizer.json", novelty=1),
        "tokenizer.json: 'novelty' is not supported",
    ),
    "tokenizer: model": (
        replace_json("tokenizer.json", model__type="Mixer"),
        "model: the model 'Mixer' is not supported",
    ),
    "tokenizer: normalizer": (
        replace_json("tokenizer.json", normalizer={"type": "Precompiled", "precompiled_charsmap": "AA=="}),
        "normalizer: the normalizer 'Precompiled' is not supported",
    ),
    "tokenizer: pre-tokenizer": (
        replace_json("tokenizer.json", pre_tokenizer={"type": "UnicodeScripts"}),
        "pre_tokenizer: the pre-tokenizer 'UnicodeScripts' is not supported",
    ),
    "tokenizer: post-processor": (
        replace_json("tokenizer.json", post_processor={"type": "New"}),
        "post_processor: the post-processor 'New' is not supported",
    ),
    "tokenizer: decoder": (
        replace_json("tokenizer.json", decoder={"type": "CTC"}),
        "decoder: the decoder 'CTC' is not",
    ),
    "tokenizer: beyond the embedding": (
        tokenizer(lambda t: t["added_tokens"].append({"id": 5000, "content": "<far>"})),
        "the tokenizer has 5001 ids, the embedding only 1152",
    ),
    "tokenizer: far beyond its tokens": (
        tokenizer(lambda t: t["model"]["vocab"].update(zzz=16_000_000)),
        "model.vocab: the token 'zzz' has the id 16000000 among [0-9]+ tokens",
    ),
    "tokenizer: negative id": (
        tokenizer(lambda t: t["model"]["vocab"].update(zzz=-4)),
        "'zzz' has the id -4, expected an",
    ),
    "tokenizer: an id twice": (
        tokenizer(lambda t: t["model"]["vocab"].update(zzz=5)),
        "tokens '.*' and 'zzz' share the id 5",
    ),
    "tokenizer: settings": (
        write("tokenizer_config.json", "{"),
        "tokenizer_config.json: not valid JSON: the file ends too",
    ),
    # the folder
    "folder: none": (shutil.rmtree, "model: no such folder"),
    "folder: a file": (lambda f: (shutil.rmtree(f), f.write_text("x")), "model: no such folder"),
}
if os.geteuid() != 0:  # root may read everything
    CASES["weights: not ours"] = (lambda f: (f / "model.safetensors").chmod(0), "model.safetensors: Permission denied")
    CASES["tokenizer: not ours"] = (lambda f: (f / "tokenizer.json").chmod(0), "tokenizer.json: Permission denied")


@pytest.mark.parametrize("name", CASES)
def test_damage_is_named_in_one_line(name, folder):
    damage, expected = CASES[name]
    damage(folder)
    assert re.search(expected, refusal(folder))


CHAT = json.dumps({"id": 1, "messages": [{"role": "user", "content": "Hi"}]}) + "\n"


@pytest.mark.parametrize(
    "settings, expected",
    [
        ({"chat_template": "a\n{% include 'x' %}"}, "config.json: chat template, line 2: the statement 'include'"),
        ({"chat_template": [{"name": "tool_use", "template": ""}]}, "none of the named templates is called 'default'"),
        ({"chat_template": 5}, "chat_template: expected a list, found 5"),
        ({}, "has no chat template"),
    ],
)
def test_template_that_cannot_be_used_is_named(settings, expected, folder):
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    assert expected in refusal(folder, "chat", CHAT)


def test_template_that_never_ends_is_refused(folder):
    loops = "{% for a in range(200000) %}" * 3 + "{% endfor %}" * 3
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": loops}))
    result = evoke("chat", "--model", folder, input=CHAT)
    assert result.returncode == 2
    assert "line 1: the template asks for too much work" in json.loads(result.stdout)["error"]
