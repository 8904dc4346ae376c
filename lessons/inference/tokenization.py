# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Tokenisation
#     path: core
#     objectives:
#       read-encoding: "Read every part of an encoding: ids, special tokens, token type ids, attention mask"
#       make-batch: "Turn sentences of different lengths into a batch, by padding and truncation"
#       map-back: "Find the way back from tokens to characters, and from ids to text"
#       right-tokenizer: "Explain and measure what the wrong tokenizer does to a model"
#     meets: [c7, c21, c22, c23, c24, c25, c26, c29, c30, o6, o7, h6, h7, t8, "001#23", "001#24",
#       "002#11", "002#12"]
#     minutes: 25
#     warm_up: [ecosystem/transfer_learning#why-pretrain, ecosystem/transfer_learning#from-scratch-curve]
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         dataset_id: Yelp/yelp_review_full
#         text_rows: 2000
#         probe_rows: 400
#         other_vocab_size: 20000
#       resources: {gpus: 0, memory_gb: 4, minutes: 4, timeout: 15}
# ---

# %% [markdown]
# # Tokenisation
#
# A Transformer has never seen a letter. It reads whole numbers, and a tokenizer makes them. On this page
# you take one sentence apart, follow it through every stage into a batch the model accepts, and see a
# model fall silent when its tokenizer is swapped for another one that looks just the same.

# %% [markdown]
# ## Warm up
#
# Two questions on what came before.
#
# <!-- course:warm-up -->

# %% [markdown]
# ## One sentence, cut into pieces
#
# The settings come first, so that they stand in one place.

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id = "pocket/reviews"
text_rows, probe_rows = 2000, 400
other_vocab_size = 3000
seed = 0

# %% [markdown]
# A checkpoint on the Hub carries its own tokenizer; `AutoTokenizer` fetches it by the checkpoint's name.
# We give it one sentence and ask for the pieces.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
sentence = "The room was shockingly cold, but I liked Zanzibar."
tokens = tokenizer.tokenize(sentence)
print(tokens)

# %% [markdown]
# Common words stay whole. Rare ones are built from shorter pieces; `##` says that a piece continues the
# word before it. So a few thousand pieces are enough to write any word, known or not.
#
# A picture shows it better than a list: one box a piece, pieces of one word in one colour.

# %% alt="The sentence as a row of boxes, one for each token; boxes that continue a word carry the same colour as the piece before."
import matplotlib.pyplot as plt

from course_utils.lesson import GRID, SERIES, use_plot_style

use_plot_style()


def draw_tokens(tokens, ax):
    x, word = 0, -1
    for token in tokens:
        word += not token.startswith("##")
        width = 0.5 + 0.22 * len(token)
        ax.barh(0, width, left=x, color=SERIES[word % 2], alpha=0.25, edgecolor=GRID)
        ax.text(x + width / 2, 0, token, ha="center", va="center", fontsize=9, in_layout=False)
        x += width
    ax.set(xlim=(0, x))
    ax.axis("off")


fig, ax = plt.subplots(figsize=(9, 0.8))
draw_tokens(tokens, ax)
plt.show()

# %% [markdown]
# How it decides where to cut is the subject of a later lesson, *Tokenizer algorithms*. Here we follow
# what happens next.
#
# ## From pieces to numbers
#
# Calling the tokenizer does the whole way at once and returns an *encoding*. We print its parts.

# %%
encoding = tokenizer(sentence)
for name, values in encoding.items():
    print(f"{name:15} {values}")

# %% [markdown]
# Three lists of the same length. `input_ids` are row numbers: the model looks each one up in its table of
# embeddings. `token_type_ids` and `attention_mask` will get their turn. First we read the ids one by one.

# %%
for token_id, token in zip(encoding["input_ids"], encoding.tokens()):
    print(f"{token_id:6}  {token}")
print(f"\n{tokenizer.vocab_size:,} entries in the vocabulary")

# %% [markdown]
# There are two more ids than pieces. `[CLS]` at the start and `[SEP]` at the end are **special tokens**:
# no text produces them, the tokenizer adds them because the model was trained with them. Each model has
# its own set.

# %%
print(dict(zip(tokenizer.special_tokens_map.values(), tokenizer.all_special_ids)))

# %% [markdown]
# ??? predict "Predict first: if we decode the ids, do we get our sentence back, character by character?"
#     Almost. The special tokens appear unless we skip them, and this tokenizer throws the spaces away and
#     guesses them when decoding. The guess is right for ordinary prose. Whatever was not in the
#     vocabulary's alphabet has become `[UNK]` and is lost for good.

