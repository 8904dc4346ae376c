"""pocket/clip-mini: a tiny CLIP, trained contrastively on the captioned pictures of pocket/shapes.

Reads from top to bottom: the tokenizer, the model, the pictures, the near misses, the loss, the
measures, the card.
"""

import io
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn.functional import cross_entropy, pad
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
)

from course_utils.hub.recipes.training import digest, read_rows, train, write_card
from course_utils.world.shapes import (
    COLOURS,
    FILLINGS,
    RADII,
    SHAPES,
    SIDE,
    Shape,
    drawings,
    held_out,
)

NAME = "clip-mini"
MERGES = 300
MAX_TOKENS = 40
WIDTH, TEXT_WIDTH, LAYERS, HEADS, PATCH, SHARED = 96, 64, 2, 4, 8, 64
BATCH = 64  # pictures
RUN = 32  # pictures of a batch, one after another, whose captions name the same colour first
MISSES = 16  # captions of a batch that come with a near miss
STEPS = 6500
LEARNING_RATE = 1e-3
WARMUP = 200
SHIFT = 4  # pixels by which a training picture is moved at most
SEED = 0

START, END = "<|startoftext|>", "<|endoftext|>"
_NEAR_MISSES = (
    tuple((colour,) for colour in COLOURS),
    tuple((kind,) for kind in SHAPES),
    (("large", "big"), ("small", "little")),
    (("striped", "stripy"), ("dotted", "spotted"), ("plain",)),
    (("with stripes",), ("with dots", "with spots")),
    (("above", "over"), ("below", "under")),
    (("left",), ("right",)),
)  # groups of words of which one excludes the other; words in one bracket mean the same

Rows = list[dict[str, Any]]


def train_tokenizer(texts: list[str]) -> CLIPTokenizer:
    """Return a byte-pair tokenizer such as CLIP's: lower case, the ends of words marked </w>."""
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = CLIPTokenizer().backend_tokenizer.pre_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=2 * len(letters) + MERGES,
        initial_alphabet=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]][:MERGES]
    # every byte also as the end of a word, so that no text meets an unknown character
    pieces = [*letters, *(f"{letter}</w>" for letter in letters)]
    pieces = list(dict.fromkeys([*pieces, *(a + b for a, b in merges), START, END]))
    return CLIPTokenizer(
        vocab={piece: i for i, piece in enumerate(pieces)},
        merges=merges,
        model_max_length=MAX_TOKENS,
    )


def new_processor(texts: list[str]) -> CLIPProcessor:
    """Return what prepares pictures (with Pillow, no torchvision needed) and texts."""
    size = {"height": SIDE, "width": SIDE}
    images = CLIPImageProcessorPil(
        size={"shortest_edge": SIDE},
        crop_size=size,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )
    return CLIPProcessor(image_processor=images, tokenizer=train_tokenizer(texts))


def new_model(tokenizer: CLIPTokenizer) -> CLIPModel:
    """Return the untrained model: two towers of two layers."""
    torch.manual_seed(SEED)

    def tower(width: int) -> dict[str, int]:
        return {
            "hidden_size": width,
            "intermediate_size": 4 * width,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "projection_dim": SHARED,
        }

    text = {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": MAX_TOKENS,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = CLIPConfig(
        text_config=tower(TEXT_WIDTH) | text,
        vision_config=tower(WIDTH) | {"image_size": SIDE, "patch_size": PATCH},
        projection_dim=SHARED,
    )
    return CLIPModel(config)


def pictures(processor: CLIPProcessor, rows: Rows) -> torch.Tensor:
    """Return the pictures of rows as a tensor [rows, 3, SIDE, SIDE]."""
    images = [Image.open(io.BytesIO(row["image"]["bytes"])) for row in rows]
    pixels: torch.Tensor = processor.image_processor(images, return_tensors="pt")["pixel_values"]
    return pixels


