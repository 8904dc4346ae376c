import json

from course_utils.site.search_index import without_code

TEXT = "<p>Call <code>map</code>.</p> <pre><code>rows\n= 1\n</code></pre> <p>Now read.</p>"


def test_code_blocks_go_and_all_else_stays() -> None:
    entry = {"location": "a/#b", "title": "<pre> as a title", "text": TEXT}
    index = {"config": {"lang": ["en"]}, "docs": [entry]}
    found = json.loads(without_code(json.dumps(index)))
    kept = "<p>Call <code>map</code>.</p> <p>Now read.</p>"
    assert found == {"config": {"lang": ["en"]}, "docs": [entry | {"text": kept}]}
