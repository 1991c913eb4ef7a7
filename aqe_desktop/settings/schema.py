"""Every setting with its words and bounds: the form, the file's check and the help are drawn from here."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.models import ModelRef
from aqe_desktop.settings.boot import FONT_SIZE, FONT_SIZES


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
    """The whole of settings.toml: one table per section."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    appearance: Appearance = Field(default_factory=Appearance, title="Appearance")
    chat: Chat = Field(default_factory=Chat, title="Chat")
    network: Network = Field(default_factory=Network, title="Network")
    window: WindowState = Field(default_factory=WindowState, title="Window")
