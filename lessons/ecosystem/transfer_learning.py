# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Why pretraining pays
#     path: core
#     objectives:
#       what-transfers: "Explain pretraining, fine-tuning and transfer learning, and what moves from one to the next"
#       entity-f1: "Say why token accuracy flatters a tagger and entity F1 does not"
#       read-curve: "Read a learning curve beside a named baseline and the spread of seeds"
#       ecosystem-map: "Tell what the Hugging Face ecosystem is for, in NLP and beyond, and which library does what"
#     meets: [c2, c3, c4, o1, c40, c41, "001#6", "002#3", "002#4", "002#32"]
#     minutes: 20
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         dataset_id: eriktks/conll2003
#         revision: refs/convert/parquet
#         probe_words: [Monday, green, Edward, Denmark]
#         sizes: [50, 100, 200, 500, 2000]
#         seeds: [0, 1, 2]
#         test_sentences: 3000
#         steps: 300
#         batch_size: 16
#         learning_rate: 5.0e-5
#         scratch_learning_rate: 1.0e-4
#       resources: {gpus: 1, memory_gb: 8, minutes: 12, timeout: 40}
# ---

# %% [markdown]
# # Why pretraining pays
#
# Two hundred sentences are all that somebody has labelled for you, and you need a program that marks the
# people, firms and places in the next thousand. A network that learns from those two hundred alone is
# lost. The very same network does the job if it has read plain text first. On this page you watch that
# happen, you measure how much it is worth, and you see why it made so many people share their models in
# one place.

# %% [markdown]
# **What you need:** Python, a little PyTorch, and an idea of what attention does. How a Transformer is
# *trained* comes later in the course. Here the training code is folded away: open it if you are curious,
# or read on without it.
#
# ## Pretrain once, fine-tune many times
#
# The whole idea fits into one picture, so we draw it before we run anything.

# %% tags=["hide-input"] alt="Diagram: a blank network reads much text without labels and becomes a pretrained checkpoint. From the checkpoint three arrows lead to three tasks with few labels each: names in text, star ratings, answers to questions."
import matplotlib.pyplot as plt

from course_utils.lesson import INK, SERIES, use_plot_style

use_plot_style()
blank_box, checkpoint_box = (0, 1, "blank\nnetwork", SERIES[5]), (3.4, 1, "pretrained\ncheckpoint", SERIES[0])
tasks = [(7.6, y, text, SERIES[2]) for y, text in enumerate(["answers to questions", "star ratings", "names in text"])]
fig, ax = plt.subplots(figsize=(7, 2.7))
ax.set(xlim=(-0.9, 9.2), ylim=(-0.5, 2.9))
ax.axis("off")
for x, y, text, colour in [blank_box, checkpoint_box, *tasks]:
    frame = {"boxstyle": "round,pad=0.6", "facecolor": "none", "edgecolor": colour, "linewidth": 2}
    ax.text(x, y, text, ha="center", va="center", bbox=frame)
ends = [((0.95, 1), (2.3, 1)), *(((4.5, 1), (6.0, y)) for _, y, *_ in tasks)]
for start, end in ends:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.5})
ax.text(1.6, 1.75, "pretraining\nonce, much text,\nno labels", ha="center", color=SERIES[0])
ax.text(4.6, 2.1, "fine-tuning\nmany times,\nfew labels", ha="center", color=SERIES[2])
plt.show()

# %% [markdown]
# Four terms name what you see, and the rest of the course uses them.
#
# - **Pretraining**: a network learns from text alone. Some words are hidden and it has to guess them. The
#   text is its own answer sheet, so nobody labels anything; this is called *self-supervised* learning.
# - A **checkpoint** is the result: the network's weights in a file, with its settings and its tokenizer.
# - **Fine-tuning**: training goes on from these weights with a few labelled examples of *your* task.
# - **Transfer learning** is the whole: what was learnt on one task is carried over to another.
#
# ## The settings
#
# Everything that changes with scale stands in one cell. These values run on one core of a laptop.

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id, revision = "pocket/entities", "main"
probe_words = ["Monday", "green", "Edith", "Kesmaria"]
sizes, seeds = [50, 100, 200, 500, 2000], [0, 1, 2]
test_sentences = 400
steps, batch_size = 80, 16
learning_rate = scratch_learning_rate = 2e-3

