"""Icons move from the pages into a style sheet."""

from urllib.parse import unquote

from course_utils.site.icons import Icons

ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M3 6h18v2H3z"/></svg>'
OTHER = ICON.replace("M3 6", "M5 7")
PICTURE = '<svg viewBox="0 0 400 300"><path d="M0 0"/></svg>'


def test_like_icons_share_a_class_and_a_rule() -> None:
    icons = Icons()
    page = icons.moved_from(f"<a>{ICON}</a><b>{ICON}</b><i>{OTHER}</i>")
    again = icons.moved_from(f"<a>{ICON}</a>")
    assert again in page
    assert page.count("<svg") == 3
    assert "M3 6" not in page
    sheet = unquote(icons.style_sheet())
    assert sheet.count(ICON) == sheet.count(OTHER) == 1


def test_pictures_stay_in_the_page() -> None:
    assert Icons().moved_from(PICTURE) == PICTURE