# %%
print(tokenizer.decode(encoding["input_ids"]))
print(tokenizer.decode(encoding["input_ids"], skip_special_tokens=True))
print(tokenizer.decode(tokenizer("two  spaces, one 鮭 and no-one's fault")["input_ids"]))

# %% [markdown]
# The second line is our sentence. In the third, the double space and the fish are gone, and blanks have
# come in around the hyphen and the apostrophe: decoding is for reading. To cut an answer out of the original text exactly, we need the offsets, further down.
#
# ## From sentences to a batch
#
# Models work on several sentences at once, as one rectangular tensor. Ours differ in length, and that
# is where the first error of almost every project comes from. We provoke it.

# %%
batch = [sentence, "Too loud."]
try:
    tokenizer(batch, return_tensors="pt")
except ValueError as error:
    print("ValueError:", str(error).partition(" to have")[0])

# %% [markdown]
# Two rows of different lengths are no rectangle. The message names the two remedies: **padding** fills
# short rows up, **truncation** cuts long ones. We pad.

# %%
inputs = tokenizer(batch, padding=True, return_tensors="pt")
print(inputs["input_ids"])
print(inputs["attention_mask"])

# %% [markdown]
# The short row ends in the id of `[PAD]`, and the attention mask, 1 for text and 0 for padding, tells the
# model which positions not to look at. Both tensors have the shape [sentences, tokens].
#
# ## What happens without the mask
#
# A padded sentence must give the same result as the same sentence alone. We compare the first hidden
# state of "Too loud.": alone, padded with its mask, and padded with the mask forgotten. The encoder below
# has no use for the checkpoint's masked-word head, which the load report lists.

# %%
import torch
from transformers import AutoModel

model = AutoModel.from_pretrained(checkpoint, add_pooling_layer=False).eval()
with torch.no_grad():
    alone = model(**tokenizer("Too loud.", return_tensors="pt")).last_hidden_state[0, 0]
    masked = model(**inputs).last_hidden_state[1, 0]
    forgotten = model(input_ids=inputs["input_ids"]).last_hidden_state[1, 0]
print(f"with the mask:    differs by at most {(alone - masked).abs().max():.6f}")
print(f"without the mask: differs by at most {(alone - forgotten).abs().max():.6f}")

# %% [markdown]
# With the mask the difference is rounding. Without it the padding takes part in attention and changes the
# result, with no error to warn us.
#
# !!! trap "`model(inputs["input_ids"])`"
#     Passing only the ids works, and is wrong as soon as a batch holds padding. Pass the whole encoding:
#     `model(**inputs)`.
#
# ## What padding costs
#
# The model computes on padding too, for nothing. How much is wasted depends on how we pad. We take real
# review lengths, batches of 32, and three ways: everything to one fixed length, each batch to its own
# longest row, and the same after sorting by length.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id)
texts = raw_datasets["train"].shuffle(seed=seed).select(range(text_rows))["text"][:]
lengths = [len(ids) for ids in tokenizer(texts, truncation=True)["input_ids"]]


def computed(lengths):
    """Positions a model computes if each batch of 32 is padded to its longest row."""
    batches = [lengths[i : i + 32] for i in range(0, len(lengths), 32)]
    return sum(max(batch) * len(batch) for batch in batches)


ways = {
    "no padding (the least possible)": sum(lengths),
    "sorted by length, then batched": computed(sorted(lengths)),
    "each batch to its longest": computed(lengths),
    "everything to the longest of all": max(lengths) * len(lengths),
}

# %% [markdown]
# The middle way is what a data collator does by default. We draw lengths and costs side by side.

# %% alt="Left, a histogram of review lengths in tokens. Right, bars of the positions computed by each way of padding: padding everything to the longest costs the most, padding each batch somewhat less, sorting by length hardly more than no padding at all."
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), width_ratios=[1, 1.4])
left.hist(lengths, bins=30)
left.set(title="Review lengths", xlabel="tokens", ylabel="reviews")
bars = right.barh(list(ways), [value / sum(lengths) for value in ways.values()])
right.bar_label(bars, fmt="%.2f ×", padding=3)
right.set(title="Positions computed", xlabel="multiple of the least possible")
right.margins(x=0.15)
plt.show()

# %% [markdown]
# Padding each batch to its own longest row saves something for free: one long review is enough to make a batch
# wide. Sorting saves nearly all the rest, at the price of batches that are no longer random, which matters in
# training and not in inference.
#
# **Truncation** is the other remedy, and it loses text. A model has a fixed number of positions, here
# `tokenizer.model_max_length`; longer inputs must be cut.