# %% [markdown]
# ## What a pretrained network already knows
#
# `from_pretrained` fetches a checkpoint from the Hub by its name. Beside it we put its twin:
# `from_config` builds a network of exactly the same shape whose weights are random. Nobody has taught it
# anything.

# %%
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
pretrained = AutoModelForMaskedLM.from_pretrained(checkpoint)

torch.manual_seed(0)
blank = AutoModelForMaskedLM.from_config(pretrained.config)
print(f"{pretrained.num_parameters():,} weights in one, {blank.num_parameters():,} in the other")

# %% [markdown]
# As many weights in both: whatever differs from here on lies in their values. One sentence will travel
# with us through the page. Its names are invented, and none of them occurs in the labelled training data:
#
# > Mira Fenwick of Tarwick Mills flew to Dunmere on Monday .
#
# ??? predict "Predict first: we hide *Dunmere* and ask both networks for the missing word. What do you expect from each?"
#     The pretrained one cannot know where Mira Fenwick went. It can know that after *flew to* comes a
#     place, and should spread its guesses over places. The blank twin has no reason to prefer any
#     entry of its vocabulary, so expect five arbitrary ones, all about equally unlikely.

# %% alt="Two bar charts of the five likeliest fills for the hidden place. The pretrained network's guesses are names of places and several times as likely as the blank network's, which are arbitrary words and pieces of words."
from transformers import pipeline

words = "Mira Fenwick of Tarwick Mills flew to Dunmere on Monday .".split()
hidden = " ".join(tokenizer.mask_token if word == "Dunmere" else word for word in words)
fig, axes = plt.subplots(1, 2, figsize=(7, 2.4), sharex=True)
for ax, (name, net), colour in zip(axes, {"pretrained": pretrained, "blank": blank}.items(), SERIES):
    fills = pipeline("fill-mask", model=net, tokenizer=tokenizer, top_k=5)(hidden)
    ax.barh([fill["token_str"] for fill in fills], [fill["score"] for fill in fills], color=colour)
    ax.invert_yaxis()
    ax.set(title=name, xlabel="probability")
    ax.grid(axis="y", visible=False)
plt.show()

# %% [markdown]
# Left: places, each with a small share of the probability, since any of them would do. Right: debris.
# Nobody ever told the left network what a place is. It found out because guessing hidden words goes better
# for those who know which words can stand where.
#
# Where does it keep this knowledge? Part of it sits in the very first layer, which holds one vector for
# each entry of the vocabulary. If pretraining put words of one kind side by side, we can look up a word's
# nearest neighbours by the cosine of the angle between their vectors.

# %%
import pandas as pd


def neighbours(model, word, k=4):
    vectors = torch.nn.functional.normalize(model.get_input_embeddings().weight.detach(), dim=-1)
    cosines = vectors @ vectors[tokenizer.convert_tokens_to_ids(word)]  # [vocabulary]
    return ", ".join(tokenizer.convert_ids_to_tokens(cosines.topk(k + 1).indices[1:]))


pd.DataFrame({
    "pretrained": {word: neighbours(pretrained, word) for word in probe_words},
    "blank": {word: neighbours(blank, word) for word in probe_words},
})

