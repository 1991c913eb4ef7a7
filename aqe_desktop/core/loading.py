"""How a model is loaded: one set of settings over all engines, each with the sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass, fields

ALL = -1
"""Every layer on the GPU, as a value of `gpu_layers`."""
NEVER = -1
"""A model stays loaded until it is let go, as a value of `keep_alive_s`."""


@dataclass(frozen=True, slots=True)
class LoadSettings:
    """What a model is loaded with; None, "" and () leave the choice to the engine, which is the default everywhere.

    `context` is tokens of one conversation, of which `slots` are served at once; `gpu_layers` a count or ALL;
    `tensor_split` shares of the GPUs; `keep_alive_s` seconds without a request until it is let go, or NEVER; `lora`
    and `draft` are paths of files."""

    context: int | None = None
    gpu_layers: int | None = None
    kv_type: str = ""
    flash_attention: bool | None = None
    threads: int | None = None
    batch: int | None = None
    slots: int | None = None
    keep_alive_s: int | None = None
    mmap: bool | None = None
    mlock: bool | None = None
    main_gpu: int | None = None
    tensor_split: tuple[float, ...] = ()
    rope_base: float | None = None
    rope_scale: float | None = None
    lora: tuple[str, ...] = ()
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """A row of the form: the field's name, its label, one plain sentence, and its bounds. `more`: folded away."""

    name: str
    label: str
    explanation: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    more: bool = False


KV_TYPES = ("f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "f32")
"""Types of the attention cache, the usual one first (llama.cpp, `--cache-type-k`)."""

SETTINGS: tuple[Explained, ...] = (
    Explained(
        "context",
        "Context length",
        "How much of a conversation the model sees at once. Twice the length takes twice the memory of the cache.",
        "tokens",
        256,
        1_048_576,
    ),
    Explained(
        "gpu_layers",
        "Layers on the GPU",
        "How many of the model's layers the GPU computes. More are faster and take more of its memory.",
        "layers",
        ALL,
        1000,
    ),
    Explained(
        "kv_type",
        "Cache type",
        "How exactly the model remembers what it has read. q8_0 takes half the memory of f16 for answers hardly worse.",
        choices=KV_TYPES,
    ),
    Explained(
        "flash_attention",
        "Flash attention",
        "A faster way to compute attention that needs less memory. A cache type below f16 needs it.",
    ),
    Explained(
        "threads",
        "Threads",
        "How many processor cores compute. One fewer than there are leaves the rest of the machine usable.",
        "threads",
        1,
        1024,
    ),
    Explained(
        "batch",
        "Batch",
        "How many tokens of a prompt are read in one step. Smaller steps answer sooner to Stop.",
        "tokens",
        1,
        65_536,
    ),
    Explained(
        "slots",
        "Parallel conversations",
        "How many conversations are answered at the same time. Each has its own context, and takes memory for it.",
        "conversations",
        1,
        64,
    ),
    Explained(
        "keep_alive_s",
        "Unload when idle for",
        "How long the model stays in memory after its last answer. The next question then waits until it is loaded.",
        "seconds",
        NEVER,
        31_536_000,
    ),
    Explained(
        "mmap",
        "Map the file",
        "Reads the model from its file as it is needed: it loads sooner and other programs can push it out of memory.",
        more=True,
    ),
    Explained(
        "mlock",
        "Keep in memory",
        "Forbids the system to push the model out of memory. Answers stay fast; other programs get less.",
        more=True,
    ),
    Explained(
        "main_gpu",
        "Main GPU",
        "Which GPU holds what cannot be split among several. The first one is 0.",
        "",
        0,
        63,
        more=True,
    ),
    Explained(
        "tensor_split",
        "Split among GPUs",
        "The share of the model that each GPU takes, as numbers in their order, such as 3, 1.",
        more=True,
    ),
    Explained(
        "rope_base",
        "RoPE base",
        "The base frequency of the position code. Only for a model whose notes ask for another one.",
        "",
        1,
        1e9,
        more=True,
    ),
    Explained(
        "rope_scale",
        "RoPE scale",
        "Stretches the position code over a longer context than the model was trained for; answers get worse.",
        "",
        0.001,
        1000,
        more=True,
    ),
    Explained("lora", "LoRA adapters", "Files that change what the model has learned, in their order.", more=True),
    Explained(
        "draft",
        "Draft model",
        "A small model of the same family that guesses ahead; the large one only checks. Faster, same answers.",
        more=True,
    ),
)
assert {each.name for each in SETTINGS} == {field.name for field in fields(LoadSettings)}