# %%
longest = max(texts, key=len)
cut = tokenizer(longest, truncation=True, max_length=12)
print(tokenizer.model_max_length, "positions;", len(tokenizer.tokenize(longest)), "tokens")
print(tokenizer.decode(cut["input_ids"]))

# %% [markdown]
# `[SEP]` survives the cut: special tokens are counted in. What was cut is gone; question answering, where
# the answer may stand at the end, needs the overflowing windows of its own lesson.
#
# ## Two texts in one input
#
# Some tasks put two texts into one input: a question and a passage, a premise and a conclusion. We pass
# both, and `token_type_ids` tells them apart.

# %%
pair = tokenizer("What was cold?", sentence)
print(pair.tokens())
print(pair["token_type_ids"])

# %% [markdown]
# `[SEP]` stands after each text, zeros mark the first and ones the second. Many newer models have no such
# ids; a tokenizer returns exactly what its model takes, which is one more reason to pass `**inputs`.
#
# ## The way back to the text
#
# Each token remembers where it came from: its **offsets**, start and end in the original string. With
# them we can mark a word in the text, whatever pieces it was cut into.

# %%
encoding = tokenizer(sentence, return_offsets_mapping=True)
position = sentence.index("shockingly")
first = encoding.char_to_token(position)
for index in range(first - 1, first + 7):
    start, end = encoding["offset_mapping"][index]
    token, word = encoding.tokens()[index], encoding.word_ids()[index]
    print(f"{index:3} {token:10} word {word}  {sentence[start:end]!r}")

# %% [markdown]
# Slicing the sentence with the offsets gives back the very characters, without `##` and without guessing.
# `word_ids` groups the pieces by word. These two carry entity recognition and question answering.
#
# ## The wrong tokenizer gives the wrong answer
#
# Tokenizers are not interchangeable, even if they look alike. We train a second one, of the same kind, on
# the reviews above; `train_new_from_iterator` keeps all settings and learns a new vocabulary.

# %%
other = tokenizer.train_new_from_iterator(texts, vocab_size=other_vocab_size, show_progress=False)
for name, each in {"ours": tokenizer, "other": other}.items():
    ids = each("The room was cold.")["input_ids"]
    print(f"{name:6} {ids}  {each.convert_ids_to_tokens(ids)}")
print("the other's ids, read by ours:", tokenizer.decode(ids))

# %% [markdown]
# Nearly the same pieces under different numbers. A model that gets the second row looks up the wrong rows
# of its table and reads the last line. No shape is wrong, no error is raised.
#
# How bad is it? We measure. In each of many reviews we hide one token and let the model guess it, once
# with its own tokenizer, once with the other.

# %%
from transformers import AutoModelForMaskedLM

model = AutoModelForMaskedLM.from_pretrained(checkpoint).eval()


@torch.no_grad()
def masked_accuracy(tokenizer, texts):
    """Share of hidden tokens that the model guesses; one in the middle of each text."""
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
    rows = torch.arange(len(texts))
    middle = inputs["attention_mask"].sum(dim=1) // 2
    hidden = inputs["input_ids"][rows, middle].clone()
    inputs["input_ids"][rows, middle] = tokenizer.mask_token_id
    guesses = model(**inputs).logits[rows, middle].argmax(dim=-1)
    return (guesses == hidden).float().mean().item(), hidden


probes = raw_datasets["test"].shuffle(seed=seed).select(range(probe_rows))["text"][:]
right_accuracy, hidden = masked_accuracy(tokenizer, probes)
wrong_accuracy, _ = masked_accuracy(other, probes)

# %% [markdown]
# A figure alone says little, so we add a baseline: always guess the most frequent of the hidden tokens.

# %%
from course_utils.lesson import Result, show_results

most_frequent = (hidden == hidden.mode().values).float().mean().item()
baseline = {"baseline": most_frequent, "baseline_name": "most frequent token", "seed": seed}
show_results(
    [
        Result("masked accuracy, its own tokenizer", right_accuracy, **baseline),
        Result("masked accuracy, the other tokenizer", wrong_accuracy, **baseline),
    ]
)

# %% [markdown]
# Same model, same reviews, same code. With its own tokenizer this small model finds several times as many
# hidden tokens as the baseline; with the other it does worse than somebody who never looks at the text. The
# rule is short: **load tokenizer and model from the same checkpoint**, and save them together.
#
# ## Core ends here
#
# What follows goes deeper: what a tokenizer does with text it was not made for.
#
# ## How many tokens does a word cost?
#
# A vocabulary learnt on English text serves English text. Other text is cut finer, so it costs more
# positions, more time and, in a paid service, more money. The usual measure is *fertility*: tokens a word.