# %% [markdown]
# Days stand beside days, colours beside colours, first names beside first names, countries beside
# countries. The blank twin has neighbours too, since something is always nearest, but they mean nothing.
# This order is what we are about to carry over: a tagger that has met *one* first name in its labelled
# sentences can guess something about all the others.
#
# ## Two hundred labels
#
# Now the task: mark the names. `load_dataset` fetches the labelled sentences, already split into training
# and test. Labels come in the **BIO** scheme: `B-` begins a name, `I-` continues it, `O` is everything else.
# We label our own sentence by hand; those of the dataset look the same.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id, revision=revision)
train, test = raw_datasets["train"], raw_datasets["test"].select(range(test_sentences))
label_names = train.features["ner_tags"].feature.names
truth = [[label_names[tag] for tag in tags] for tags in test["ner_tags"]]

our_tags = "B-PER I-PER O B-ORG I-ORG O O B-LOC O O O".split()
pd.DataFrame([our_tags], columns=words, index=["label"])

# %% [markdown]
# Eleven words, eleven labels, **three** names: a person, a firm, a place. But is the test a fair one? If
# its names were in the training split too, a list of names would pass it. We count.

# %%
from seqeval.metrics.sequence_labeling import get_entities


def names_in(rows):
    """The names in the rows, each as one string."""
    tags = [[label_names[tag] for tag in row] for row in rows["ner_tags"]]
    spans = [(words, *span) for words, row in zip(rows["tokens"], tags) for span in get_entities(row)]
    return {" ".join(words[first : last + 1]) for words, _, first, last in spans}


known = names_in(test) & names_in(train)
print(f"{len(names_in(test)):,} different names in the test, {len(known):,} of them in the training split")

# %% [markdown]
# The second number is all that memorising could bring. The sentence patterns of the test are kept out of
# training too, so whoever wants to pass has to understand how sentences with names in them are built.
#
# One thing must be said plainly: the text our checkpoint was pretrained on tells of the same invented
# world, so it mentions these names, though never their labels. That is the usual case, and the point: text is
# cheap, labels are dear.
#
# ## A wrong way to keep score
#
# The obvious score is accuracy: the share of words with the right label. We try it on a tagger that has
# learnt nothing and answers `O` to every word.
#
# ??? predict "Predict first: is its accuracy nearer to 10 %, 40 % or 70 %?"
#     Most words are not part of a name, so most words *are* `O`. Count them in our sentence: six of
#     eleven. The sentences of the dataset have fewer names among more words.

# %%
import evaluate

seqeval = evaluate.load("seqeval")
lazy = [["O"] * len(tags) for tags in truth]
score = seqeval.compute(predictions=lazy, references=truth, zero_division=0)
print(f"accuracy {score['overall_accuracy']:.2f}   share of the names found {score['overall_recall']:.2f}")

# %% [markdown]
# A respectable accuracy, and not a single name. Accuracy mostly tells how many words are no names, and that
# is a fact about the text rather than about the tagger.
#
# !!! trap "A high score that means nothing"
#     When one label is far more frequent than the others, accuracy rewards saying it always. Before you
#     trust a score, give it a prediction that you know is worthless.
#
# The mend is to count **names** instead of words. A name is found only if its type and both its ends are
# right. *Precision* is the share of the marked names that are real, *recall* the share of the real names
# that were marked, and **entity F1** is their harmonic mean:
#
# $$F_1 = \frac{2 \cdot \text{precision} \cdot \text{recall}}{\text{precision} + \text{recall}}$$
#
# The lazy tagger finds no name, so its F1 is zero, as it should be.
#
# ## A rival that has read nothing
#
# Names have capital letters, firms like to end in *Mills*, and places follow *to*. A classical method can
# learn such hints from the labels alone. We describe each word by its text, its shape, its first and its
# last letters, add the same for two words to each side, and fit a logistic regression to that.

# %%
import re

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def shape(word):
    word = re.sub("[A-Z]+", "X", re.sub("[a-z]+", "x", word))
    return re.sub("[0-9]+", "9", word)


