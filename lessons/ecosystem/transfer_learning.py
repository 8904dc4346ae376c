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
#         test_sentences: 3000
#         steps: 300
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
# ## Pretrain once, fine-tune many times
#
# The whole idea fits into one picture, so we draw it before we run anything.

# %% tags=["hide-input"] alt="Diagram: a blank network reads much text without labels and becomes a pretrained checkpoint, from which arrows lead to three tasks with few labels: names in text, star ratings, answers."
import matplotlib.pyplot as plt

from course_utils.lesson import INK, SERIES, use_plot_style

use_plot_style()
boxes = {(0, 1): "blank\nnetwork", (3.4, 1): "pretrained\ncheckpoint"}
boxes |= {(7.2, 0): "answers", (7.2, 1): "star ratings", (7.2, 2): "names in text"}
fig, ax = plt.subplots(figsize=(7, 2.7))
ax.set(xlim=(-0.8, 8.6), ylim=(-0.5, 2.9))
ax.axis("off")
for place, text in boxes.items():
    frame = {"boxstyle": "round,pad=0.6", "fc": "none", "ec": INK}
    ax.text(*place, text, ha="center", va="center", bbox=frame)
for start, end in (1, (2.3, 1)), (4.5, (6, 0)), (4.5, (6, 1)), (4.5, (6, 2)):
    ax.annotate("", end, (start, 1), arrowprops={"arrowstyle": "-|>", "color": INK})
ax.text(1.6, 1.75, "once, much text,\nno labels", ha="center", color=SERIES[0])
ax.text(4.6, 2.1, "many times,\nfew labels", ha="center", color=SERIES[2])
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
# Everything that changes with scale stands in one cell. These values run on one core of a laptop.

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id, revision = "pocket/entities", "main"
probe_words = ["Monday", "green", "Henrietta", "Kesmaria"]
sizes, seeds = [50, 200, 600, 2000], [0, 1, 2]
test_sentences = 400
steps, batch_size = 100, 16
learning_rate, scratch_learning_rate = 2e-3, 2e-3

# %% [markdown]
# ## What a pretrained network already knows
#
# `from_pretrained` fetches a checkpoint from the Hub by its name. Beside it we put its twin: `from_config`
# builds a network of exactly the same shape with random weights.

# %%
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
pretrained = AutoModelForMaskedLM.from_pretrained(checkpoint)

torch.manual_seed(0)
blank = AutoModelForMaskedLM.from_config(pretrained.config)
print(f"{pretrained.num_parameters():,} and {blank.num_parameters():,} weights")

# %% [markdown]
# As many weights in both: whatever differs from here on lies in their values. One sentence will travel
# with us through the page. Its names are invented:
#
# > Henrietta Claycott of Jubin Dairies arrived in Eastlow .
#
# ??? predict "Predict first: we hide *Eastlow* and ask both networks for the missing word. What do you expect from each?"
#     The pretrained one cannot know where Henrietta Claycott went, but it can know that after *arrived in* comes a
#     place. The blank twin has no reason to prefer any entry of its vocabulary: expect arbitrary ones.

# %% alt="Two bar charts of the five likeliest fills for the hidden word. The pretrained network guesses places; the blank one, with far lower probability, arbitrary pieces of words."
from transformers import pipeline

sentence = "Henrietta Claycott of Jubin Dairies arrived in Eastlow ."
hidden = sentence.replace("Eastlow", tokenizer.mask_token)
fig, axes = plt.subplots(1, 2, figsize=(7, 2.4), sharex=True)
for ax, model, name in zip(axes, [pretrained, blank], ["pretrained", "blank"]):
    fill_mask = pipeline("fill-mask", model=model, tokenizer=tokenizer, top_k=5)
    guesses = {guess["token_str"]: guess["score"] for guess in fill_mask(hidden)}
    ax.barh(list(guesses), guesses.values(), color=SERIES[model is blank])
    ax.invert_yaxis()
    ax.set(title=name, xlabel="probability")
    ax.grid(axis="y", visible=False)
plt.show()

# %% [markdown]
# Left: places, each with a small share of the probability, since any of them would do. Right: debris.
# Nobody ever told the left network what a place is. It found out because guessing hidden words goes better
# for those who know which words can stand where.
#
# Part of this knowledge sits in the very first layer, which holds one vector for each entry of the
# vocabulary. If pretraining put words of one kind side by side, we can see it in a word's nearest
# neighbours, by the cosine of the angle between their vectors.

