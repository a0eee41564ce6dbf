"""A Llama of pocket size, with its export to Hugging Face format and a decoder for measuring."""
import json
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Shape:
    vocabulary: int
    width: int = 128
    layers: int = 5
    heads: int = 4
    hidden: int = 352
    context: int = 512
    theta: float = 10000.0
    epsilon: float = 1e-5


class Norm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(width)), epsilon

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def rotate(x, cos, sin):                       # x: [batch, heads, tokens, head width]
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Linear(nn.Linear):
    """Weights are kept in float32; on request the product is taken in bfloat16: twice as fast on CPUs that have it, far slower on others."""
    low = False

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, bias=False)

    def forward(self, x):
        return F.linear(x.bfloat16(), self.weight.bfloat16()).float() if Linear.low else F.linear(x, self.weight)


class Layer(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = Norm(s.width, s.epsilon), Norm(s.width, s.epsilon)
        self.heads = s.heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (Linear(s.width, s.width) for _ in range(4))
        self.gate_proj, self.up_proj, self.down_proj = Linear(s.width, s.hidden), Linear(s.width, s.hidden), Linear(s.hidden, s.width)

    def forward(self, x, cos, sin, mask, past=None):
        batch, tokens, width = x.shape
        n = self.input_layernorm(x)
        q, k, v = (p(n).view(batch, tokens, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past is not None:
            k, v = (torch.cat(pair, 2) for pair in zip(past, (k, v)))
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.o_proj(a.transpose(1, 2).reshape(batch, tokens, width))
        n = self.post_attention_layernorm(x)
        return x + self.down_proj(F.silu(self.gate_proj(n)) * self.up_proj(n)), (k, v)


class Pocket(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width, shape.epsilon)
        nn.init.normal_(self.embed_tokens.weight, std=0.05)
        for name, p in self.named_parameters():
            if name.endswith("proj.weight"):
                nn.init.normal_(p, std=1 / math.sqrt(p.shape[1]) * (0.3 if "o_proj" in name or "down_proj" in name else 1.0))
        size = shape.width // shape.heads
        angles = torch.outer(torch.arange(shape.context).float(), shape.theta ** (-torch.arange(0, size, 2).float() / size))
        self.register_buffer("cos", torch.cat((angles.cos(), angles.cos()), -1), persistent=False)
        self.register_buffer("sin", torch.cat((angles.sin(), angles.sin()), -1), persistent=False)

    def forward(self, ids, positions, mask, past=None):
        """ids, positions: [batch, tokens]; mask: bool [batch, 1, tokens, all tokens]. Returns hidden states and keys with values of each layer."""
        x = self.embed_tokens(ids)
        cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        kept = []
        for i, layer in enumerate(self.layers):
            x, kv = layer(x, cos, sin, mask, past[i] if past else None)
            kept.append(kv)
        return self.norm(x), kept

    def logits(self, hidden):
        return F.linear(hidden, self.embed_tokens.weight)


@torch.no_grad()
def generate(model, prompts, most, eos, temperature=0.0, seed=0):
    """Token ids for each prompt, the end token left out. Prompts are padded on the left."""
    generator = torch.Generator().manual_seed(seed)
    longest, count = max(map(len, prompts)), len(prompts)
    ids = torch.zeros(count, longest, dtype=torch.long)
    real = torch.zeros(count, longest, dtype=torch.bool)
    for row, p in enumerate(prompts):
        ids[row, longest - len(p):] = torch.tensor(p)
        real[row, longest - len(p):] = True
    positions = (real.long().cumsum(1) - 1).clamp(min=0)
    mask = torch.tril(torch.ones(longest, longest, dtype=torch.bool))[None, None] & real[:, None, None, :]
    mask = mask | torch.eye(longest, dtype=torch.bool)[None, None]
    hidden, past = model(ids, positions, mask)
    outputs, done, position = [[] for _ in prompts], torch.zeros(count, dtype=torch.bool), positions[:, -1:]
    for _ in range(most):
        scores = model.logits(hidden[:, -1])
        if temperature > 0:
            chosen = torch.multinomial(torch.softmax(scores / temperature, -1), 1, generator=generator)[:, 0]
        else:
            chosen = scores.argmax(-1)
        done |= chosen == eos
        if done.all():
            break
        for row in (~done).nonzero()[:, 0].tolist():
            outputs[row].append(int(chosen[row]))
        position = position + 1
        real = torch.cat((real, torch.ones(count, 1, dtype=torch.bool)), 1)
        hidden, past = model(chosen[:, None], position, real[:, None, None, :], past)
    return outputs


def export(model, folder):
    from safetensors.torch import save_file
    folder.mkdir(parents=True, exist_ok=True)
    s = model.shape
    tensors = {}
    for name, p in model.state_dict().items():
        for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
            name = name.replace(f".{part}", f".self_attn.{part}")
        for part in ("gate_proj", "up_proj", "down_proj"):
            name = name.replace(f".{part}", f".mlp.{part}")
        tensors["model." + name] = p.detach().to(torch.bfloat16).contiguous()
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": s.vocabulary, "hidden_size": s.width, "num_hidden_layers": s.layers,
              "num_attention_heads": s.heads, "num_key_value_heads": s.heads, "head_dim": s.width // s.heads, "intermediate_size": s.hidden,
              "hidden_act": "silu", "max_position_embeddings": s.context, "rms_norm_eps": s.epsilon, "rope_theta": s.theta, "attention_bias": False,
              "mlp_bias": False, "attention_dropout": 0.0, "initializer_range": 0.05, "tie_word_embeddings": True, "bos_token_id": 0, "eos_token_id": 1,
              "pad_token_id": 2, "torch_dtype": "bfloat16", "use_cache": True}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    generation = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2, "do_sample": False, "max_new_tokens": 48}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")


def load(path):
    state = torch.load(path, map_location="cpu", weights_only=False)
    model = Pocket(Shape(**state["shape"]))
    model.load_state_dict(state["model"])
    return model, state


def stored(model):
    """The model as its bfloat16 file holds it, computed in float32."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.bfloat16().float())
    return model.eval()


def save(model, path, **more):
    torch.save({"shape": asdict(model.shape), "model": model.state_dict(), **more}, path)