def features(words):
    """One dictionary of hints for each word, from a window of five words."""
    padded = ["", "", *words, "", ""]
    looks = [{"text": w.lower(), "shape": shape(w), "start": w[:3], "end": w[-3:]} for w in padded]
    return [
        {f"{hint} {at:+d}": looks[i + 2 + at][hint] for at in range(-2, 3) for hint in looks[0]}
        for i in range(len(words))
    ]


features(words)[words.index("Dunmere")]

# %% [markdown]
# This is all the rival knows about *Dunmere*: at `+0` the word itself, at `-2` and `-1` that *flew to*
# stands before it. We let it learn from two hundred sentences and score it on the test.

# %%
def entity_f1(predictions):
    return seqeval.compute(predictions=predictions, references=truth, zero_division=0)["overall_f1"]


def word_shapes(rows):
    """Learn from the rows, then tag the test sentences."""
    inputs = [hints for words in rows["tokens"] for hints in features(words)]
    labels = [label_names[tag] for tags in rows["ner_tags"] for tag in tags]
    rival = make_pipeline(DictVectorizer(), LogisticRegression(max_iter=200))
    rival.fit(inputs, labels)
    guesses = iter(rival.predict([hints for words in test["tokens"] for hints in features(words)]))
    return [[str(next(guesses)) for _ in words] for words in test["tokens"]]


rival_f1 = entity_f1(word_shapes(train.shuffle(seed=0).select(range(200))))
print(f"word shapes, 200 sentences: entity F1 {rival_f1:.3f}")

# %% [markdown]
# That is a **baseline**: what one gets without the idea under test. A method that does not beat it has
# shown nothing, however new it is.
#
# ## The same network, twice
#
# To mark names, the network needs a new last layer, its **head**: it turns each word's vector into one
# number for each label. `AutoModelForTokenClassification` adds it. The report below looks alarming and is
# what we want: the old head, which guessed hidden words, is left over (`UNEXPECTED`), and the new one is
# not in the checkpoint (`MISSING`), so it starts from random weights.

# %%
from transformers import AutoModelForTokenClassification

tagger = AutoModelForTokenClassification.from_pretrained(checkpoint, num_labels=len(label_names))
body, head = (sum(p.numel() for p in part.parameters()) for part in (tagger.base_model, tagger.classifier))
print(f"{body:,} weights in the body, {head:,} in the head")

# %% [markdown]
# Nearly everything is in the body, and that is the part we can inherit. Now a fair contest needs two
# networks that differ in *nothing else*. Both get the same shape and the same random head; one of them
# gets the pretrained body, in a single line.

# %%
device = "cuda" if torch.cuda.is_available() else "cpu"


def new_tagger(seed, pretrained):
    torch.manual_seed(seed)
    model = AutoModelForTokenClassification.from_config(tagger.config)
    if pretrained:
        model.base_model.load_state_dict(tagger.base_model.state_dict())  # the only difference
    return model.to(device)


# %% [markdown]
# The next three cells are folded: how words become the network's inputs, how it learns from them, and how it
# marks a sentence. The course comes to them in *The training loop*. All you need to know here: `fine_tune`
# shows a network a fixed number of batches, the same in both cases, and `tag` lets it answer.

# %% tags=["hide-input"]
from torch.utils.data import DataLoader
from transformers import DataCollatorForTokenClassification

data_collator = DataCollatorForTokenClassification(tokenizer)


def encode(rows):
    """Token ids and labels; the first piece of each word carries its label."""
    encodings = tokenizer(rows["tokens"][:], is_split_into_words=True, truncation=True)
    items = []
    for i, tags in enumerate(rows["ner_tags"]):
        ids = encodings.word_ids(i)
        first = [w is not None and w != before for w, before in zip(ids, [None, *ids])]
        labels = [tags[w] if is_first else -100 for w, is_first in zip(ids, first)]
        items.append({"input_ids": encodings["input_ids"][i], "labels": labels})
    return items


