"""The keys of `.aqe/policy.toml` with their bounds: what is not exactly one of them makes the file unusable."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from aqe_desktop.core.globs import Glob
from aqe_desktop.core.models import Zone
from aqe_desktop.core.policy import Mode, Policy, WhenNoLocal

_MOST = 300  # entries of a list, and characters of one: each costs time, and the file may be a stranger's


def _glob(text: str) -> str:
    text = text.removeprefix("./")
    if "\0" in text or "\\" in text:
        raise ValueError("a pattern is written with / between folders")
    if text.startswith(("/", "~")) or ".." in text.split("/"):
        raise ValueError("a pattern is relative to the folder that holds .aqe, and stays in it")
    if not text.strip("/"):
        raise ValueError("a pattern names something")
    names = text.removesuffix("/").split("/")
    if "" in names or "." in names:
        raise ValueError("a pattern has one name between two /, and . is none")
    if text != text.strip() or text.startswith("!") or "{" in text or "}" in text:
        raise ValueError("a pattern has no space at its ends, no ! before it and no { }: write one pattern for each")
    return text


def _amount(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


_Path = Annotated[str, Field(max_length=_MOST), AfterValidator(_glob)]
_Name = Annotated[str, Field(min_length=1, max_length=_MOST)]
_Paths = Annotated[list[_Path], Field(max_length=_MOST)]
_Names = Annotated[list[_Name], Field(max_length=_MOST)]


class PolicyTable(BaseModel):
    """The file as it is written. Strict, and no other keys: a mistyped one would leave open what it was to close."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    mode: Literal["local", "auto", "cloud"] = "auto"
    sensitive_zone: Literal["device", "lan"] = "device"
    private_paths: _Paths = Field(default_factory=list)
    public_paths: _Paths = Field(default_factory=list)
    allowed_providers: _Names = Field(default_factory=list)
    no_training: bool = True
    budget_usd_month: Annotated[Decimal, BeforeValidator(_amount), Field(ge=0, allow_inf_nan=False)] | None = None
    when_no_local: Literal["ask", "refuse"] = "ask"
    accept_declared: bool = False
    redact: _Names = Field(default_factory=list)

    def as_policy(self, base: str) -> Policy:
        """The policy of a file whose `.aqe` lies in the folder `base`, an absolute path with `/`."""
        public = tuple(Glob(each, base) for each in self.public_paths)
        return Policy(
            Mode(self.mode),
            Zone(self.sensitive_zone),
            tuple(Glob(each, base) for each in self.private_paths),
            (public,) if public else (),
            tuple(self.allowed_providers) or None,
            self.no_training,
            self.budget_usd_month,
            WhenNoLocal(self.when_no_local),
            self.accept_declared,
            tuple(self.redact),
        )
