"""Call-outs in the form that Jupyter shows."""

from textwrap import dedent

from course_utils.site.callouts import to_jupyter


def rewritten(text: str) -> str:
    return to_jupyter(dedent(text).strip())


def test_a_fixed_call_out_becomes_a_quote() -> None:
    assert (
        rewritten(
            """
        Before.

        !!! trap "Mind the gap"
            First.

            - item

        After.
        """
        )
        == "Before.\n\n> **Mind the gap**\n>\n> First.\n>\n> - item\n\nAfter."
    )


def test_a_folded_call_out_becomes_details() -> None:
    assert (
        rewritten(
            """
        ??? hint "Hint"
            ```python
            x = 1
            ```
        """
        )
        == "<details><summary>Hint</summary>\n\n```python\nx = 1\n```\n\n</details>"
    )


def test_a_call_out_inside_another_is_rewritten_too() -> None:
    text = rewritten(
        """
        !!! exercise "One"
            Do it.

            ??? hint "How"
                So.
        """
    )
    assert "> <details><summary>How</summary>\n>\n> So.\n>\n> </details>" in text


def test_without_a_title_the_kind_is_the_title() -> None:
    assert rewritten("!!! hardware\n    A GPU.") == "> **Hardware**\n>\n> A GPU."


def test_without_a_body_the_title_stands_alone() -> None:
    assert rewritten('!!! trap "Alone"') == "> **Alone**"


def test_other_text_is_left_alone() -> None:
    text = "# Title\n\nWhat??? yes!!!\n\n    code\n"
    assert to_jupyter(text) == text