train_items, test_items = encode(train), encode(test)

# %% tags=["hide-input"]
from itertools import chain, islice, repeat

from transformers import get_linear_schedule_with_warmup


def fine_tune(model, items, seed, learning_rate, steps=steps):
    """Train for `steps` batches drawn from the items in random order."""
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(items, batch_size, shuffle=True, generator=generator, collate_fn=data_collator)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=learning_rate, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, steps // 10, steps)
    model.train()
    for batch in islice(chain.from_iterable(repeat(loader)), steps):
        model(**batch.to(device)).loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return model


# %% tags=["hide-input"]
@torch.no_grad()
def tag(model, items):
    """The labels of each sentence's words."""
    model.eval()
    tags = []
    for batch in DataLoader(items, 100, collate_fn=data_collator):
        best = model(**batch.to(device)).logits.argmax(-1)
        tags += [[label_names[t] for t in row[y != -100]] for row, y in zip(best, batch["labels"])]
    return tags


# %% [markdown]
# Both learn from the same two hundred sentences, and then mark the one that travels with us.

# %%
import numpy as np


def sample(size, seed):
    """Which training sentences are labelled, drawn at random."""
    return np.random.default_rng(seed).permutation(len(train))[:size]


our_rows = {"tokens": [words], "ner_tags": [[label_names.index(tag) for tag in our_tags]]}
few = [train_items[i] for i in sample(200, seed=0)]
answers = {"truth": our_tags}
for name, with_body in {"pretrained": True, "from scratch": False}.items():
    rate = learning_rate if with_body else scratch_learning_rate
    model = fine_tune(new_tagger(0, with_body), few, 0, rate)
    answers[name] = tag(model, encode(our_rows))[0]
pd.DataFrame(answers.values(), columns=words, index=answers.keys())

# %% [markdown]
# Read the table row by row. Two networks of one shape, the same examples, the same number of steps. The
# names in this sentence were new to both. One of them had met sentences.
#
# ## The curves
#
# One sentence and one draw of two hundred prove nothing. So we repeat the contest with fewer and with more
# labels, each three times with another draw and another random head, and score all of it on the test.
#
# ??? predict "Predict first: three curves of F1 against the number of labelled sentences. Which starts highest, which climbs most, and does the blank network catch up within two thousand?"
#     The pretrained network starts ahead, since it has to learn only what the labels are called. The
#     rival climbs steadily: each new sentence brings new hints. The blank network would have to learn
#     reading itself from the labels. Two thousand are far too few for that.

# %%
scores = {name: np.zeros((len(sizes), len(seeds))) for name in ("pretrained", "word shapes", "from scratch")}
for row, size in enumerate(sizes):
    for column, seed in enumerate(seeds):
        chosen = sample(size, seed)
        items = [train_items[i] for i in chosen]
        tuned = fine_tune(new_tagger(seed, True), items, seed, learning_rate)
        scores["pretrained"][row, column] = entity_f1(tag(tuned, test_items))
        blank_start = fine_tune(new_tagger(seed, False), items, seed, scratch_learning_rate)
        scores["from scratch"][row, column] = entity_f1(tag(blank_start, test_items))
        scores["word shapes"][row, column] = entity_f1(word_shapes(train.select(chosen)))

pd.DataFrame({name: values.mean(axis=1) for name, values in scores.items()}, index=sizes).round(3)

# %% [markdown]
# Means of three runs, a row for each number of sentences. A picture shows them better, and with them what
# a mean hides: the dots are single runs, the bands reach from the worst to the best.

# %% alt="Line chart of entity F1 against 50 to 2,000 labelled sentences. The pretrained network is highest at every size, the word-shape regression lies below it and climbs, the network trained from scratch stays near the bottom. Bands show the spread of three seeds."
fig, ax = plt.subplots(figsize=(7, 4))
for colour, (name, values) in zip([SERIES[0], SERIES[5], SERIES[1]], scores.items()):
    ax.fill_between(sizes, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, linewidth=0)
    ax.plot(sizes, values.mean(axis=1), color=colour)
    ax.plot(sizes, values, "o", color=colour, markersize=3)
    ax.text(sizes[-1] * 1.08, values[-1].mean(), name, color=colour, va="center")
