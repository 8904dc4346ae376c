"""The theme's icons, drawn once in a style sheet instead of thirteen times in every page."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

__all__ = ["Icons"]

_ICON = re.compile(
    r'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">(<path[^<>]*/>)</svg>'
)
_SAFE = " =:/',;+"  # what a quoted data URL may hold as it is
_STYLE = """\
[class^=icon-]{aspect-ratio:1;background:currentcolor;mask:var(--icon) center/contain no-repeat}
@media (forced-colors:active){[class^=icon-]{background:canvastext;forced-color-adjust:none}}
"""


class Icons:
    """The icons of the pages seen so far."""

    def __init__(self) -> None:
        self._drawings: dict[str, str] = {}

    def moved_from(self, page: str) -> str:
        """Return a page whose icons have a class each, in place of their drawing."""
        return _ICON.sub(self._named, page)

    def _named(self, icon: re.Match[str]) -> str:
        name = "icon-" + hashlib.sha256(icon[1].encode()).hexdigest()[:4]
        self._drawings[name] = icon[0]
        return f'<svg class="{name}"></svg>'

    def style_sheet(self) -> str:
        """Return the CSS that draws every icon, in the colour of the text beside it."""
        rules = (
            f'.{name}{{--icon:url("data:image/svg+xml,{quote(icon, safe=_SAFE)}")}}\n'
            for name, icon in sorted(self._drawings.items())
        )
        return _STYLE + "".join(rules)
