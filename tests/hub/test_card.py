from course_utils.hub.card import card_tags, parse_card, summary


def test_the_front_matter_is_read() -> None:
    assert parse_card("---\nlicense: mit\n---\n# Title\n") == {"license": "mit"}


def test_a_readme_without_or_with_broken_front_matter_has_an_empty_card() -> None:
    assert parse_card("# Title\n") == {}
    assert parse_card("---\n[broken\n---\n") == {}
    assert parse_card("---\n- a list\n---\n") == {}


def test_tags_follow_the_hubs_prefixes() -> None:
    card = {"license": "mit", "language": "en", "datasets": ["a/b"], "pipeline_tag": "fill-mask"}
    assert set(card_tags("models", card)) == {
        "fill-mask",
        "en",
        "license:mit",
        "dataset:a/b",
        "region:us",
    }
    assert "language:en" in card_tags("datasets", card)


def test_the_summary_is_the_first_sentence() -> None:
    assert summary("---\na: b\n---\n# Title\n\nOne thing. Another.\n") == "One thing."
    assert summary("") == ""