ax.set(xscale="log", ylim=(0, 1.02), xlabel="labelled sentences (log scale)", ylabel="entity F1 on the test")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.set_title("What pretraining is worth, in labels")
plt.show()

# %% [markdown]
# Three things to read in such a plot. **Where a curve starts**: how much is known before the labels. **How
# steep it is**: what another label buys. **How wide the band is**: a gap between two curves counts only if
# it is wider than their bands, and here it is.
#
# For the record, the six runs on two hundred sentences, each beside the rival on the same sentences.

# %%
from course_utils.lesson import Result, show_results

at = sizes.index(200)
show_results([
    Result(
        f"entity F1 from 200 sentences, {name}, seed {seed}",
        float(scores[name][at, i]),
        baseline=float(scores["word shapes"][at, i]),
        baseline_name="word-shape regression",
        seed=seed,
    )
    for name in ("pretrained", "from scratch")
    for i, seed in enumerate(seeds)
])

# %% [markdown]
# The lower half of the table says it in plain words: a Transformer by itself is no magic. With few labels
# and no pretraining it *loses* to a method from the last century.
#
# !!! hardware "Who pays for the pretraining?"
#     Pretraining is the expensive part. Our small checkpoint took minutes on one core; the real BERT took
#     days on many accelerators, and today's large models take months on thousands. Fine-tuning took us
#     seconds. That is why one party pretrains and everybody else starts from there.
#
# What comes over is not only what you want. A pretrained network has also taken in the habits and prejudices
# of its text, and fine-tuning does not remove them; the lesson on model families measures one.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · F1 from two sets"
#     Write `f1(found, real)` for two sets of names, each name a tuple such as `("PER", 0, 1)`: type, first
#     word, last word. Return F1 as a number between 0 and 1.
#
# ??? hint "Hint"
#     What the two sets share is right. Precision divides that by `len(found)`, recall by `len(real)`. The
#     case that fails in most first attempts is the lazy tagger: `found` is empty.

# %%
def f1(found, real):
    """F1 of a set of found names against the real ones."""
    ...


# %% tags=["solution"]
def f1(found, real):
    """F1 of a set of found names against the real ones."""
    right = len(found & real)
    if right == 0:
        return 0.0
    precision, recall = right / len(found), right / len(real)
    return 2 * precision * recall / (precision + recall)


# %% tags=["check"]
real = {("PER", 0, 1), ("ORG", 3, 4), ("LOC", 7, 7)}
assert f1(set(), real) == 0, "nothing found: F1 is 0, not an error"
assert f1(real, real) == 1
assert abs(f1({("PER", 0, 1), ("ORG", 3, 3)}, real) - 0.4) < 1e-9, "one of two is right, one of three is found"

# %% [markdown]
# !!! exercise "Exercise 2 · What is pretraining worth in labels?"
#     Write `labels_needed(sizes, curve, target)`: how many sentences a method needs until its curve
#     reaches the F1 `target`. Between two measured sizes the curve is a straight line over the *logarithm*
#     of the size, as in our plot. Return `None` if the target is never reached.
#
# ??? hint "Hint"
#     Three cases: the first point is high enough already; the target lies between two neighbours; it is
#     never reached. For the second: at the share $t$ of the way from $a$ to $b$ on a log scale lies
#     $a \cdot (b / a)^t$.

# %%
def labels_needed(sizes, curve, target):
    """The number of labelled sentences at which the curve reaches the target, or None."""
    ...


