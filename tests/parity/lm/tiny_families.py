"""One tiny configuration for each causal family, with the features that its tests must be able to notice."""

import copy
from dataclasses import dataclass, field

import torch
import transformers
from lm_oracle import CONTEXT, randomise

VOCABULARY = 311
SIZES = {
    "vocab_size": VOCABULARY, "hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 4, "num_attention_heads": 6,
    "num_key_value_heads": 2, "max_position_embeddings": CONTEXT, "bos_token_id": None, "eos_token_id": None, "pad_token_id": None,
}
PLAIN_ROPE = {"rope_type": "default", "rope_theta": 10000.0}
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "original_max_position_embeddings": 64,
        "beta_fast": 32.0, "beta_slow": 1.0}
LONG_AFTER = 200
# A head of 24, half of which turns.
LONGROPE = {"rope_type": "longrope", "rope_theta": 10000.0, "partial_rotary_factor": 0.5,
            "short_factor": [1.0, 1.1, 1.3, 1.6, 2.0, 2.5], "long_factor": [1.5, 2.5, 4.0, 6.0, 9.0, 14.0],
            "original_max_position_embeddings": LONG_AFTER}


@dataclass
class Family:
    """How to make a model, and what it would be without each of its features."""

    name: str                               # of its configuration and model classes
    settings: dict
    # feature -> configuration that lacks it, or a function of the model that takes it away
    features: dict = field(default_factory=dict)
    long_after: int | None = None           # texts longer than this are turned anew by the oracle

    def model(self, **changes):
        config = getattr(transformers, self.name + "Config")(**self.settings | changes)
        config._attn_implementation = "eager"
        return getattr(transformers, CLASSES.get(self.name, self.name + "ForCausalLM"))(config).float().eval()

    def randomised(self, seed=1):
        torch.manual_seed(seed)
        return randomise(self.model(), gain=2.0, seed=seed)

    def without(self, model, feature):
        change = self.features[feature]
        if callable(change):
            other = copy.deepcopy(model)
            with torch.no_grad():
                change(other)
            return other
        other = self.model(**change)
        own = other.state_dict()
        own.update({name: value for name, value in model.state_dict().items() if name in own and own[name].shape == value.shape})
        other.load_state_dict(own)
        return other


CLASSES = {"GPT2": "GPT2LMHeadModel", "Gemma3Text": "Gemma3ForCausalLM"}


def reset(part, value=None):
    """Sets the parameters whose names contain `part` to what they have when they do nothing."""
    def change(model):
        found = [(name, weight) for name, weight in model.named_parameters() if part in name]
        assert found, part
        for name, weight in found:
            weight.fill_(value if value is not None else 1.0 if "norm" in name and name.endswith("weight") else 0.0)
    return change


def swap_first_rows(part, size):
    """Rows of a fused matrix in another order: what a wrong layout would read."""
    def change(model):
        for name, weight in model.named_parameters():
            if part in name:
                weight.copy_(torch.cat((weight[size:], weight[:size])))
    return change


def roll_positions(model):
    for name, weight in model.named_parameters():
        if "wpe" in name or "embed_positions" in name:
            weight.copy_(weight.roll(2, 0))


def first_experts_only(model):
    for name, weight in model.named_parameters():
        if name.endswith("mlp.gate.weight"):
            weight.fill_(0.0)


GEMMA = SIZES | {"head_dim": 24, "query_pre_attn_scalar": 40, "hidden_activation": "gelu_pytorch_tanh"}
LAYERS = ["sliding_attention", "full_attention"] * 2
GEMMA3_ROPE = {"sliding_attention": {"rope_type": "default", "rope_theta": 500.0},
               "full_attention": {"rope_type": "linear", "factor": 3.0, "rope_theta": 20000.0}}
OLMO3_ROPE = {"sliding_attention": {"rope_type": "default", "rope_theta": 5000.0}, "full_attention": dict(YARN, rope_theta=5000.0)}
QWEN_MOE = SIZES | {"head_dim": 24, "moe_intermediate_size": 56, "num_experts": 8, "num_experts_per_tok": 3, "norm_topk_prob": True,
                    "mlp_only_layers": [1], "rope_parameters": PLAIN_ROPE}

