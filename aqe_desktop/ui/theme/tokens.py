"""The colour tokens of both themes and the measures that every widget is built from; plain data, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's colours as "#RRGGBB"; every text pair in use is at least 4.5:1 (held by tests/ui/theme)."""

    name: str
    dark: bool
    # window, work area, wells and own messages, fields and buttons
    app: str
    surface: str
    sunken: str
    raised: str
    # the row under the pointer, the open row, the track of a bar
    hover: str
    # cards, rows, fields and the composer (3:1)
    line: str
    line_soft: str
    line_strong: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_soft: str
    on_accent: str
    # where it runs: these hues are used for nothing else
    device: str
    device_soft: str
    device_line: str
    lan: str
    lan_soft: str
    lan_line: str
    cloud: str
    cloud_soft: str
    cloud_line: str
    # only danger
    danger: str
    danger_soft: str
    danger_line: str
    code_ground: str
    code_keyword: str
    code_string: str
    code_name: str
    code_function: str
    code_comment: str

    def colours(self) -> dict[str, str]:
        """Token name to "#RRGGBB", for templates."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, str) and value.startswith("#")}


LIGHT = Tokens(
    name="light",
    dark=False,
    app="#F6F6F8",
    surface="#FFFFFF",
    sunken="#EEEEF2",
    raised="#FFFFFF",
    hover="#EBEBF0",
    line="#DFDFE6",
    line_soft="#EBEBF0",
    line_strong="#838694",
    text="#1A1B20",
    muted="#5A5C68",
    faint="#646774",
    accent="#3B5BDB",
    accent_soft="#E8ECFC",
    on_accent="#FFFFFF",
    device="#1B7A4B",
    device_soft="#E2F3E9",
    device_line="#A9D9BD",
    lan="#1668A8",
    lan_soft="#E0EEF9",
    lan_line="#A6CDEB",
    cloud="#A84F06",
    cloud_soft="#FBECDC",
    cloud_line="#EBC59C",
    danger="#B92534",
    danger_soft="#FBE4E6",
    danger_line="#EDB3B9",
    code_ground="#F4F4F7",
    code_keyword="#8B3FB8",
    code_string="#2B7A3E",
    code_name="#1B62B5",
    code_function="#A2470B",
    code_comment="#676A77",
)

DARK = Tokens(
    name="dark",
    dark=True,
    app="#131417",
    surface="#1A1B1F",
    sunken="#0F1013",
    raised="#24262B",
    hover="#26282E",
    line="#303239",
    line_soft="#26282E",
    line_strong="#747885",
    text="#E9EAEE",
    muted="#A3A6B1",
    faint="#979BA7",
    accent="#8EA5FF",
    accent_soft="#262E4D",
    on_accent="#10131F",
    device="#62D096",
    device_soft="#163324",
    device_line="#265A3D",
    lan="#74BDF6",
    lan_soft="#142E44",
    lan_line="#234E73",
    cloud="#F4AE68",
    cloud_soft="#3A2712",
    cloud_line="#69471F",
    danger="#FF8B94",
    danger_soft="#43191E",
    danger_line="#7A2E36",
    code_ground="#141519",
    code_keyword="#CF9BF2",
    code_string="#8FD6A0",
    code_name="#85BEF9",
    code_function="#F0B27A",
    code_comment="#7C808C",
)


def with_contrast(tokens: Tokens) -> Tokens:
    """The same theme for the system's high-contrast preference: no grey text, every line as strong as a field's."""
    return replace(
        tokens,
        muted=tokens.text,
        faint=tokens.text,
        code_comment=tokens.text,
        line=tokens.line_strong,
        line_soft=tokens.line_strong,
        line_strong=tokens.text,
    )


# Font sizes in pixels at a scale of 1: see look.md, "Type".
SMALL, SECONDARY, INTERFACE, MESSAGE, TITLE, EMPTY_TITLE, FIGURE = 11, 12, 13, 14, 15, 18, 24
# Spacing.
XS, S, M, L, XL = 4, 8, 12, 16, 24
# Corner radii.
R_CONTROL, R_BLOCK, R_CARD, R_COMPOSER, R_SHEET = 6, 8, 10, 12, 14
# Heights and widths.
CONTROL, FIELD, LIST_ROW, TABLE_ROW, HEADER, STATUS = 28, 30, 34, 40, 48, 28
RAIL, SIDEBAR, INSPECTOR, MESSAGE_COLUMN = 64, 264, 308, 760

# Icon sizes.
ICON_SMALL, ICON, ICON_LARGE = 14, 16, 20
# Font weights.
REGULAR, MEDIUM, SEMIBOLD = 400, 500, 600
# How long a fade may take, in milliseconds; none with reduced motion.
FADE = 120
