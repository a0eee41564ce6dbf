"""A checkpoint as CTranslate2 runs it."""

import json

import ctranslate2


def load(model, converted, threads):
    """A generator in float32 on `threads` threads, and the vocabulary's words by id."""
    ctranslate2.converters.TransformersConverter(str(model)).convert(str(converted), force=True)
    generator = ctranslate2.Generator(str(converted), device="cpu", compute_type="float32", inter_threads=1,
                                      intra_threads=threads)
    return generator, json.loads((converted / "vocabulary.json").read_text())
