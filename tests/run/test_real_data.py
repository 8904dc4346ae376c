"""Real data in the schemas of the datasets that lessons ask for."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest_run import Course

from course_utils.errors import CourseError
from course_utils.run import Options
from course_utils.run.real_data import folder, serve
from course_utils.world.schema import schema

ROOT = Path(__file__).parents[2]
#: The rows that the data's own description names, by split.
ROWS = {
    "leondz/wnut_17": {"train": 3394, "validation": 1009, "test": 1287},
    "rajpurkar/squad": {"train": 1041, "validation": 149},
    "rajpurkar/squad_v2": {"train": 1037, "validation": 149},
    "Helsinki-NLP/kde4": {"train": 142787},
    "FiscalNote/billsum": {"train": 1992, "ca_test": 619, "test": 618},
    "stanfordnlp/imdb": {"unsupervised": 2611, "test": 618},
    # 7,222 speeches of four rows each, speaker and speech with a blank one before
    "Salesforce/wikitext": {"train": 23112, "validation": 2888, "test": 2888},
}
MIRRORS = {
    "rajpurkar/squad": "reading",
    "rajpurkar/squad_v2": "reading",
    "Helsinki-NLP/kde4": "en-fr-manuals",
}
NAMES = ["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo"]
LINES = "Big\tO\nApple\tB-location\n\nBill\tB-person\nGates\tI-person\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder like the one with real data, that has one dataset of two sentences a split."""
    place = tmp_path / "data" / "wnut17"
    place.mkdir(parents=True)
    for name in ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated"):
        (place / name).write_text(LINES)
    return place.parent


def test_what_is_there_is_served_and_the_rest_left_out(data: Path, tmp_path: Path) -> None:
    served = serve(data, ["leondz/wnut_17", "rajpurkar/squad", "org/model"], tmp_path / "hub")
    assert served == {"leondz/wnut_17": "real-data/leondz--wnut_17"}


def test_every_third_question_is_asked_where_nothing_answers_it(tmp_path: Path) -> None:
    """Of the paragraph before, unless that holds the answer as well; no row is lost."""
    contexts = [f"{name} came from {'Rome' if n % 4 else 'Oslo'}." for n, name in enumerate(NAMES)]
    paragraphs = [
        {
            "context": context,
            "qas": [
                {
                    "id": f"{n}-{word}",
                    "question": f"Who or where, {n}?",
                    "answers": [{"text": word, "answer_start": context.index(word)}],
                }
                for word in (NAMES[n], "came", context[:-1].split()[-1])
            ],
        }
        for n, context in enumerate(contexts)
    ]
    file = tmp_path / "data/xquad/xquad.en.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}))
    (name,) = serve(tmp_path / "data", ["rajpurkar/squad_v2"], tmp_path).values()
    (train, validation) = (
        pq.read_table(tmp_path / "datasets" / name / f"data/{split}.parquet").to_pylist()
        for split in ("train", "validation")
    )
    assert [row["id"] for row in validation] == ["0-Ada", "0-came", "0-Oslo"]
    assert len(train) == 3 * (len(NAMES) - 1)
    for row in train:
        n = int(row["id"].split("-")[0])
        text, start = row["answers"]["text"], row["answers"]["answer_start"]
        if text:
            assert row["context"] == contexts[n]
            assert row["context"][start[0] :].startswith(text[0])
        else:
            assert row["context"] == contexts[n - 1]
    moved = [row["id"] for row in train if not row["answers"]["text"]]
    assert moved == ["4-Oslo", "5-Rome", "8-Oslo", "9-Rome"]


def test_what_is_not_there_is_said(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="has nothing for org/model: leave --real-data out"):
        serve(data, ["org/model"], tmp_path / "hub")
    with pytest.raises(CourseError, match="set COURSE_REAL_DATA"):
        serve(data / "none", ["org/model"], tmp_path / "hub")


def test_a_lesson_reads_it_under_the_real_id(course: Course, data: Path) -> None:
    code = """\
from datasets import load_dataset
found = load_dataset(dataset_id, revision=revision)
assert found["train"].features["ner_tags"].feature.names[:2] == ["O", "B-corporation"]
assert found["test"][1]["tokens"] == ["Bill", "Gates"]
assert list(found) == ["train", "validation", "test"]"""
    path = course.write("a", code)
    full = "{dataset_id: leondz/wnut_17, revision: refs/convert/parquet}"
    text = path.read_text().replace("{size: 9}", full)
    pocket = 'dataset_id, revision = "pocket/entities", "main"'
    path.write_text(text.replace("size = 2", pocket))
    report = course.run(Options(scale="full", rehearse=True, real_data=data))
    assert report.ok, report.outcomes["part/a"].error
    manifest = json.loads((course.root / "build/rehearsal-on-real-data/manifest.json").read_text())
    assert manifest["lessons"]["part/a"]["status"] == "ok"


@pytest.mark.skipif(
    not (ROOT / folder()).is_dir(), reason="no folder of real data: COURSE_REAL_DATA names it"
)
@pytest.mark.parametrize("real_id", ROWS)
def test_every_row_of_the_real_data_arrives(real_id: str, tmp_path: Path) -> None:
    (name,) = serve(ROOT / folder(), [real_id], tmp_path).values()
    tables = {
        path.stem: pq.read_table(path)
        for path in (tmp_path / "datasets" / name / "data").glob("*.parquet")
    }
    assert {split: table.num_rows for split, table in tables.items()} == ROWS[real_id]
    if real_id in MIRRORS:
        told = json.loads(tables["train"].schema.metadata[b"huggingface"])["info"]["features"]
        assert told == schema(MIRRORS[real_id]).features