def shifted(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return pictures moved by a few pixels, all of a batch alike; the edge is continued."""
    wide = pad(pixels, (SHIFT,) * 4, mode="replicate")
    y, x = torch.randint(2 * SHIFT + 1, (2,), generator=generator).tolist()
    return wide[:, :, y : y + SIDE, x : x + SIDE]


def near_miss(caption: str, rng: random.Random) -> str:
    """Return a caption that is false because of one word.

    It never joins a colour and a kind that are kept for the test: a model that met those only as
    false would learn that they are never true.
    """
    places = [
        (group, meaning, match)
        for group in _NEAR_MISSES
        for meaning in group
        for match in re.finditer(rf"\b({'|'.join(meaning)})\b", caption)
    ]
    for _ in range(50):
        group, meaning, match = rng.choice(places)
        word = rng.choice(rng.choice([other for other in group if other != meaning]))
        text = caption[: match.start()] + word + caption[match.end() :]
        text = re.sub(r"\ban? (?=[a-z])", "a ", text)
        text = re.sub(r"\ba (?=[aeiou])", "an ", text)
        if not named(text) & held_out():
            return text
    raise ValueError(caption)


def named(text: str) -> set[tuple[str, str]]:
    """Return the pairs of colour and kind that a caption names."""
    colours, kinds = "|".join(COLOURS), "|".join(SHAPES)
    return set(re.findall(rf"\b({colours})(?: \w+)? ({kinds})\b", text))


def shuffled(colours: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return row numbers in a random order, but in runs of RUN rows of one colour.

    Pictures of one batch are then told apart by their kinds: colours alone no longer do. A run
    has two colours where the rows of one end.
    """
    order = torch.randperm(len(colours), generator=generator)
    order = order[colours[order].argsort(stable=True)]
    runs = order[: len(order) // RUN * RUN].view(-1, RUN)
    return runs[torch.randperm(len(runs), generator=generator)].flatten()


def first_colours(captions: list[str]) -> torch.Tensor:
    """Return the number of the colour that each caption names first."""
    numbers = {colour: i for i, colour in enumerate(COLOURS)}
    words = re.compile("|".join(COLOURS))  # a caption tells of the background, if at all, last
    return torch.tensor([numbers[words.findall(caption)[0]] for caption in captions])


def batches(pixels: torch.Tensor, captions: list[str]) -> Iterator[tuple[torch.Tensor, list[str]]]:
    """Yield (pictures, their captions followed by near misses of some), for ever."""
    rng = random.Random(SEED)
    generator = torch.Generator().manual_seed(SEED)
    colours = first_colours(captions)
    while True:
        order = shuffled(colours, generator)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            texts = [captions[i] for i in chosen.tolist()]
            misses = [near_miss(text, rng) for text in texts[:: BATCH // MISSES]]
            yield shifted(pixels[chosen], generator), texts + misses


def contrast(
    model: CLIPModel, processor: CLIPProcessor, pixels: torch.Tensor, texts: list[str]
) -> torch.Tensor:
    """Return CLIP's loss: which caption belongs to each picture, and which picture to each caption.

    A picture also has to be told from the near misses, after Yuksekgonul et al. (2023).
    """
    tokens = processor.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    logits = model(pixel_values=pixels, **tokens).logits_per_image  # [pictures, texts]
    target = torch.arange(len(pixels))
    to_text = cross_entropy(logits, target)
    to_image = cross_entropy(logits[:, : len(pixels)].T, target)
    return (to_text + to_image) / 2


def candidates(shape: Shape, rng: random.Random) -> list[str]:
    """Return ten captions of one shape: the true one, then nine that differ in one attribute."""

    def words(size: str, filling: str, colour: str, kind: str) -> str:
        return f"a {size} {filling} {colour} {kind}"

    size, filling, colour, kind = shape.size, shape.filling, shape.colour, shape.kind
    other_colours = rng.sample([c for c in COLOURS if c != colour], 3)
    other_kinds = rng.sample([k for k in SHAPES if k != kind], 3)
    return [
        words(size, filling, colour, kind),
        *(words(size, filling, other, kind) for other in other_colours),
        *(words(size, filling, colour, other) for other in other_kinds),
        *(words(size, other, colour, kind) for other in FILLINGS if other != filling),
        *(words(other, filling, colour, kind) for other in RADII if other != size),
    ]


@torch.no_grad()
def logits(
    model: CLIPModel, processor: CLIPProcessor, pixels: torch.Tensor, texts: list[str]
) -> torch.Tensor:
    """Return how well each text suits each picture: [pictures, texts]."""
    model.eval()
    tokens = processor.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    found: torch.Tensor = model(pixel_values=pixels, **tokens).logits_per_image
    return found


def zero_shot(
    model: CLIPModel, processor: CLIPProcessor, split: str, rows: Rows
) -> dict[str, float]:
    """Return the accuracy among ten captions for the pictures of one shape, and by attribute.

    The baseline knows each colour's mean picture: it takes the first caption of nearest colour.
    """
    rng = random.Random(SEED)
    single = [
        (row, drawing.shapes[0])
        for row, (drawing, _) in zip(rows, drawings(split), strict=True)
        if len(drawing.shapes) == 1
    ]
    pixels = pictures(processor, [row for row, _ in single])
    means = _colour_means(processor)
    wrong, right, baseline = {"colour": 0, "kind": 0, "filling": 0, "size": 0}, 0, 0.0
    kinds_of_mistake = [*["colour"] * 3, *["kind"] * 3, *["filling"] * 2, "size"]
    for (_, shape), picture in zip(single, pixels, strict=True):
        texts = candidates(shape, rng)
        best = int(logits(model, processor, picture[None], texts).argmax())
        right += best == 0
        if best:
            wrong[kinds_of_mistake[best - 1]] += 1
        offered = {c for text in texts for c in COLOURS if f" {c} " in text}
        mean = picture.mean(dim=(1, 2))
        nearest = min(offered, key=lambda c: (float((means[c] - mean).norm()), c))
        alike = [i for i, text in enumerate(texts) if f" {nearest} " in text]
        baseline += (0 in alike) / len(alike)
    count = len(single)
    return {
        "zero_shot_pictures": count,
        "zero_shot_accuracy": right / count,
        "colour_baseline": baseline / count,
        **{f"wrong_{name}": number / count for name, number in wrong.items()},
    }


def _colour_means(processor: CLIPProcessor) -> dict[str, torch.Tensor]:
    """Return the mean pixel of the training pictures of one shape, by its colour."""
    rows = read_rows("shapes", "train")
    single = [
        (row, drawing.shapes[0].colour)
        for row, (drawing, _) in zip(rows, drawings("train"), strict=True)
        if len(drawing.shapes) == 1
    ]
    pixels = pictures(processor, [row for row, _ in single]).mean(dim=(2, 3))
    of = [colour for _, colour in single]
    return {c: pixels[[i for i, found in enumerate(of) if found == c]].mean(0) for c in COLOURS}


def matching(model: CLIPModel, processor: CLIPProcessor, rows: Rows) -> dict[str, float]:
    """Return retrieval among all rows, and how often a caption beats its near miss."""
    rng = random.Random(SEED)
    pixels = pictures(processor, rows)
    texts = [row["caption"] for row in rows]
    scores = logits(model, processor, pixels, texts)
    target = torch.arange(len(rows))
    swapped = [(i, turned) for i, text in enumerate(texts) if (turned := turned_round(text))]
    order = rng.sample(swapped, min(len(swapped), 100))
    held = [
        scores[i, i] > logits(model, processor, pixels[i : i + 1], [turned])[0, 0]
        for i, turned in order
    ]
    return {
        "text_recall": float((scores.argmax(1) == target).float().mean()),
        "image_recall": float((scores.argmax(0) == target).float().mean()),
        "relation_accuracy": sum(map(float, held)) / len(held),
    }


_TURNED = {"above": "below", "over": "under", "below": "above", "under": "over"}


def turned_round(text: str) -> str | None:
    """Return a caption with its relation turned round; None where it tells none."""
    found = re.search(r"\b(above|over|below|under)\b", text)
    return text[: found.start()] + _TURNED[found[1]] + text[found.end() :] if found else None


def build(output: Path) -> dict[str, Any]:
    """Train tokenizer and model, write checkpoint and card to `output`, return the metrics."""
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    rows, test = read_rows("shapes", "train"), read_rows("shapes", "test")
    captions = [row["caption"] for row in rows]
    processor = new_processor(captions)
    model = new_model(processor.tokenizer)
    train(
        model,
        batches(pictures(processor, rows), captions),
        lambda batch: contrast(model, processor, *batch),
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
    )
    seconds = round(time.process_time() - started)
    seen = zero_shot(model, processor, "validation", read_rows("shapes", "validation"))
    metrics = zero_shot(model, processor, "test", test) | matching(model, processor, test)
    metrics["seen_accuracy"] = seen["zero_shot_accuracy"]  # of pairs that training joins
    metrics["seen_pictures"] = seen["zero_shot_pictures"]
    metrics = {name: round(value, 4) for name, value in metrics.items()}
    model.save_pretrained(output)
    processor.save_pretrained(output)
    facts = {
        "layers": LAYERS,
        "width": WIDTH,
        "text_width": TEXT_WIDTH,
        "shared_width": SHARED,
        "side": SIDE,
        "patch": PATCH,
        "vocabulary": len(processor.tokenizer),
        "positions": MAX_TOKENS,
        "parameters": model.num_parameters(),
        "rows": len(rows),
        "batch": BATCH,
        "run": RUN,
        "misses": MISSES,
        "steps": STEPS,
        "learning_rate": LEARNING_RATE,
        "warmup": WARMUP,
        "shift": SHIFT,
        "chance": 0.1,
        "test_pictures": len(test),
        "data": {"pocket/shapes": digest(rows)},
        **metrics,
        "cpu_seconds": seconds,
    }
    write_card(output, "clip_mini", facts)
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
