"""docs/checkpoint-format.md is enough to read a generation file, to check it and to recompute its digest."""

import hashlib
import os
import re
import struct
from pathlib import Path

import pytest

h5py = pytest.importorskip("h5py", reason="h5py is not installed")

SOURCE = Path(os.environ["EVOKE_SOURCE_DIR"])
DOCUMENT = (SOURCE / "docs" / "checkpoint-format.md").read_text()
GOLDEN = SOURCE / "tests" / "golden" / "generation-1.0.h5"
GOLDEN_DIGEST = (SOURCE / "tests" / "golden" / "generation-1.0.digest").read_text().strip()
TYPES = {"uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64",
         "int32": "i32", "float32": "f32", "float64": "f64"}


def run_example():
    example = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL).group(1)
    assert len(example.strip().splitlines()) == 10
    names = {"path": GOLDEN}
    exec(example, names)
    return names


def test_the_example_reads_the_golden_file():
    names = run_example()
    assert len(names["prompts"]) == 6
    assert names["prompts"][0].startswith("one review review only")
    assert list(names["ids"]) == [18, 19, 20, 21, 22, 23]
    assert sorted(names["objectives"]) == ["accuracy", "prompt_tokens"]
    assert names["objectives"]["prompt_tokens"].shape == (6,)
    assert len(names["right"]) == 12
    assert names["right"][-1] == 1.0 and set(names["right"]) == {0.0, 1.0}


def test_the_seal_is_as_documented():
    content = GOLDEN.read_bytes()
    lines = content[:512].rstrip(b"\0").splitlines(keepends=True)
    checksum = hashlib.sha256(b"".join(lines[:3]) + content[512:]).hexdigest()
    assert lines == [b"evoke generation file\n", b"format 1.0\n", b"bytes %d\n" % len(content),
                     b"sha256 " + checksum.encode() + b"\n"]


def documented_paths(in_digest):
    """Paths of the document's tables, in their order."""
    rows = re.findall(r"^\| `(/[^`]*)` \|([^|]*)\|[^|]*\|[^|]*\| (yes|no) \|", DOCUMENT, re.MULTILINE)
    return [path for path, _, digest in rows if digest == "yes" or not in_digest]


def digest_order():
    documented = documented_paths(in_digest=True)
    for group in ("/setting", "/population", "/archive", "/born", "/scores", "/proposals", "/seen", "/statistics"):
        table = "/population" if group in ("/archive", "/born") else group
        yield from (group + path[len(table):] for path in documented if path.startswith(table + "/"))


class Digest:
    def __init__(self):
        self.sha = hashlib.sha256()

    def field(self, content):
        if isinstance(content, int):
            content = struct.pack("<Q", content)
        if isinstance(content, str):
            content = content.encode()
        self.sha.update(struct.pack("<Q", len(content)) + content)

    def dataset(self, dataset):
        numbers = dataset[()]
        self.field(dataset.name)
        self.field(TYPES[str(dataset.dtype)])
        self.field(dataset.ndim)
        for extent in dataset.shape:
            self.field(extent)
        self.field(numbers.tobytes())

    def element(self, element):
        if isinstance(element, h5py.Dataset):
            self.dataset(element)
        else:
            self.dataset(element["blob" if "blob" in element else "values"])
            self.dataset(element["offsets"])


def test_the_digest_can_be_recomputed_from_the_document():
    texts = run_example()["texts"]
    digest = Digest()
    with h5py.File(GOLDEN) as file:
        digest.field("evoke generation digest 1")
        digest.field(file.attrs["previous_digest"])
        setting = file["setting"]
        identities = zip(texts(setting["identity_names"]), texts(setting["identity_values"]))
        for name, value in sorted(identities):
            if name != "probe":
                digest.field(name)
                digest.field(value)
        for path in digest_order():
            digest.element(file[path])
        assert digest.sha.hexdigest() == file.attrs["digest"] == GOLDEN_DIGEST


def test_every_element_says_how_it_is_encoded():
    with h5py.File(GOLDEN) as file:
        assert file.attrs["format"] == "evoke-generation"
        assert file.attrs["format_version"] == "1.0"
        elements = []
        file.visititems(lambda name, element: elements.append(element))
        assert len(elements) > 60
        for element in elements:
            assert element.attrs["encoding-version"] == "1.0", element.name
            kind = element.attrs["encoding-type"]
            assert isinstance(element, h5py.Dataset) == (kind in ("array", "categorical")), element.name
            if kind == "categorical":
                assert element[()].max(initial=0) < len(element.attrs["categories"]), element.name


def test_every_documented_dataset_is_there():
    with h5py.File(GOLDEN) as file:
        for path in documented_paths(in_digest=False):
            assert path in file, path
