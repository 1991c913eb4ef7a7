"""The conversation view: `Transcript` and the values it shows."""

from aqe_desktop.ui.widgets.transcript.model import FileChip, Offer, TranscriptMessage, ZoneChip
from aqe_desktop.ui.widgets.transcript.view import Transcript

__all__ = ["FileChip", "Offer", "Transcript", "TranscriptMessage", "ZoneChip"]
