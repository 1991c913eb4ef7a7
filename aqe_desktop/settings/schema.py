"""Every setting with its words and bounds: the form, the file's check and the help are drawn from here."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.models import ModelRef
from aqe_desktop.settings.boot import FONT_SIZE, FONT_SIZES
from aqe_desktop.settings.servers import ServerRow, require_unique


class _Section(BaseModel):
    # Keys of a newer version are left alone in the file and ignored here. Strict: "13" is not a size.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Appearance(_Section):
    """How the window looks."""

    theme: Literal["system", "light", "dark"] = Field(
        default="system", title="Theme", description="Follow the system, or always light or dark."
    )
    font_size: int = Field(
        default=FONT_SIZE,
        title="Font size",
        description="Size of the interface text in pixels; everything else scales with it.",
        ge=FONT_SIZES[0],
        le=FONT_SIZES[1],
    )
    reduced_motion: bool = Field(
        default=False, title="Reduce motion", description="Show changes at once instead of animating them."
    )


class Chat(_Section):
    """How a chat behaves."""

    send_key: Literal["enter", "ctrl_enter"] = Field(
        default="enter",
        title="Send with",
        description="The other one makes a new line.",
        json_schema_extra={"labels": {"enter": "Enter", "ctrl_enter": "Ctrl+Enter"}},
    )
    default_model: str = Field(
        default="",
        title="Model for new chats",
        description="RUNTIME/MODEL as `aqe models` lists it. Empty: the one used last, or the starter model.",
    )
    history_size: int = Field(
        default=100,
        title="Input history",
        description="How many of your last questions the arrow keys bring back; 0 turns it off.",
        ge=0,
        le=1000,
    )

    @field_validator("default_model")
    @classmethod
    def _is_a_model(cls, value: str) -> str:
        if value:
            try:
                ModelRef.parse(value)
            except UsageError as error:
                raise ValueError(error.message) from error
        return value


class Network(_Section):
    """What may leave this machine at all."""

    # A mistyped "offline" must not open the door: an unknown key here is a mistake, and mistakes count as offline.
    model_config = ConfigDict(extra="forbid")

    offline: bool = Field(
        default=False,
        title="Offline",
        description="Nothing leaves this device, whatever a policy allows. Models on this device go on working.",
    )
    extra_ca: str = Field(
        default="",
        title="Certificates of your company",
        description="A PEM file with authorities to trust beside the usual ones; counts from the next start.",
    )


class Ollama(_Section):
    """Where Ollama is on this machine, and what its server may do."""

    url: str = Field(
        default="",
        title="Address of the server",
        description="Empty: as OLLAMA_HOST says, else http://127.0.0.1:11434. Counts from the next start.",
    )
    program: str = Field(
        default="", title="Program", description="Empty: the one on the path, else in its usual place."
    )
    models: str = Field(
        default="",
        title="Folder of models",
        description="For a server that this app starts. Empty: as OLLAMA_MODELS says, else Ollama's own folder.",
    )
    zone: Literal["", "device", "lan"] = Field(
        default="",
        title="Where the server runs",
        description="Your word, where it cannot be proved. Without it such a server counts as a cloud.",
        json_schema_extra={"labels": {"": "Not said", "device": "On this device", "lan": "In this network"}},
    )
    cloud: bool = Field(
        default=False,
        title="Ollama's cloud",
        description="A server that this app starts may pass questions on to Ollama's cloud.",
    )


class LlamaCpp(_Section):
    """Which engine of the llama.cpp family loads model files, and where these are."""

    engine: Literal["auto", "xllamacpp", "llama-cpp-python", "llama-server"] = Field(
        default="auto",
        title="Engine",
        description="Automatic: the first that can use a GPU here, else the built-in one. Counts from the next start.",
        json_schema_extra={
            "labels": {
                "auto": "Automatic",
                "xllamacpp": "Built in (xllamacpp)",
                "llama-cpp-python": "llama-cpp-python",
                "llama-server": "llama-server",
            }
        },
    )
    server: str = Field(
        default="", title="Program llama-server", description="Empty: the one on the path, where there is one."
    )
    python: str = Field(
        default="",
        title="Python with llama-cpp-python",
        description="The program of an environment that has the package. Empty: the app's own, where it is installed.",
    )
    folders: list[Annotated[str, Field(max_length=4096)]] = Field(
        default=[],
        max_length=200,
        title="Folders of models",
        description="Folders of GGUF files beside the app's own, by their whole paths.",
        json_schema_extra={"hidden": True},  # `aqe models folders` and the screen of models have them
    )

    @field_validator("folders")
    @classmethod
    def _are_whole_paths(cls, value: list[str]) -> list[str]:
        # Another one would name another folder in each folder that a command is run in.
        if not all(_is_whole_path(each) for each in value):
            raise ValueError("each folder is named by its whole path")
        return value


def _is_whole_path(text: str) -> bool:
    return text.isprintable() and (PurePath(text).is_absolute() or text.startswith("~/"))


class WindowState(_Section):
    """Where the window was; kept by the window itself and not shown in the form."""

    model_config = ConfigDict(json_schema_extra={"hidden": True})

    width: int = Field(default=1280, ge=320, le=16384)
    height: int = Field(default=800, ge=240, le=16384)
    x: int | None = Field(default=None, ge=-32768, le=32767)
    y: int | None = Field(default=None, ge=-32768, le=32767)
    maximized: bool = False
    layout: str = ""


class Settings(BaseModel):
    """The whole of settings.toml: one table per section, and one for each server of the user's own."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    appearance: Appearance = Field(default_factory=Appearance, title="Appearance")
    chat: Chat = Field(default_factory=Chat, title="Chat")
    network: Network = Field(default_factory=Network, title="Network")
    ollama: Ollama = Field(default_factory=Ollama, title="Ollama")
    llamacpp: LlamaCpp = Field(default_factory=LlamaCpp, title="llama.cpp")
    window: WindowState = Field(default_factory=WindowState, title="Window")
    servers: list[ServerRow] = Field(default_factory=list)

    @field_validator("servers")
    @classmethod
    def _have_one_id_each(cls, value: list[ServerRow]) -> list[ServerRow]:
        require_unique(value)
        return value
