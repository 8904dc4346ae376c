import pytest

from course_utils.world.chunks import chunk_tags


@pytest.mark.parametrize(
    ("tags", "chunks"),
    [
        ("DT JJ NN VBD IN NNP .", "B-NP I-NP I-NP B-VP B-PP B-NP O"),
        ("PRP MD VB DT NN", "B-NP B-VP I-VP B-NP I-NP"),
        ("NNP POS NN", "B-NP B-NP I-NP"),
        ("PRP VBD TO VB NNS", "B-NP B-VP I-VP I-VP B-NP"),
        ("NNP VBD TO NNP", "B-NP B-VP B-PP B-NP"),
        ("NN VBD JJ .", "B-NP B-VP B-ADJP O"),
        ("NN VBD RB JJ .", "B-NP B-VP B-ADJP I-ADJP O"),
        ("NNP CC NNP", "B-NP O B-NP"),
    ],
)
def test_chunks(tags: str, chunks: str) -> None:
    assert chunk_tags(tags.split()) == chunks.split()


def test_no_tags_no_chunks() -> None:
    assert chunk_tags([]) == []
