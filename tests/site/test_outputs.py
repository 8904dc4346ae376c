"""Outputs: shown as they are, and unable to act."""

import html
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course_utils.lesson import RESULTS_MIME
from course_utils.site.outputs import HEAD, LONG, escape, image_of, merge_streams, output_html


def stream(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def shown(**data: Any) -> str:
    named = {"html": "text/html", "plain": "text/plain", "results": RESULTS_MIME}
    return output_html(new_output("display_data", data={named[k]: v for k, v in data.items()}))


@given(st.text())
def test_escaped_text_reads_the_same_and_holds_no_markdown(text: str) -> None:
    safe = escape(text)
    assert html.unescape(safe) == html.unescape(html.escape(text, quote=False))
    assert not set("<>`~") & set(safe)
    assert "\n\n" not in safe


def test_stream_is_preformatted_text() -> None:
    assert output_html(stream("a <b>\n")) == "<pre>a &lt;b&gt;</pre>"


def test_stderr_is_marked() -> None:
    assert output_html(stream("warned\n", "stderr")) == '<pre class="nb-stderr">warned</pre>'


def test_pieces_of_one_stream_are_joined() -> None:
    merged = merge_streams([stream("a"), stream("b\n"), stream("c", "stderr"), stream("d")])
    assert [(output.name, output.text) for output in merged] == [
        ("stdout", "ab\n"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_a_progress_bar_leaves_its_last_state() -> None:
    assert output_html(stream("10%\r50%\r100%\ndone\n")) == "<pre>100%\ndone</pre>"


def test_long_text_folds_after_its_head() -> None:
    text = output_html(stream("\n".join(f"line {n}" for n in range(LONG + 1))))
    head, _, rest = text.partition("<details")
    assert head.count("line") == HEAD
    assert f"<summary>{LONG + 1 - HEAD} more lines</summary>" in rest
    assert rest.count("line ") == LONG + 1 - HEAD


def test_empty_outputs_show_nothing() -> None:
    assert output_html(stream(" \n")) == ""
    assert shown() == ""


def test_an_error_shows_its_message_and_folds_the_traceback() -> None:
    error = new_output("error", ename="KeyError", evalue="'x'", traceback=["\x1b[31mIn [1]\x1b[0m"])
    assert output_html(error) == (
        '<pre class="nb-error">KeyError: \'x\'</pre>\n<details class="nb-more">\n'
        "<summary>Traceback</summary>\n<pre>In [1]</pre>\n</details>"
    )


def test_a_dataframe_keeps_its_table_and_loses_its_style() -> None:
    frame = '<div><style scoped>.x{}</style><table border="1" class="dataframe"><tr><th></th></tr>'
    assert shown(html=frame + "</table></div>", plain="x") == (
        '<div><div class="nb-scroll"><table class="nb-table"><tbody><tr><th></th></tr></tbody>'
        "</table></div></div>"
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<table onclick="alert(1)"><tr><td style="background:url(//x)">a</td></tr></table>',
        '<a href="javascript:alert(1)">a</a>',
        '<iframe src="//x"></iframe><object data="//x"></object><form action="//x"></form>',
        '<svg onload="alert(1)"><use href="//x"/></svg>',
    ],
)
def test_html_from_data_cannot_act(attack: str) -> None:
    safe = shown(html=f"<p>before</p>{attack}")
    assert safe.startswith("<p>before</p>")
    for bad in ("script", "alert", "onerror", "onclick", "//x", "javascript", "<iframe", "<form"):
        assert bad not in safe


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@given(st.text(alphabet="<>/=\"' \n`~scriptonadvhfx:&#;-!", max_size=80))
def test_only_allowed_tags_and_attributes_survive(markup: str) -> None:
    collector = _Collector()
    collector.feed(shown(html=markup))
    for tag, attributes in collector.seen:
        assert tag not in {"script", "style", "iframe", "img", "a", "form", "svg"}
        assert {name for name, _ in attributes} <= {
            *("class", "colspan", "rowspan", "scope", "title", "lang")
        }


def test_token_strips_may_use_their_classes_and_no_others() -> None:
    assert shown(html='<span class="token token-1 md-header">a</span>') == (
        '<span class="token token-1">a</span>'
    )


def test_results_are_trusted() -> None:
    table = '<table class="results"><tr><td>1</td></tr></table>'
    assert shown(html=table, results=[]) == f'<div class="nb-scroll">{table}</div>'


def test_pictures_are_found_vector_first() -> None:
    data = {"image/png": "cG5n", "image/svg+xml": "<svg/>", "text/plain": "<Figure>"}
    assert image_of(new_output("display_data", data=data)) == ("image/svg+xml", "<svg/>")
    assert image_of(stream("a")) is None
