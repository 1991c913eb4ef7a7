"""What can answer and how it stands: the models of every runtime, the default one, loading and letting go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aqe_desktop.core.errors import NothingLocal, UsageError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.models import Model, ModelRef, Phase, Place, RuntimeStatus
from aqe_desktop.core.ports import Runtime


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model with its state: `phase` is that of its runtime where it is the one loaded, STOPPED otherwise."""

    model: Model
    phase: Phase
    default: bool


class ModelService:
    """Models and runtimes as the front doors see them; `preferred` reads the user's default from the settings."""

    def __init__(self, runtimes: Sequence[Runtime], preferred: Callable[[], str] = lambda: "") -> None:
        self._runtimes = {runtime.id: runtime for runtime in runtimes}
        self._preferred = preferred

    @property
    def runtime_ids(self) -> tuple[str, ...]:
        return tuple(self._runtimes)

    def status(self, runtime: str) -> Feed[RuntimeStatus]:
        """The live status of one runtime; `.value` now, `.follow()` for changes. UsageError for an unknown id."""
        return self._runtime(runtime).status

    def statuses(self) -> tuple[RuntimeStatus, ...]:
        """Every runtime's status now; starts nothing."""
        return tuple(runtime.status.value for runtime in self._runtimes.values())

    async def list(self) -> list[ListedModel]:
        """Every model that can be loaded, in the order of the runtimes; starts nothing."""
        models = [model for runtime in self._runtimes.values() for model in await runtime.models()]
        default = _default(models, self._preferred())
        return [ListedModel(model, self._phase(model.ref), model == default) for model in models]

    async def choose(self, wanted: ModelRef | None = None) -> Model:
        """The model that was named, or else the default. A named model is never replaced by another.

        Raises UsageError for an unknown one, NothingLocal when there is no model at all."""
        models = [model for runtime in self._runtimes.values() for model in await runtime.models()]
        if wanted is None:
            return _some(_default(models, self._preferred()))
        self._runtime(wanted.host)
        found = next((model for model in models if model.ref == wanted), None)
        if found is None:
            raise UsageError(f"There is no model {wanted}.", "`aqe models` lists the models of this device.")
        return found

    def runtime(self, model: ModelRef) -> Runtime:
        """The engine that serves this model. UsageError where none does."""
        return self._runtime(model.host)

    async def place(self, model: ModelRef) -> Place:
        """The zone of this model with the facts behind it, read anew."""
        return await self.runtime(model).place(model)

    async def load(self, model: ModelRef) -> None:
        """Returns when the model is ready; progress shows in `status`. Loading a loaded model is free."""
        await self.runtime(model).load(model)

    async def unload(self, runtime: str) -> None:
        """Let go of the runtime's model; a failed engine is cleared, so that the next load starts anew."""
        await self._runtime(runtime).unload()

    async def clear_failure(self, runtime: str) -> None:
        """Let a failed engine go; a sound one is left alone."""
        if self.status(runtime).value.phase is Phase.FAILED:
            await self.unload(runtime)

    def _runtime(self, runtime: str) -> Runtime:
        try:
            return self._runtimes[runtime]
        except KeyError:
            raise UsageError(f"There is no runtime “{runtime}”.", "`aqe runtimes` lists them.") from None

    def _phase(self, model: ModelRef) -> Phase:
        status = self._runtime(model.host).status.value
        return status.phase if status.model == model else Phase.STOPPED


def _default(models: Sequence[Model], preferred: str) -> Model | None:
    """The user's choice where it still exists, else the first model."""
    named = (model for model in models if str(model.ref) == preferred)
    return next(named, models[0] if models else None)


def _some(model: Model | None) -> Model:
    if model is None:
        raise NothingLocal(
            "There is no model on this device.",
            "Install the starter model with `make run`, or put a GGUF file into `models` in the data folder.",
        )
    return model