# %%
def neighbours(model, word, k=4):
    table = model.get_input_embeddings().weight.detach()
    table = torch.nn.functional.normalize(table, dim=-1)
    cosines = table @ table[tokenizer.convert_tokens_to_ids(word)]  # [vocabulary]
    return tokenizer.convert_ids_to_tokens(cosines.topk(k + 1).indices[1:])


for word in probe_words:
    print(f"{word:10} pretrained: {', '.join(neighbours(pretrained, word))}")
    print(f"{'':10} blank:      {', '.join(neighbours(blank, word))}")

# %% [markdown]
# Days stand beside days, colours beside colours, first names beside first names, countries beside
# countries. The blank twin has neighbours too, since something is always nearest, but they mean nothing.
# This order is what we are about to carry over: a tagger that has met *one* first name in its labelled
# sentences can guess something about all the others.
#
# ## Two hundred labels
#
# Now the task: mark the names. `load_dataset` fetches labelled sentences, split into training and test.
# Labels come in the **BIO** scheme: `B-` begins a name, `I-` continues it, `O` is everything else. We print
# a sentence of the dataset, and ours, which we labelled by hand.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id, revision=revision)
train = raw_datasets["train"]
test = raw_datasets["test"].select(range(test_sentences))
label_names = train.features["ner_tags"].feature.names
truth = [[label_names[tag] for tag in tags] for tags in test["ner_tags"]]

words = sentence.split()
our_tags = "B-PER I-PER O B-ORG I-ORG O O B-LOC O".split()
for pair in zip(test[0]["tokens"], truth[0]), zip(words, our_tags):
    print(" ".join(w if tag == "O" else f"{w}/{tag}" for w, tag in pair))

# %% [markdown]
# Ours has nine words, nine labels and **three** names: a person, a firm, a place. But is the test a fair
# one? If its names were in the training split too, a list of names would pass it. We count.

# %%
from seqeval.metrics.sequence_labeling import get_entities


def names_in(rows):
    found = set()
    for words, tags in zip(rows["tokens"], rows["ner_tags"]):
        for _, first, last in get_entities([label_names[tag] for tag in tags]):
            found.add(" ".join(words[first : last + 1]))
    return found


print(len(names_in(test)), "names in the test,", end=" ")
print(len(names_in(test) & names_in(train)), "of them known from training")

# %% [markdown]
# The second number is all that memorising could bring. The sentence patterns of the test are kept out of
# training too.
#
# To be plain: the text our checkpoint was pretrained on tells of the same invented world. It mentions these
# names, though never their labels. That is the point: text is cheap, labels are dear.
#
# ## A wrong way to keep score
#
# The obvious score is accuracy: the share of words with the right label. We try it on a tagger that has
# learnt nothing and answers `O` to every word.
#
# ??? predict "Predict first: is its accuracy nearer to 10 %, 40 % or 70 %?"
#     Most words belong to no name, so most words *are* `O`. Ours is an unusual sentence.

# %%
import evaluate

seqeval = evaluate.load("seqeval")
lazy = [["O"] * len(tags) for tags in truth]
score = seqeval.compute(predictions=lazy, references=truth, zero_division=0)
print(f"accuracy {score['overall_accuracy']:.2f}, names found {score['overall_recall']:.2f}")

# %% [markdown]
# A respectable accuracy, and not a single name. It tells how many words are no names: a fact about the text,
# not about the tagger.
#
# !!! trap "A high score that means nothing"
#     Where one label is far more frequent than the others, accuracy rewards saying it always. Before you
#     trust a score, give it a prediction that you know is worthless.
#
# The mend is to count **names** instead of words. A name is found only if its type and both its ends are
# right. *Precision* is the share of the marked names that are real, *recall* the share of the real names
# that were marked, and **entity F1** is their harmonic mean, `2 * precision * recall / (precision + recall)`.
# It is high only if both are. The lazy tagger finds no name, so its F1 is zero, as it should be.
#
# ## A rival that has read nothing
#
# Names have capital letters, firms like to end in *Dairies*, and places follow *in*. A classical method can
# learn such hints from labels alone. We describe each word by its text, its shape, its first and last
# letters, add the same for two words to each side, and fit a logistic regression.

# %%
import re


def look(word):
    shape = re.sub("[a-z]+", "x", re.sub("[A-Z]+", "X", word))
    return {"text": word.lower(), "shape": shape, "start": word[:3], "end": word[-3:]}


