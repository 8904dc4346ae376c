# %% [markdown]
# # Tokenise and predict
#
# You open up what a pipeline does: texts become ids, ids become logits, logits become labels with a
# confidence. Write the five functions below; each says what it takes and what it returns. The
# checkpoint of this notebook sorts news into four topics; your functions must work for any
# checkpoint that classifies texts, so nothing about this one may be written into them.

# %% [markdown]
# `course assignment try tokenize_and_predict.ipynb` runs the public checks on your own machine. Hand
# in this notebook, or the script; the marks come from those checks and from hidden ones.

# %%
from course_utils import hub

hub.start()

# %%
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

# %% [markdown]
# ## 1. A batch becomes a rectangle
#
# Texts differ in length; a tensor has one. Shorter texts are padded to the longest of *their* batch,
# longer ones than `max_length` are cut, and the attention mask says which ids are real. Take the ids
# of single texts from the tokenizer and do the padding yourself.


# %% tags=["solution"]
def tokenise_batch(
    checkpoint: str, texts: list[str], max_length: int
) -> dict[str, list[list[int]]]:
    """Token ids and attention mask of a batch.

    Returns `input_ids` and `attention_mask`, each a list with one row a text. All rows are as long as
    the longest text of the batch after truncation to `max_length` ids, [CLS] and [SEP] included;
    padding stands on the right, and its mask is 0.
    """
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    rows = [tokenizer(text, truncation=True, max_length=max_length)["input_ids"] for text in texts]
    longest = max(len(row) for row in rows)
    padding = [longest - len(row) for row in rows]
    return {
        "input_ids": [
            row + [tokenizer.pad_token_id] * n for row, n in zip(rows, padding, strict=True)
        ],
        "attention_mask": [[1] * len(row) + [0] * n for row, n in zip(rows, padding, strict=True)],
    }


# %% [markdown]
# ## 2. Ids get their names


# %% tags=["solution"]
def label_names(checkpoint: str, ids: list[int]) -> list[str]:
    """The names that the checkpoint's own configuration gives to class `ids`, in their order."""
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    return [model.config.id2label[number] for number in ids]


# %% [markdown]
# ## 3. Logits become probabilities
#
# Do it by hand: exponentials that sum to one. Logits may be large, and `exp(1000)` is infinite.


# %% tags=["solution"]
def softmax(logits: list[list[float]]) -> list[list[float]]:
    """Each row as probabilities that sum to 1; also for logits as large as 1000."""
    values = torch.tensor(logits, dtype=torch.float64)
    values = torch.exp(values - values.max(dim=-1, keepdim=True).values)
    return (values / values.sum(dim=-1, keepdim=True)).tolist()


# %% [markdown]
# ## 4. Texts get their labels
#
# In batches, in evaluation mode, without gradients. However the texts are split into batches, the
# answer is the same: that is what the attention mask is for.


# %% tags=["solution"]
def predict(checkpoint: str, texts: list[str], batch_size: int = 8) -> list[dict]:
    """For each text, in order, its most probable label and its probability.

    Returns one `{"label": name, "confidence": probability}` a text, and an empty list for none.
    Texts are cut at 64 ids.
    """
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    model.eval()
    found = []
    for start in range(0, len(texts), batch_size):
        batch = tokenise_batch(checkpoint, texts[start : start + batch_size], max_length=64)
        with torch.no_grad():
            logits = model(**{name: torch.tensor(rows) for name, rows in batch.items()}).logits
        for row in softmax(logits.tolist()):
            best = max(range(len(row)), key=row.__getitem__)
            found.append({"label": model.config.id2label[best], "confidence": row[best]})
    return found


# %% [markdown]
# ## 5. Doubt is spoken out
#
# A desk editor would rather read a text herself than have it filed under the wrong topic.


# %% tags=["solution"]
def predict_or_abstain(checkpoint: str, texts: list[str], threshold: float) -> list[str | None]:
    """For each text its label where the confidence is at least `threshold`, else None."""
    return [
        one["label"] if one["confidence"] >= threshold else None
        for one in predict(checkpoint, texts)
    ]


# %% [markdown]
# ## Try it

# %%
if __name__ == "__main__":
    news = ["The bank raised its forecast.", "The striker scored twice before half-time."]
    print(predict("pocket/bert-mini-newswire", news))