# %% alt="Bars of tokens per word for five kinds of text: a review needs the fewest; French, code, place names and made-up words need several times as many."
samples = {
    "a review": " ".join(texts[:3]),
    "French": "La soupe était froide mais le serveur nous a offert un dessert délicieux",
    "Python": "for index, value in enumerate(values): totals[index] += value ** 2",
    "place names": "Ouagadougou Reykjavík Llanelli Zanzibar Kyoto Antananarivo",
    "made-up words": "flimbustering quorvexity snargled brontulously",
}
fertility = {
    name: len(tokenizer.tokenize(text)) / len(text.split()) for name, text in samples.items()
}
fig, ax = plt.subplots(figsize=(7, 2.6))
bars = ax.barh(list(fertility)[::-1], list(fertility.values())[::-1])
ax.bar_label(bars, fmt="%.1f", padding=3)
ax.set(title="What a word costs", xlabel="tokens per word (split at spaces)")
plt.show()

# %% [markdown]
# The lengths differ by a factor of several for texts of equally many words. The same holds between human
# languages, and it is a bias: speakers of languages a tokenizer was not trained on get less text into
# the same number of positions.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Pad by hand"
#     Write `pad(rows, pad_id)`: it takes lists of ids of different lengths and returns two lists of equal
#     rows, the padded ids and the attention mask.
#
# ??? hint "Hint"
#     Find the longest row first. The case that fails in most first attempts: a row that is already the
#     longest must come back unchanged, with a mask of ones only.

# %%
def pad(rows, pad_id):
    """Return padded rows and their attention mask."""
    ...


# %% tags=["solution"]
def pad(rows, pad_id):
    """Return padded rows and their attention mask."""
    longest = max(len(row) for row in rows)
    padded = [row + [pad_id] * (longest - len(row)) for row in rows]
    mask = [[1] * len(row) + [0] * (longest - len(row)) for row in rows]
    return padded, mask


# %% tags=["check"]
rows = tokenizer(batch)["input_ids"]
padded, mask = pad(rows, tokenizer.pad_token_id)
assert padded == inputs["input_ids"].tolist(), f"ids: {padded}"
assert mask == inputs["attention_mask"].tolist(), f"mask: {mask}"
assert pad([[7, 8]], 0) == ([[7, 8]], [[1, 1]]), "a single row needs no padding"

# %% [markdown]
# !!! exercise "Exercise 2 · Which token holds this character?"
#     Write `token_at(offsets, position)`: the index of the token that covers the character at `position`,
#     or `None` for a space. It is what `char_to_token` does.
#
# ??? hint "Hint"
#     A token covers `start <= position < end`. Special tokens have the offsets `(0, 0)`, so they cover
#     nothing; if your function answers 0 for position 0, it has fallen for `[CLS]`.

# %%
def token_at(offsets, position):
    """Return the index of the token that covers the character, or None."""
    ...


# %% tags=["solution"]
def token_at(offsets, position):
    """Return the index of the token that covers the character, or None."""
    for index, (start, end) in enumerate(offsets):
        if start <= position < end:
            return index
    return None


# %% tags=["check"]
offsets = encoding["offset_mapping"]
for position in range(len(sentence)):
    expected = encoding.char_to_token(position)
    found = token_at(offsets, position)
    assert found == expected, f"character {position}: {found}, but it should be {expected}"

# %% [markdown]
# !!! exercise "Exercise 3 · Break it"
#     Find an ordinary English sentence whose decoded form differs from the original in more than spaces.
#     What was lost, and would it matter for sentiment? There is no check for this one.
#
# ## At full scale
#
# The same code with BERT's own vocabulary and real reviews. No GPU is needed.
#
# <!-- course:full-scale -->
#
# What the pocket run cannot show: our vocabulary was learnt on an invented world, so its idea of a rare
# word is narrow, and its reviews are shorter and tidier than real ones.
#
# ## Recap
#
# - A tokenizer cuts text into pieces, turns them into ids and adds the special tokens its model expects.
# - Padding makes rows equal, the attention mask hides the padding: pass the whole encoding to the model.
# - Pad each batch to its own longest row; truncation loses text.
# - Offsets and word ids lead back to the characters; decoding is only for reading.
# - Tokenizer and model come from the same checkpoint, or the model reads another sentence.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Transformers documentation, *Tokenizers* and *Padding and truncation*
# - Hugging Face LLM Course, chapter 2, *Tokenizers*
# - Petrov et al. (2023), *Language Model Tokenizers Introduce Unfairness Between Languages*
