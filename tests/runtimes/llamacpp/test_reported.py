"""What llama.cpp says of itself while it loads is heard as the settings it runs with; a model's words are not."""

from __future__ import annotations

from aqe_desktop.core.loading import ALL
from aqe_desktop.runtimes.llamacpp.worker.reported import Reported

# Lines of xllamacpp 2026.10, in their order.
_LOADED = """\
0.00.012.540 I srv    load_model: loading model '/models/large.gguf'
0.00.037.604 I llama_model_loader: - kv   2:  general.name str = llama_context: n_batch = 1
0.00.140.710 I load_tensors: loading model tensors, this can take a while... (load_mode = mmap+mlock)
0.00.162.145 I load_tensors: offloaded 7/31 layers to GPU
0.00.181.413 I llama_adapter_lora_init: loading lora adapter from '/it's a/first.gguf' ...
0.00.191.413 I llama_adapter_lora_init: loading lora adapter from '/b.gguf' ...
0.00.166.080 I llama_context: n_seq_max             = 2
0.00.166.085 I llama_context: n_ctx                 = 1024
0.00.166.089 I llama_context: n_ctx_seq             = 512
0.00.166.094 I llama_context: n_batch               = 64
0.00.157.055 I llama_context: flash_attn            = auto
0.00.219.623 I llama_context: freq_base             = 50000.0
0.00.219.629 I llama_context: freq_scale            = 0.4
0.00.170.725 I llama_kv_cache: size =   11.95 MiB (   512 cells,  30 layers,  2/2 seqs), K (q8_0):    5.98 MiB, V (q8_0):    5.98 MiB
0.00.167.136 I resolve_fused_ops: Flash Attention disabled
0.00.174.243 I cmn          init: llama threadpool init, n_threads = 3
0.00.175.415 I common_speculative_init_result: loading draft model '/models/small.gguf'
0.00.303.338 I llama_context: n_batch               = 32
0.00.231.732 I srv          init: init: chat template, example_format: 'You are
0.00.162.145 I load_tensors: offloaded 31/31 layers to GPU
'
0.00.231.998 I srv          init: listening on http://127.0.0.1:39215
"""  # noqa: E501 - a log has long lines
_FOUND = {
    "slots": 2, "context": 512, "batch": 64, "flash_attention": False, "rope_base": 50000.0, "rope_scale": 2.5,
    "kv_type": "q8_0", "threads": 3, "mmap": True, "lora": ("/it's a/first.gguf", "/b.gguf"),
    "draft": "/models/small.gguf",
}  # fmt: skip


def heard(text: str) -> Reported:
    reported = Reported()
    for line in text.splitlines():
        reported.hear(line)
    return reported


def test_each_setting_is_heard_once_from_the_models_own_load() -> None:
    reported = heard(_LOADED)
    assert reported.ended
    assert reported.settings(asked_layers=7, devices=True) == {**_FOUND, "gpu_layers": 7}


def test_layers_are_all_of_them_only_where_all_were_asked_for_and_none_without_a_gpu() -> None:
    every = "load_tensors: offloaded 31/31 layers to GPU"
    assert heard(every).settings(asked_layers=ALL, devices=True) == {"gpu_layers": ALL}
    assert heard(every).settings(asked_layers=40, devices=True) == {"gpu_layers": 31}
    assert heard(_LOADED).settings(asked_layers=7, devices=False)["gpu_layers"] == 0
    assert heard("").settings(asked_layers=7, devices=True) == {}


def test_a_library_without_a_logger_is_heard_too_and_unlike_caches_confirm_nothing() -> None:
    bare = heard("llama_context: n_ctx_per_seq = 2048\nllama_context: flash_attn    = 1\n")
    assert bare.settings(asked_layers=None, devices=True) == {"context": 2048, "flash_attention": True}
    assert not bare.ended
    unlike = heard("llama_kv_cache: size = 1 MiB, K (f16): 1 MiB, V (q8_0): 1 MiB")
    assert unlike.settings(asked_layers=None, devices=True) == {}