FAMILIES = {
    "gpt2": Family("GPT2", {"vocab_size": VOCABULARY, "n_embd": 96, "n_layer": 4, "n_head": 6, "n_positions": CONTEXT,
                            "bos_token_id": None, "eos_token_id": None}, {
        "learned positions": roll_positions,
        "which activation": {"activation_function": "relu"},
        "norm bias": reset("ln_1.bias"),
        "output bias": reset("attn.c_proj.bias"),
    }),
    "pythia": Family("GPTNeoX", SIZES | {"rope_parameters": PLAIN_ROPE | {"partial_rotary_factor": 0.5}, "hidden_act": "gelu"}, {
        "parallel residual": {"use_parallel_residual": False},
        "part of a head turns": {"rope_parameters": PLAIN_ROPE | {"partial_rotary_factor": 1.0}},
        "which activation": {"hidden_act": "relu"},
        "order of queries, keys and values": swap_first_rows("query_key_value.weight", 16),
    }),
    "gpt-neox, sequential": Family("GPTNeoX", SIZES | {"use_parallel_residual": False, "attention_bias": False}, {
        "sequential residual": {"use_parallel_residual": True},
    }),
    "opt": Family("OPT", {"vocab_size": VOCABULARY, "hidden_size": 96, "num_hidden_layers": 4, "ffn_dim": 200, "num_attention_heads": 6,
                          "max_position_embeddings": CONTEXT, "word_embed_proj_dim": 96, "pad_token_id": 1, "bos_token_id": None,
                          "eos_token_id": None}, {
        "positions two further": roll_positions,
        "which activation": {"activation_function": "gelu"},
        "final norm": reset("decoder.final_layer_norm"),
    }),
    "opt, sums normalised": Family("OPT", {"vocab_size": VOCABULARY, "hidden_size": 96, "num_hidden_layers": 4, "ffn_dim": 200,
                                           "num_attention_heads": 6, "max_position_embeddings": CONTEXT, "word_embed_proj_dim": 64,
                                           "do_layer_norm_before": False, "pad_token_id": 1, "bos_token_id": None,
                                           "eos_token_id": None}, {
        "norm of the sum": {"do_layer_norm_before": True},
    }),
    "smollm3": Family("SmolLM3", SIZES | {"rope_parameters": PLAIN_ROPE}, {
        "a layer that does not turn": {"no_rope_layers": [1, 1, 1, 1]},
    }),
    "mistral": Family("Mistral", SIZES | {"head_dim": 24, "sliding_window": 40, "rope_parameters": PLAIN_ROPE}, {
        "sliding window": {"sliding_window": None},
        "exact width of the window": {"sliding_window": 41},
    }),
    "ministral": Family("Ministral", SIZES | {"head_dim": 24, "sliding_window": 40, "layer_types": LAYERS,
                                              "rope_parameters": PLAIN_ROPE}, {
        "windows in some layers": {"layer_types": ["sliding_attention"] * 4},
    }),
    "ministral3": Family("Ministral3", SIZES | {"head_dim": 24, "rope_parameters": YARN | {
            "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.3}}, {
        "yarn": {"rope_parameters": PLAIN_ROPE | {"llama_4_scaling_beta": 0.3, "original_max_position_embeddings": 64}},
        "queries that grow": {"rope_parameters": YARN | {"mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.0}},
    }),
    "mixtral": Family("Mixtral", SIZES | {"head_dim": 24, "num_local_experts": 4, "num_experts_per_tok": 2,
                                          "rope_parameters": PLAIN_ROPE}, {
        "two experts": {"num_experts_per_tok": 1},
        "routing": first_experts_only,
    }),
    "qwen2": Family("Qwen2", SIZES | {"use_sliding_window": True, "sliding_window": 40, "max_window_layers": 2,
                                      "rope_parameters": PLAIN_ROPE}, {
        "biases": reset("q_proj.bias"),
        "windows from a layer on": {"max_window_layers": 3},
        "windows": {"use_sliding_window": False},
    }),
    "qwen3": Family("Qwen3", SIZES | {"head_dim": 24, "rope_parameters": PLAIN_ROPE}, {
        "norm of queries": reset("q_norm"),
        "norm of keys": reset("k_norm"),
    }),
    "qwen3-moe": Family("Qwen3Moe", QWEN_MOE, {
        "weights of experts sum to one": {"norm_topk_prob": False},
        "three experts": {"num_experts_per_tok": 2},
        "routing": first_experts_only,
    }),
    "gemma2": Family("Gemma2", GEMMA | {"sliding_window": 40, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 4.0,
                                        "rope_parameters": PLAIN_ROPE}, {
        "soft cap of scores": {"attn_logit_softcapping": None},
        "soft cap of logits": {"final_logit_softcapping": None},
        "windows in even layers": {"layer_types": ["full_attention", "sliding_attention"] * 2},
        "scale of scores": {"query_pre_attn_scalar": 24},
        "norm behind attention": reset("post_attention_layernorm"),
        "norm behind feed-forward": reset("post_feedforward_layernorm"),
    }),
    "gemma3": Family("Gemma3Text", GEMMA | {"sliding_window": 40, "layer_types": LAYERS, "rope_parameters": GEMMA3_ROPE}, {
        "rope of windows": {"rope_parameters": GEMMA3_ROPE | {"sliding_attention": GEMMA3_ROPE["full_attention"]}},
        "linear scaling": {"rope_parameters": GEMMA3_ROPE | {"full_attention": {"rope_type": "default", "rope_theta": 20000.0}}},
        "norm of queries": reset("q_norm"),
        "windows": {"sliding_window": 500},
    }),
    "phi3": Family("Phi3", SIZES | {"hidden_size": 144, "sliding_window": 60, "rope_parameters": LONGROPE,
                                    "original_max_position_embeddings": LONG_AFTER}, {
        "long factors": {"rope_parameters": LONGROPE | {"long_factor": LONGROPE["short_factor"]}},
        "short factors": {"rope_parameters": LONGROPE | {"short_factor": LONGROPE["long_factor"]}},
        "scale of longrope": {"rope_parameters": LONGROPE | {"attention_factor": 1.0}},
        "sliding window": {"sliding_window": None},
        "order of gate and up": swap_first_rows("gate_up_proj", 200),
    }, long_after=LONG_AFTER),
    "olmo2": Family("Olmo2", SIZES | {"rope_parameters": PLAIN_ROPE}, {
        "norm of all queries": reset("q_norm"),
        "norm behind attention": reset("post_attention_layernorm"),
    }),
    "olmo3": Family("Olmo3", SIZES | {"sliding_window": 40, "rope_parameters": OLMO3_ROPE}, {
        "windows in three of four": {"layer_types": LAYERS},
        "yarn": {"rope_parameters": OLMO3_ROPE | {"full_attention": {"rope_type": "default", "rope_theta": 5000.0}}},
    }),
}
