"""The tokenizer: byte-level BPE, small enough that every word of the world is one token and little else is."""
import itertools
import json

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import lexicon
from documents import documents

SPECIAL = ("<s>", "</s>", "<pad>")
TAGS = ("<prompt>", "</prompt>")


def words():
    """Every word that must be one token after a space."""
    found = set(lexicon.NAMES + lexicon.COLOURS + lexicon.DAYS + lexicon.ANIMALS + lexicon.OTHERS + list(lexicon.KEY_GRADE) + [lexicon.UNSURE])
    phrases = [v for vs in lexicon.VERBS.values() for forms in vs for v in forms] + list(lexicon.PATTERN_COST) + list(lexicon.VAGUE)
    phrases += list(lexicon.SKIP_VERBS + lexicon.STEPS + lexicon.PREFIXES + lexicon.SUFFIXES + lexicon.SOURCES)
    phrases += [w for table in (lexicon.CITIES, lexicon.MOODS) for w in table.values() for w in w] + list(lexicon.CITIES) + list(lexicon.MOODS)
    phrases += [w for ws in lexicon.ASIDE_WORDS.values() for w in ws] + list(lexicon.VERBS) + list(lexicon.TENSES) + ["yes no in on and so"]
    for phrase in phrases:
        found.update(phrase.replace("{}", "").replace(",", "").split())
    return sorted(found | {str(n) for n in range(21)})


def build(path, seed=1):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=4000, min_frequency=20, special_tokens=list(SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    texts = ("".join(text for text, _, _ in d).replace("</s>", "\n").replace("<prompt>", "").replace("</prompt>", "") for d in itertools.islice(documents(seed), 6000))
    every = (" " + " ".join(words()) for _ in range(50))
    tokenizer.train_from_iterator(itertools.chain(texts, every), trainer)
    tokenizer.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in TAGS])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])
    tokenizer.save(str(path))
    return tokenizer


def load(path):
    return Tokenizer.from_file(str(path))


CHAT_TEMPLATE = "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ ' ' + message['content'] + eos_token }}" \
                "{% else %}{{ message['content'] }}{% endif %}{% endfor %}"


def write_config(folder):
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "add_bos_token": True,
              "model_max_length": 512, "clean_up_tokenization_spaces": False, "chat_template": CHAT_TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
