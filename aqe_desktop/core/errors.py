"""The errors a person may see: each says what happened, and its hint says the one next step.

    AqeError
    ├── UsageError            the request itself cannot be served as written          exit 2
    ├── SettingsBroken        a settings file cannot be read                          exit 2
    ├── RulesBroken           the privacy rules cannot be read: all text is private   exit 3
    ├── PrivacyRefused        policy forbids it                                       exit 3
    │   ├── ConsentNeeded     a deliberate yes is due first
    │   └── Offline           the offline switch is on
    ├── ProviderFailed        a runtime or provider failed                            exit 4
    │   ├── EngineCrashed     our engine's process ended during the work
    │   ├── ModelBroken       the model file cannot be loaded
    │   ├── NotEnoughMemory   the model does not fit
    │   ├── ContextTooLong    the prompt exceeds the model's context
    │   └── Unreachable       nothing answers there
    ├── StorageFailed         the data folder or database cannot be used              exit 4
    │   ├── DiskFull
    │   ├── ReadOnlyData
    │   └── DatabaseTooNew
    ├── KeyringUnusable       the system's keyring cannot be used                   exit 4
    └── NothingLocal          no local model can serve it                             exit 6

Anything that is not an AqeError is our bug (exit 1): it is logged and shown as a report.
"""

from __future__ import annotations


class AqeError(Exception):
    """The root of everything that is explained to the user instead of reported as our bug."""

    exit_code = 4
    kind = "error"
    default_hint = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint

    def as_json(self) -> dict[str, str]:
        """The object promised under "error" by every `--json` command."""
        return {"kind": self.kind, "message": self.message, "hint": self.hint}


class UsageError(AqeError):
    """What was asked cannot be done as written; the message names the part."""

    exit_code = 2
    kind = "usage"


class SettingsBroken(AqeError):
    """A settings file does not parse; nothing in it was changed."""

    exit_code = 2
    kind = "settings_broken"


class RulesBroken(AqeError):
    """The privacy rules of this installation cannot be used; until they can, every text counts as private."""

    exit_code = 3
    kind = "rules_broken"
    default_hint = "Install the app again; until then nothing that you write leaves this device."


class PrivacyRefused(AqeError):
    """Policy forbids that this content goes where it was about to go."""

    exit_code = 3
    kind = "privacy_refused"


class ConsentNeeded(PrivacyRefused):
    """It may go there only by a deliberate yes to exactly this; nothing was sent."""

    kind = "consent_needed"


class Offline(PrivacyRefused):
    """The offline switch is on, and this would leave the device."""

    kind = "offline"
    default_hint = "Turn the switch off, or choose a model on this device."


class ProviderFailed(AqeError):
    """A runtime or provider answered with a failure."""

    kind = "provider_failed"


class EngineCrashed(ProviderFailed):
    """The engine's process ended while it worked for us; what had arrived is kept."""

    kind = "engine_crashed"
    default_hint = "Start the engine again and retry; the text that had arrived is kept."


class ModelBroken(ProviderFailed):
    """The model file is missing, damaged, of another kind, or of an architecture the engine does not know."""

    kind = "model_broken"


class NotEnoughMemory(ProviderFailed):
    """The model and its context do not fit into the memory that is free."""

    kind = "not_enough_memory"
    default_hint = "Close other programs, choose a smaller model, or lower the context length."


class ContextTooLong(ProviderFailed):
    """The prompt has more tokens than the model's context holds; nothing was cut.

    `tokens` and `limit` are the engine's own counts (0 where it does not say)."""

    kind = "context_too_long"
    default_hint = "Remove an attachment or earlier messages, or start a new chat."

    def __init__(self, message: str, hint: str = "", *, tokens: int = 0, limit: int = 0) -> None:
        super().__init__(message, hint)
        self.tokens = tokens
        self.limit = limit


class Unreachable(ProviderFailed):
    """Nothing answers where the runtime should be."""

    kind = "unreachable"


class StorageFailed(AqeError):
    """The data folder or its database cannot be used; nothing was lost or changed."""

    kind = "storage_failed"


class DiskFull(StorageFailed):
    """A write failed for want of space."""

    kind = "disk_full"
    default_hint = "Free some disk space and try again; the text you typed is still there."


class ReadOnlyData(StorageFailed):
    """The data folder cannot be written."""

    kind = "read_only"
    default_hint = "Make the folder writable, or point AQE_HOME at one that is."


class DatabaseTooNew(StorageFailed):
    """The database was written by a newer version; an older one must not touch it."""

    kind = "database_too_new"
    default_hint = "Update AQE Desktop, or point AQE_HOME at another folder."


class KeyringUnusable(AqeError):
    """The system has no keyring that keeps a secret, or it does not answer; nothing was written anywhere else."""

    kind = "keyring_unusable"
    default_hint = "Unlock the system's keyring or install one, then start the app again."


class NothingLocal(AqeError):
    """No model on this device can serve the request."""

    exit_code = 6
    kind = "nothing_local"
