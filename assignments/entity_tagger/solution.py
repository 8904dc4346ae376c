# %% [markdown]
# # An entity tagger
#
# A press archive wants every person, place and firm of its articles in a database: who they are, and
# from which word to which. You build the whole way there and back: words become sub-words and windows,
# labels follow them, a model is fine-tuned, and its answers become entities again. Three traps lie on
# it: long sentences that are cut off, words in several pieces, and labels that no entity can have.

# %% [markdown]
# Write the eight functions below; each says what it takes and what it returns. `course assignment try
# entity_tagger.ipynb` runs the public checks on your own machine. Hand in this notebook, or the
# script; the marks come from those checks and from hidden ones.

# %%
from course_utils import hub

hub.start()

# %%
from functools import cache

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer


@cache
def tokenizer_of(checkpoint: str):
    """The checkpoint's tokenizer, loaded once."""
    return AutoTokenizer.from_pretrained(checkpoint)


# %% [markdown]
# ## 1. Words become windows
#
# A model reads so many ids and no more, and `truncation=True` throws the rest of a sentence away
# without a word. Ask the tokenizer for what overflows: it comes as further windows, each of which
# repeats the end of the one before.


# %% tags=["solution"]
def encode(checkpoint: str, words: list[str], max_length: int, overlap: int) -> list[dict]:
    """The sentence `words` as one window or more, of at most `max_length` ids each.

    Neighbouring windows share `overlap` ids. Each window is `{"input_ids": list of ids, "word_ids":
    for each id the number of its word, or -1 for a special token, "first": for each id whether it
    is the first piece of its word}`. A window may begin in the middle of a word: the piece that
    stands there is no first piece.
    """
    found = tokenizer_of(checkpoint)(
        words,
        is_split_into_words=True,
        truncation=True,
        max_length=max_length,
        stride=overlap,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    windows = []
    for number, ids in enumerate(found["input_ids"]):
        places = [-1 if word is None else word for word in found.word_ids(number)]
        starts = [start for start, _ in found["offset_mapping"][number]]
        first = [word >= 0 and start == 0 for word, start in zip(places, starts, strict=True)]
        windows.append({"input_ids": ids, "word_ids": places, "first": first})
    return windows


# %% [markdown]
# ## 2. Labels follow their words
#
# The first piece of a word carries its label; -100 tells the loss to pass over all else.


# %% tags=["solution"]
def label_window(window: dict, tags: list[int]) -> list[int]:
    """The label of each id of a window of `encode`, where word number n has the label `tags[n]`."""
    return [
        tags[word] if first else -100
        for word, first in zip(window["word_ids"], window["first"], strict=True)
    ]


# %% tags=["solution"]
def collate(rows: list[dict], pad_id: int) -> dict[str, torch.Tensor]:
    """Rows `{"input_ids", "labels"}`, lists of one length, as the tensors of one batch.

    `input_ids`, `attention_mask` and `labels` are int64, of the shape [rows, longest row]; padding
    stands on the right, with `pad_id`, mask 0, and a label that the loss passes over.
    """
    longest = max(len(row["input_ids"]) for row in rows)
    gaps = [longest - len(row["input_ids"]) for row in rows]
    pairs = list(zip(rows, gaps, strict=True))
    return {
        "input_ids": torch.tensor([row["input_ids"] + [pad_id] * gap for row, gap in pairs]),
        "attention_mask": torch.tensor([[1] * (longest - gap) + [0] * gap for gap in gaps]),
        "labels": torch.tensor([row["labels"] + [-100] * gap for row, gap in pairs]),
    }


# %% [markdown]
# ## 3. Windows become words again
#
# A word that lies in two windows has been judged twice.


# %% tags=["solution"]
def merge(windows: list[dict], logits: list[list[list[float]]], count: int) -> list[int]:
    """The label of each of `count` words: the most probable one at its first piece.

    `logits[w][i]` are the logits of id i of window w. Where a word's first piece lies in several
    windows, the mean of its logits decides.
    """
    seen: list[list[list[float]]] = [[] for _ in range(count)]
    for window, rows in zip(windows, logits, strict=True):
        for word, first, row in zip(window["word_ids"], window["first"], rows, strict=True):
            if first:
                seen[word].append(row)
    return [int(torch.tensor(rows).mean(dim=0).argmax()) for rows in seen]


# %% [markdown]
# ## 4. Labels become entities
#
# Nothing keeps a model from saying `O`, `I-PER`, as though an entity could go on before it began.


# %% tags=["solution"]
def repair(tags: list[str]) -> list[str]:
    """The tags with every `I-X` that continues no entity of the type X turned into `B-X`."""
    found: list[str] = []
    for tag in tags:
        goes_on = bool(found) and found[-1] in (f"B-{tag[2:]}", f"I-{tag[2:]}")
        found.append(f"B-{tag[2:]}" if tag.startswith("I-") and not goes_on else tag)
    return found


# %% tags=["solution"]
def spans(tags: list[str]) -> list[list]:
    """The entities of repaired tags as `[type, start, end]`, in order: the words start to end - 1."""
    found: list[list] = []
    for place, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append([tag[2:], place, place + 1])
        elif tag.startswith("I-"):
            found[-1][2] = place + 1
    return found


# %% [markdown]
# ## 5. A tagger, from sentence to entities


# %% tags=["solution"]
def tag(model, checkpoint: str, words: list[str], max_length: int, overlap: int) -> list[list]:
    """The entities that `model`, with the checkpoint's tokenizer, finds in one sentence, as spans."""
    windows = encode(checkpoint, words, max_length, overlap)
    model.eval()
    with torch.no_grad():
        logits = [
            model(input_ids=torch.tensor([window["input_ids"]])).logits[0].tolist()
            for window in windows
        ]
    names = [model.config.id2label[label] for label in merge(windows, logits, len(words))]
    return spans(repair(names))


# %%
def find_entities(
    checkpoint: str, sentences: list[list[str]], max_length: int, overlap: int
) -> list[list]:
    """The entities of each sentence, found by a checkpoint that was fine-tuned already."""
    model = AutoModelForTokenClassification.from_pretrained(checkpoint)
    return [tag(model, checkpoint, words, max_length, overlap) for words in sentences]


# %% [markdown]
# ## 6. A tagger of your own


# %% tags=["solution"]
def fine_tune(checkpoint: str, rows: list[dict], names: list[str], steps: int, seed: int):
    """A token classifier, fine-tuned from `checkpoint` on `rows`, `{"words", "tags"}` each.

    Tags are numbers; `names[n]` is what number n is called, and the model's config is to know that.
    `steps` updates are allowed, of whatever batches and learning rates you choose. Seed PyTorch
    before the model is made.
    """
    torch.manual_seed(seed)
    model = AutoModelForTokenClassification.from_pretrained(
        checkpoint,
        id2label=dict(enumerate(names)),
        label2id={name: number for number, name in enumerate(names)},
    )
    pad_id = tokenizer_of(checkpoint).pad_token_id
    ready = [
        {"input_ids": window["input_ids"], "labels": label_window(window, row["tags"])}
        for row in rows
        for window in encode(checkpoint, row["words"], 64, 16)
    ]
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps)
    model.train()
    for _ in range(steps):
        chosen = [ready[int(number)] for number in torch.randint(len(ready), (16,))]
        optimiser.zero_grad()
        model(**collate(chosen, pad_id)).loss.backward()
        optimiser.step()
        scheduler.step()
    return model


# %%
def learn_and_tag(
    checkpoint: str,
    rows: list[dict],
    names: list[str],
    sentences: list[list[str]],
    steps: int,
    seed: int,
) -> list[list]:
    """The entities of each sentence, found by a tagger that was fine-tuned for it."""
    model = fine_tune(checkpoint, rows, names, steps, seed)
    return [tag(model, checkpoint, words, 64, 16) for words in sentences]


# %% [markdown]
# ## Try it

# %%
if __name__ == "__main__":
    sentence = "Henrietta Claycott left Eastlow to work at Jubin Dairies .".split()
    print(encode("pocket/bert-mini", sentence, 12, 4))
    for kind, start, end in find_entities("pocket/bert-mini-ner", [sentence], 12, 4)[0]:
        print(kind, " ".join(sentence[start:end]))