# %% tags=["solution"]
def labels_needed(sizes, curve, target):
    """The number of labelled sentences at which the curve reaches the target, or None."""
    if curve[0] >= target:
        return sizes[0]
    for (a, low), (b, high) in zip(zip(sizes, curve), zip(sizes[1:], curve[1:])):
        if low < target <= high:
            return a * (b / a) ** ((target - low) / (high - low))
    return None


# %% tags=["check"]
assert labels_needed([50, 200], [0.5, 0.9], 0.4) == 50, "the first point is high enough"
assert abs(labels_needed([50, 200], [0.5, 0.9], 0.7) - 100) < 1e-6, "half-way on a log scale is 100, not 125"
assert labels_needed([50, 200], [0.5, 0.9], 0.95) is None, "never reached"
goal = scores["pretrained"][0].mean()
for name in ("word shapes", "from scratch"):
    print(f"{name}: {labels_needed(sizes, scores[name].mean(axis=1), goal)} sentences for an F1 of {goal:.2f}")

# %% [markdown]
# ## From one checkpoint to an ecosystem
#
# If a checkpoint can save so many people so much, the natural thing is to share it. That is what Hugging
# Face was built on. Its **mission**, in its own words, is "to advance and democratize artificial
# intelligence through open source and open science". The vision behind it: nobody should have to begin
# from random weights because somebody else keeps theirs locked away. A student with a laptop starts from
# the same checkpoint as a large firm, can read how it was made, and can give back what they made of it.
#
# Two things make that work: a place, the **Hub**, where models, datasets and demos live side by side with
# their documentation, and a family of open libraries that speak to it. Here they are, with the versions
# that ran this page.

# %%
from importlib.metadata import PackageNotFoundError, version

from IPython.display import HTML

libraries = {
    "transformers": ("models of all kinds: load, use, train", "both networks and every head"),
    "tokenizers": ("text to numbers, fast", "inside AutoTokenizer"),
    "datasets": ("load, transform and stream data", "load_dataset"),
    "evaluate": ("metrics under one roof", "entity F1"),
    "accelerate": ("one training loop for any hardware", "from part 3 on"),
    "peft": ("fine-tune a small part of a large model", "from part 3 on"),
    "trl": ("teach language models to follow and to prefer", "from part 3 on"),
    "diffusers": ("generate images, audio and video", "not needed in this course"),
    "huggingface_hub": ("talk to the Hub", "under every from_pretrained"),
}


def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


table = [(name, installed(name), *texts) for name, texts in libraries.items()]
HTML(pd.DataFrame(table, columns=["library", "version", "is for", "on this page"]).to_html(index=False))

# %% [markdown]
# You have used five of them already, the last one without noticing.
#
# ## Beyond text
#
# Transfer learning is not tied to words. An image model pretrained on photographs learns a new kind of leaf
# from a few pictures; a speech model that has heard many languages learns another from a few hours. The
# library shows how far this has gone: each `AutoModelFor…` class stands for one kind of head. We sort them
# by what they take in.

# %% alt="Bar chart of the number of AutoModelFor classes in transformers by kind of input: vision, text, audio, several at once, and time series or decisions. Text is only one group among several."
import transformers

kinds = {
    "several at once": "ImageText|Multimodal|Document|Visual|ZeroShot",
    "audio": "Audio|Speech|CTC|RNNT|TDT|Spectrogram|Waveform",
    "time series, decisions": "TimeSeries|Decision",
    "vision": "Image|Video|Depth|Object|Segmentation|Keypoint|Mask(?!ed)|Normal|Point|Pose|Recognition",
    "text": "",
}
heads = [name.removeprefix("AutoModelFor") for name in dir(transformers) if name.startswith("AutoModelFor")]
counts = pd.Series([next(k for k, p in kinds.items() if re.search(p, h)) for h in heads]).value_counts()
fig, ax = plt.subplots(figsize=(7, 2.4))
ax.barh(counts.index[::-1], counts.values[::-1])
ax.bar_label(ax.containers[0], padding=3)
ax.set(title=f"{len(heads)} kinds of heads in transformers", xlabel="number of AutoModelFor… classes", xticks=[])
ax.grid(visible=False)
plt.show()