def features(words):
    """One dictionary of hints for each word, from a window of five words."""
    looks = [look(word) for word in ["", "", *words, "", ""]]
    return [
        {f"{hint} {k - 2:+d}": looks[i + k][hint] for k in range(5) for hint in looks[0]}
        for i in range(len(words))
    ]


hints = features(words)[words.index("Eastlow")]
print({name: hint for name, hint in hints.items() if name.startswith("text")})

# %% [markdown]
# The rival sees *Eastlow* at `+0` and, at `-2` and `-1`, that *arrived in* stands before it. We let it learn
# from two hundred sentences and score it on the test.

# %%
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def sample(size, seed):
    """Which training sentences we act as if we had labelled."""
    return np.random.default_rng(seed).permutation(len(train))[:size]


def word_shapes(rows):
    """Learn from the rows, then tag the test sentences."""
    inputs = [hints for words in rows["tokens"] for hints in features(words)]
    rival = make_pipeline(DictVectorizer(), LogisticRegression(max_iter=200))
    rival.fit(inputs, [label_names[tag] for tags in rows["ner_tags"] for tag in tags])
    guesses = iter(rival.predict([h for words in test["tokens"] for h in features(words)]))
    return [[str(next(guesses)) for _ in words] for words in test["tokens"]]


def entity_f1(guesses):
    return seqeval.compute(predictions=guesses, references=truth, zero_division=0)["overall_f1"]


print(f"F1 {entity_f1(word_shapes(train.select(sample(200, seed=0)))):.3f}")

# %% [markdown]
# That is a **baseline**: what one gets without the idea under test. Whoever does not beat it has shown nothing.
#
# ## The same network, twice
#
# To mark names, the network needs a new last layer, its **head**: it turns each word's vector into one
# number for each label. `AutoModelForTokenClassification` adds it. The report below looks alarming and is
# what we want: the old head, which guessed hidden words, is left over (`UNEXPECTED`), and the new one is
# not in the checkpoint (`MISSING`), so it starts from random weights.

# %%
from transformers import AutoModelForTokenClassification

tagger = AutoModelForTokenClassification.from_pretrained(
    checkpoint, num_labels=len(label_names)
)
head = sum(weight.numel() for weight in tagger.classifier.parameters())
print(f"{tagger.base_model.num_parameters():,} weights in the body, {head:,} in the head")

# %% [markdown]
# Nearly everything is in the body, the part we can inherit. A fair contest needs two networks that differ in
# *nothing else*. `learn` gives both the same shape and the same random head; one of them gets the pretrained
# body, in a single line. Then it trains on a sample of the labelled sentences.

# %%
device = "cuda" if torch.cuda.is_available() else "cpu"


def learn(size, seed, pretrained, frozen=False, steps=steps):
    """A tagger that has learnt from `size` labelled sentences."""
    torch.manual_seed(seed)
    model = AutoModelForTokenClassification.from_config(tagger.config).to(device)
    if pretrained:  # the only difference
        model.base_model.load_state_dict(tagger.base_model.state_dict())
    model.base_model.requires_grad_(not frozen)
    items = [train_items[i] for i in sample(size, seed)]
    rate = learning_rate if pretrained else scratch_learning_rate
    return fine_tune(model, items, seed, rate, steps)


# %% [markdown]
# Folded, because *The training loop* teaches it later: how words become inputs, how a network learns from them,
# and how it answers. Here it is enough that `fine_tune` shows each network the same number of batches, and `tag`
# lets it mark sentences.

# %% tags=["hide-input"]
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

from torch.utils.data import DataLoader
from transformers import get_linear_schedule_with_warmup


def fine_tune(model, items, seed, learning_rate, steps):
    """Train for `steps` batches drawn from the items in random order."""
    order = torch.Generator().manual_seed(seed)
    loader = DataLoader(items, batch_size, shuffle=True, generator=order, collate_fn=data_collator)
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
def tag(model, items=test_items):
    """The labels of each sentence's words."""
    model.eval()
    tags = []
    for batch in DataLoader(items, 100, collate_fn=data_collator):
        best = model(**batch.to(device)).logits.argmax(-1)
        for row, y in zip(best, batch["labels"]):
            tags.append([label_names[t] for t in row[y != -100].tolist()])
    return tags


# %% [markdown]
# Now both learn from the same two hundred sentences, and mark the one that travels with us.

# %%
import pandas as pd

