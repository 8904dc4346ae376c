"""The columns of the pocket datasets, as the `datasets` library describes them."""

from typing import Any

from course_utils.world import entities


def _value(dtype: str) -> dict[str, Any]:
    return {"dtype": dtype, "_type": "Value"}


def _labels(names: list[str]) -> dict[str, Any]:
    return {"names": names, "_type": "ClassLabel"}


def _listed(feature: dict[str, Any]) -> dict[str, Any]:
    return {"feature": feature, "_type": "List"}


FEATURES: dict[str, dict[str, dict[str, Any]]] = {
    "entities": {
        "id": _value("string"),
        "tokens": _listed(_value("string")),
        "pos_tags": _listed(_labels(entities.POS_TAGS)),
        "chunk_tags": _listed(_labels(entities.CHUNK_TAGS)),
        "ner_tags": _listed(_labels(entities.NER_TAGS)),
    },
    "reviews": {
        "label": _labels(["1 star", *(f"{n} stars" for n in range(2, 6))]),
        "text": _value("string"),
    },
    "corpus": {"text": _value("string")},
}