# %% [markdown]
# The library began with text, yet most of its kinds of heads are for something else by now. What you learn
# here about checkpoints, heads and fine-tuning carries over to those: that is transfer learning too.
#
# **Core ends here.** What follows goes deeper.
#
# ## Deeper: is it the body, or the fine-tuning of the body?
#
# We copied the body and then trained all of it. Perhaps the copied weights are so good that they need no
# training? We **freeze** the body, so that only the head learns. And, to be fair to the blank network, we
# also let it train three times as long. Again two hundred sentences and three seeds.

# %%
def frozen(model):
    model.base_model.requires_grad_(False)
    return model


variants = {
    "head only": (lambda seed: frozen(new_tagger(seed, True)), learning_rate, steps),
    "from scratch, 3 × the steps": (lambda seed: new_tagger(seed, False), scratch_learning_rate, 3 * steps),
}
at_200 = {name: values[at] for name, values in scores.items()}
for name, (start, rate, length) in variants.items():
    at_200[name] = []
    for seed in seeds:
        items = [train_items[i] for i in sample(200, seed)]
        at_200[name].append(entity_f1(tag(fine_tune(start(seed), items, seed, rate, length), test_items)))

# %% [markdown]
# Each dot is one run.

# %% alt="Dot plot of entity F1 from 200 sentences for five ways of learning, three dots each. Fine-tuning the whole pretrained network is highest; training only the head is far below it; the blank network stays near zero even with three times the steps."
colours = {"pretrained": SERIES[0], "head only": SERIES[0], "word shapes": SERIES[5]}
fig, ax = plt.subplots(figsize=(7, 2.6))
for name, values in sorted(at_200.items(), key=lambda item: np.mean(item[1])):
    ax.plot(values, [name] * len(values), "o", color=colours.get(name, SERIES[1]), alpha=0.7)
ax.set(xlim=(0, 1.02), xlabel="entity F1 from 200 sentences")
plt.show()

# %% [markdown]
# Longer training does not rescue the blank network. It has long learnt its two hundred sentences by heart;
# what it lacks is everything that is not in them.
#
# !!! exercise "Exercise 3 · Thaw one layer"
#     Freeze the body except for its last layer, `model.base_model.encoder.layer[-1]`, and run the three seeds.
#     Write down your guess first: nearer to *head only*, or to *pretrained*? There is no check for this one.
#
# ## At full scale
#
# The same file runs with BERT and real newspaper sentences. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# What the pocket run cannot show: our text is invented, its patterns number in the hundreds, and a network
# of two layers can nearly master it. Real text is messier, pretrained networks are surer of it than ours
# but less perfect on it, and rivals have been tuned for decades. The *order* of the curves and the reason
# for it are what carries over, not their heights. At full scale you also give up one comfort: nobody can
# promise that BERT never read a sentence of the test while it was pretrained.
#
# ## Recap
#
# - Pretraining learns from text without labels; fine-tuning goes on from there with a few labels of your task.
# - What transfers are the weights of the body: which words are alike, and what can stand where. The head is new.
# - Accuracy flattered a tagger that found nothing. Entity F1 asks for the right type and both ends.
# - A claim needs a baseline, a fair twin and more than one seed.
# - Pretraining is dear and its result can be copied, so sharing pays: hence the Hub and the libraries around it.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 1, *Transformers, what can they do?* and *How do Transformers work?*
# - Devlin et al. (2019), *BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding*
# - Howard and Ruder (2018), *Universal Language Model Fine-tuning for Text Classification*
# - Bommasani et al. (2021), *On the Opportunities and Risks of Foundation Models*
# - Transformers documentation, *Philosophy*