ours = encode({"tokens": [words], "ner_tags": [[label_names.index(t) for t in our_tags]]})
answers = {"truth": our_tags}
answers["pretrained"] = tag(learn(200, seed=0, pretrained=True), ours)[0]
answers["from scratch"] = tag(learn(200, seed=0, pretrained=False), ours)[0]
pd.DataFrame(answers, index=words)

# %% [markdown]
# Compare the columns. Two networks of one shape, the same examples, the same number of steps, and names that
# no label had told them of. Even the blank one may get the beginning right: many sentences start with a
# person, and so much can be learnt from two hundred.
#
# ## The curves
#
# One sentence and one draw of two hundred prove nothing. We repeat the contest with fewer and more labels, each
# three times with another draw and another random head.
#
# ??? predict "Predict first: three curves of F1 against the number of labelled sentences. Which starts highest, and does the blank network catch up within two thousand?"
#     The pretrained network starts ahead, since it has to learn only what the labels are called. The blank
#     one would have to learn reading itself from the labels, and two thousand are far too few for that.

# %%
names = ["pretrained", "word shapes", "from scratch"]
scores = {name: np.zeros((len(sizes), len(seeds))) for name in names}
for at in np.ndindex(len(sizes), len(seeds)):
    size, seed = sizes[at[0]], seeds[at[1]]
    scores["pretrained"][at] = entity_f1(tag(learn(size, seed, True)))
    scores["word shapes"][at] = entity_f1(word_shapes(train.select(sample(size, seed))))
    scores["from scratch"][at] = entity_f1(tag(learn(size, seed, False)))

# %% [markdown]
# A line is the mean of three runs, a dot is one run, and the bands reach from the worst to the best.

# %% alt="Line chart of entity F1 against 50 to 2,000 labelled sentences: the pretrained network is highest, the word-shape regression climbs below it, the network from scratch stays near the bottom. Bands show three seeds."
fig, ax = plt.subplots(figsize=(7, 4))
for name, number in zip(names, [0, 5, 1]):
    runs, colour = scores[name], SERIES[number]
    ax.fill_between(sizes, runs.min(axis=1), runs.max(axis=1), color=colour, alpha=0.2)
    ax.plot(sizes, runs, "o", color=colour, markersize=3)
    ax.plot(sizes, runs.mean(axis=1), color=colour, label=name)
ax.set(title="What pretraining is worth", ylim=(0, 1), xscale="log")
ax.set(xlabel="labelled sentences (log scale)", ylabel="entity F1 on the test")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Three things to read in such a plot. **Where a curve starts**: how much is known before the labels. **How
# steep it is**: what another label buys. **How wide the bands are**: where two of them overlap, the plot
# leaves open which method is better.
#
# For the record, the figures for two hundred sentences.

# %%
from course_utils.lesson import Result, show_results

at = sizes.index(200)
mean = {name: float(scores[name][at].mean()) for name in names}
rival = {"baseline": mean["word shapes"], "baseline_name": "word shapes"}
show_results([
    Result("F1 from 200 sentences, pretrained, mean", mean["pretrained"], **rival),
    Result("pretrained, worst seed", float(scores["pretrained"][at].min()), **rival),
    Result("from scratch, mean", mean["from scratch"], **rival),
    Result("from scratch, best seed", float(scores["from scratch"][at].max()), **rival),
])

# %% [markdown]
# A Transformer by itself is no magic: with few labels and no pretraining it *loses* to a method from the
# last century.
#
# What comes over is not only what you want: a pretrained network has also taken in the prejudices of its
# text, and fine-tuning does not remove them.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · F1 from two sets"
#     Write `f1(found, real)` for two sets of names, each name a tuple such as `("PER", 0, 1)`: type, first
#     word, last word. Return F1 as a number between 0 and 1.
#
# ??? hint "Hint"
#     What both sets hold is right. Precision divides that by `len(found)`, recall by `len(real)`. The
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
assert f1(real, real) == 1, "everything found, nothing invented"
short = {("PER", 0, 1), ("ORG", 3, 3)}
assert abs(f1(short, real) - 0.4) < 1e-9, "one of two is right, one of three is found"

# %% [markdown]
# !!! exercise "Exercise 2 · What is pretraining worth in labels?"
#     Write `labels_needed(sizes, curve, target)`: how many sentences a method needs until its curve
#     reaches the F1 `target`. Between two measured sizes the curve is a straight line over the *logarithm*
#     of the size, as in our plot. Return `None` if the target is never reached.
#
# ??? hint "Hint"
#     On a log scale, `a * (b / a) ** t` lies at the share `t` of the way from `a` to `b`. The case that fails
#     in most first attempts: the first point is high enough already.

