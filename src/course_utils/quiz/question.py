"""The types of question, as an author writes them in a quiz file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Tag,
    field_validator,
)

__all__ = [
    "TYPES",
    "Choice",
    "Id",
    "Item",
    "Match",
    "Numeric",
    "Option",
    "Order",
    "Pair",
    "Question",
    "Strict",
    "Text",
    "Written",
    "model_of",
]

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Text = Annotated[str, Field(pattern=r"\S")]


class Strict(BaseModel):
    """Data that cannot change and has no key but the declared ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(Strict):
    """One option: its text, whether it is right, and why."""

    id: Id
    text: Text
    right: bool = False
    why: str = ""


class Item(Strict):
    """A text with an id: an item to be put in order, or what a graded quiz shows of an option."""

    id: Id
    text: Text


class Pair(Strict):
    """Two things that belong together; `right_id` is the pair's own id unless it is given."""

    id: Id
    left: Text
    right: Text
    right_id: str = ""
    why: str = ""


class _Question(Strict):
    """What every question has. `code` proves the key: it runs with `answer` bound to it."""

    id: Id
    objective: Text
    prompt: Text
    explain: Text
    code: str = ""


class Choice(_Question):
    """Choose one option, several, the faulty line of code, or what the code shown prints."""

    type: Literal["single", "multiple", "bug", "output"]
    options: list[Option] = Field(min_length=2)
    shown: str = ""
    why: str = Field(default="", description="of a bug's lines that have none of their own")

    @property
    def key(self) -> list[str]:
        """The ids of the right options."""
        return [option.id for option in self.options if option.right]

    def why_of(self, option: Option) -> str:
        """Why `option` is right or wrong."""
        return option.why or self.why


class Numeric(_Question):
    """Give a number; right within `tolerance`, absolute, or `relative`, a share of the answer."""

    type: Literal["numeric"]
    answer: FiniteFloat
    tolerance: FiniteFloat = Field(default=0.0, ge=0)
    relative: FiniteFloat = Field(default=0.0, ge=0, lt=1)
    unit: str = ""

    @property
    def key(self) -> float:
        """The answer."""
        return self.answer

    @property
    def margin(self) -> float:
        """How far from the answer is still right; rounding errors always are."""
        return max(self.tolerance, max(self.relative, 1e-9) * abs(self.answer))


class Written(_Question):
    """Write a short text, or what the code shown prints."""

    type: Literal["text", "output"]
    accepted: list[Text] = Field(min_length=1)
    case_sensitive: bool = False
    shown: str = ""

    @property
    def key(self) -> str:
        """The first accepted text."""
        return self.accepted[0]


class Order(_Question):
    """Put items in order; the file gives them in the right one."""

    type: Literal["order"]
    items: list[Item] = Field(min_length=3)

    @field_validator("items", mode="before")
    @classmethod
    def _number(cls, items: Any) -> Any:
        """Items given as mere texts take their place as id."""
        if not isinstance(items, list):
            return items
        return [
            {"id": f"i{n}", "text": x} if isinstance(x, str) else x for n, x in enumerate(items)
        ]

    @property
    def key(self) -> list[str]:
        """The ids of the items, in the right order."""
        return [item.id for item in self.items]


class Match(_Question):
    """Find what belongs to what."""

    type: Literal["match"]
    pairs: list[Pair] = Field(min_length=2)

    @property
    def key(self) -> dict[str, str]:
        """For each left side the id of its right side."""
        return {pair.id: pair.right_id or pair.id for pair in self.pairs}


#: For each type a question may have, the class that models it.
TYPES = {
    "single": "choice",
    "multiple": "choice",
    "bug": "choice",
    "numeric": "numeric",
    "text": "written",
    "output": "written",
    "order": "order",
    "match": "match",
}


def model_of(data: Any) -> str | None:
    """Which class models `data`: an `output` question is written unless it has options."""
    if not isinstance(data, dict):
        return type(data).__name__.lower()
    return "choice" if "options" in data and data["type"] == "output" else TYPES[data["type"]]


Question = Annotated[
    Annotated[Choice, Tag("choice")]
    | Annotated[Numeric, Tag("numeric")]
    | Annotated[Written, Tag("written")]
    | Annotated[Order, Tag("order")]
    | Annotated[Match, Tag("match")],
    Discriminator(model_of),
]
