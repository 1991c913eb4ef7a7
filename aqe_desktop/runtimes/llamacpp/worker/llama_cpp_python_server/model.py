"""The loaded model and how it is loaded."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from .refusals import Refused

# What llama.cpp takes for a model that brings no template of its own.
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class Model:
    """The loaded model and the one conversation it holds."""

    def __init__(self, order: dict[str, Any]) -> None:
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self.lock = threading.Lock()
        self.llama = watched(llama_cpp)(model_path=order["model"], **_arguments(order["options"], llama_cpp))
        _set_silent(self.llama)
        words = [self._text(self.llama.token_eos()), self._text(self.llama.token_bos())]
        template = self.llama.metadata.get("tokenizer.chat_template") or _CHATML
        self.formatter = Jinja2ChatFormatter(template, *words, stop_token_ids=[])

    def confirmed(self) -> dict[str, Any]:
        """What the native context itself says."""
        import llama_cpp

        context = self.llama.ctx
        return {
            "context": llama_cpp.llama_n_ctx(context),
            "batch": llama_cpp.llama_n_batch(context),
            "threads": llama_cpp.llama_n_threads(context),
            "slots": 1,
        }

    def prompt(self, body: dict[str, Any]) -> str:
        """What the model's template makes of the messages, and of the tools where it knows any."""
        messages = body.get("messages")
        if not isinstance(messages, list) or not all(isinstance(each.get("content"), str) for each in messages):
            raise Refused(400, "llama-cpp-python reads text only here; another engine reads pictures.")
        try:
            return str(self.formatter(messages=messages, tools=body.get("tools")).prompt)
        except Exception as error:  # a template may raise whatever it likes
            raise Refused(400, f"The model's template refuses these messages: {error}") from error

    def vectors(self, texts: Any) -> tuple[list[Any], int]:
        """One for each text, and the tokens that were read; nothing is cut."""
        if not self.llama.context_params.embeddings:
            raise Refused(501, "This model is not loaded for vectors.")
        if not isinstance(texts, list) or not texts or not all(isinstance(each, str) for each in texts):
            raise Refused(400, "Texts are wanted.")
        longest = max(len(self.llama.tokenize(each.encode())) for each in texts)
        if longest > self.llama.n_batch:
            counts = {"n_prompt_tokens": longest, "n_ctx": self.llama.n_batch}
            raise Refused(400, "The text exceeds the context.", type="exceed_context_size_error", **counts)
        vectors, read = self.llama.embed(texts, normalize=True, truncate=False, return_count=True)
        return vectors, read

    def tokens(self, text: str, *, first: bool) -> list[int]:
        """With the token that begins a text where the model wants one and the template has written none."""
        bos = self.llama.token_bos()
        add = first and self.llama._model.add_bos_token() and not text.startswith(self._text(bos) or "\0")
        return list(self.llama.tokenize(text.encode(), add_bos=add, special=True))

    def _text(self, token: int) -> str:
        return self.llama._model.token_get_text(token) if token != -1 else ""


def watched(llama_cpp: Any) -> Any:
    """The package's class, which is known only where the package is, with an eye on the prompt."""

    class Watched(llama_cpp.Llama):  # type: ignore[misc]
        """Tells how much of the prompt it has read, and counts."""

        reused = sampled = 0
        began = True

        def begin(self, on_read: Callable[[int], None]) -> None:
            """A new answer; `on_read` hears of each batch of its prompt, and may raise to end it."""
            self.on_read = on_read
            self.reused = self.sampled = 0
            self.began = False

        def read(self, tokens: Any) -> None:
            evaluate = super().eval
            if self.began:
                evaluate(tokens)
                return
            self.began, self.reused = True, self.n_tokens
            for start in range(0, len(tokens), self.n_batch):
                self.on_read(self.n_tokens)
                evaluate(tokens[start : start + self.n_batch])
            self.on_read(self.n_tokens)

        # The package's name for it.
        eval = read

        def sample(self, *args: Any, **named: Any) -> Any:
            self.sampled += 1
            return super().sample(*args, **named)

    return Watched


def _arguments(options: dict[str, Any], llama_cpp: Any) -> dict[str, Any]:
    """What was chosen; what was not, and what this version does not know, stays its own affair."""
    cache = options["kv_type"] and getattr(llama_cpp, f"GGML_TYPE_{options['kv_type'].upper()}")
    layers = options["n_gpu_layers"]
    scale = options["rope_scale"]
    exact = options["kv_type"] in ("", "f16", "bf16", "f32")
    named = {
        "embedding": options["embedding"],
        "n_ctx": options["n_ctx"],
        "n_batch": options["n_batch"],
        "n_ubatch": options["n_batch"],
        "n_threads": options["n_threads"],
        "n_threads_batch": options["n_threads"],
        "n_gpu_layers": -1 if layers is None else layers,
        "type_k": cache or None,
        "type_v": cache or None,
        # Without being told, the package leaves it off, and a smaller cache needs it.
        "flash_attn": options["flash_attention"] if exact or options["flash_attention"] is not None else True,
        "use_mmap": options["mmap"],
        "use_mlock": options["mlock"],
        "main_gpu": options["main_gpu"],
        "tensor_split": options["tensor_split"] or None,
        "rope_freq_base": options["rope_base"],
        "rope_freq_scale": None if scale is None else 1 / scale,
        "lora_path": (options["lora"] or [None])[0],
    }
    return {**{name: value for name, value in named.items() if value is not None}, "verbose": True}


def _set_silent(llama: Any) -> None:
    """From now on what is logged could be of a prompt."""
    llama.verbose = False
    with contextlib.suppress(ImportError):
        from llama_cpp._logger import set_verbose

        set_verbose(False)