# %%
def labels_needed(sizes, curve, target):
    """How many labelled sentences bring the curve to the target, or None."""
    ...


# %% tags=["solution"]
def labels_needed(sizes, curve, target):
    """How many labelled sentences bring the curve to the target, or None."""
    if curve[0] >= target:
        return sizes[0]
    points = list(zip(sizes, curve))
    for (a, low), (b, high) in zip(points, points[1:]):
        if low < target <= high:
            return a * (b / a) ** ((target - low) / (high - low))
    return None


# %% tags=["check"]
assert labels_needed([50, 200], [0.5, 0.9], 0.4) == 50, "the first point is high enough"
halfway = labels_needed([50, 200], [0.5, 0.9], 0.7)
assert abs(halfway - 100) < 1e-6, "half-way on a log scale is 100, not 125"
assert labels_needed([50, 200], [0.5, 0.9], 0.95) is None, "never reached"
for name in names:
    needed = labels_needed(sizes, scores[name].mean(axis=1), scores["pretrained"][0].mean())
    print(f"as good as pretrained on {sizes[0]}: {name}, {needed and round(needed)}")

# %% [markdown]
# ## From one checkpoint to an ecosystem
#
# Fine-tuning took us seconds. Pretraining took BERT days on many accelerators, and takes today's large models
# months on thousands. So one does it once and shares the result, and Hugging Face was built on that. Its
# **mission**, in its own words, is "to advance and democratize artificial intelligence through open source
# and open science": a student with a laptop starts from the same checkpoint as a large firm, and can give
# back what they made of it.
#
# Two things make that work: the **Hub**, where models, datasets and demos live side by side with their
# documentation, and a family of open libraries that speak to it. Here they are, with the versions that ran
# this page; a dash means *not installed*.

# %%
from importlib.metadata import version
from importlib.util import find_spec

libraries = {
    "transformers": "models of all kinds: load, use, train",
    "tokenizers": "text to numbers, fast",
    "datasets": "load, transform and stream data",
    "evaluate": "metrics under one roof",
    "accelerate": "one training loop for any hardware",
    "peft": "fine-tune a small part of a large model",
    "trl": "teach language models what people want",
    "diffusers": "generate images, audio and video",
}
for name, role in libraries.items():
    print(f"{name:14}{version(name) if find_spec(name) else '—':9}{role}")

# %% [markdown]
# ## Beyond text
#
# Transfer learning is not tied to words. An image model pretrained on photographs learns a new kind of leaf
# from a few pictures, a speech model another language from a few hours. `transformers` has an `AutoModelFor…`
# class for each kind of head: `AutoModelForImageClassification`, `AutoModelForSpeechSeq2Seq` and dozens more.
#
# **Core ends here.** What follows goes deeper.
#
# ## Deeper: does the body need training?
#
# Perhaps the copied weights are so good that they need no training at all. We **freeze** them, so that only the
# head learns, from two hundred sentences again. A column for each seed.

# %%
frozen = [entity_f1(tag(learn(200, seed, pretrained=True, frozen=True))) for seed in seeds]
rows = {"body trained": scores["pretrained"][at], "body frozen": frozen}
pd.DataFrame(rows, index=seeds).T.round(3)

# %% [markdown]
# What the body knows was learnt for guessing words, and has to be bent to the new task. One doubt is left:
# with two thousand sentences, our few steps do not even show the blank network each of them once.
#
# !!! exercise "Exercise 3 · Is the contest fair?"
#     Let the blank network learn from 2,000 sentences for three and for ten times as many steps; `learn` takes
#     `steps`. How far does it get, and how long does it take? Write down your guess first.
#
# ## At full scale
#
# The same file runs with BERT and real newspaper sentences. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# What the pocket run cannot show: our text is invented and its patterns are few. Real text is messier, names
# in it do recur, and rivals have been tuned for decades. Expect the order of the curves to carry over, not
# their heights.
#
# ## Recap
#
# - Pretraining learns from text without labels; fine-tuning goes on from there with a few labels of your task.
# - What transfers are the weights of the body: which words are alike, and what can stand where. The head is new.
# - Accuracy flattered a tagger that found nothing. Entity F1 asks for the right type and both ends.
# - A claim needs a baseline, a fair twin and more than one seed.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 1, *Transformers, what can they do?*
# - Devlin et al. (2019), *BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding*
# - Howard and Ruder (2018), *Universal Language Model Fine-tuning for Text Classification*
