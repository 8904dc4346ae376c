"""The HTML of a page without what no reader sees."""

from __future__ import annotations

import re

import minify_html

__all__ = ["slim"]

#: Pygments marks every token with `<span class="…">`, which doubles the size of a page's code. We
#: tell three kinds apart, by the shortest elements that fit; course.css gives them their colours.
_KINDS = {
    "b": ("k", "kc", "kd", "kn", "kr", "ow"),
    "i": ("c", "c1", "cm", "ch"),
    "u": ("s", "s1", "s2", "sa", "sb", "sd", "se", "sh", "si"),
    "": ("n", "p", "o", "w", "nb", "nn", "mi", "mf", "mh", "bp", "fm", "vm", "na", "nv"),
}
_ELEMENT = {name: element for element, names in _KINDS.items() for name in names}
_TOKEN = re.compile(rf'<span class="({"|".join(_ELEMENT)})">([^<]*)</span>')
_SEAM = re.compile(r"</([biu])><\1>")
#: What templates and highlighters put around code and names in the navigation, read by nobody. And
#: the empty corner of a table, which is the header of nothing.
_LEFT_OVER = {
    re.compile(r"<pre><span></span>"): "<pre>",
    re.compile(r"<th([^>]*)>\s*</th>"): r"<td\1></td>",
    re.compile(r'class="language-python highlight"'): 'class="highlight"',
    re.compile(r" data-search-exclude"): "",  # by then the search index is made
    re.compile(r'(<span class="md-ellipsis">)\s*([^<]*?)\s*(</span>)\s*'): r"\1\2\3",
    re.compile(r'\s+(<span class="md-ellipsis">)'): r"\1",
}


def slim(page: str) -> str:
    """Shorten the markup of code and drop the white space that the templates leave."""
    page = _SEAM.sub("", _TOKEN.sub(_marked, page))
    for left_over, kept in _LEFT_OVER.items():
        page = left_over.sub(kept, page)
    return minify_html.minify(
        page,
        keep_closing_tags=True,
        keep_html_and_head_opening_tags=True,
        keep_input_type_text_attr=True,
        minify_css=False,
        minify_js=False,
    )


def _marked(match: re.Match[str]) -> str:
    element = _ELEMENT[match[1]]
    return f"<{element}>{match[2]}</{element}>" if element else match[2]
