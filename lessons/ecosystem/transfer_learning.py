# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Why pretraining pays
#     path: core
#     objectives:
#       name-libraries: "Say what each library of the Hugging Face ecosystem is for, beyond text too"
#       explain-transfer: "Explain what a pretrained network brings along, and show it"
#       read-curves: "Read learning curves of a pretrained network, one from scratch and a baseline"
#       judge-fairly: "Judge a comparison by its metric, its held-out data and its seeds"
#     meets: [o1, o9, c2, c3, c4, c40, c41]
#     minutes: 20
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         dataset_id: leondz/wnut_17
#         revision: refs/convert/parquet
#         sizes: [50, 100, 200, 500, 2000]
#         test_rows: 1000
#         steps: 300
#         learning_rate: 5.0e-5
#       resources: {gpus: 1, memory_gb: 8, minutes: 20, timeout: 60}
# ---

# %% [markdown]
# # Why pretraining pays
#
# Two identical networks learn the same task from the same 200 sentences. One ends up useful, the other
# does not, and the only difference lies in the numbers they started from. On this page you run that
# experiment, see where the difference comes from, and meet the libraries that make it a few lines long.

# %% [markdown]
# ## An ecosystem around shared networks
#
# Training a large network costs weeks and a fortune; sharing it costs a download. Hugging Face set out to
# make good machine learning available to everybody, and its answer is open and collaborative: a **Hub**
# where people publish networks, data and demonstrations, and a family of libraries that load them in a
# line. Whoever builds on a published network starts where somebody else stopped.
#
# The libraries divide the work. We ask this machine which of them it has.

# %%
from importlib.metadata import PackageNotFoundError, version

roles = {
    "transformers": "networks, pretrained weights, training",
    "tokenizers": "text to numbers and back, fast",
    "datasets": "data from the Hub or your disk, in batches",
    "evaluate": "metrics",
    "accelerate": "the same code on one device or many",
    "peft": "fine-tuning a small part of a network",
    "trl": "tuning on instructions and preferences",
    "diffusers": "generating images, video and sound",
}
for name, role in roles.items():
    try:
        found = version(name)
    except PackageNotFoundError:
        found = "—"
    print(f"{name:13} {found:8} {role}")

# %% [markdown]
# A dash means *not installed here*: this page does not need it. Nor is the family about text alone. Each
# *pipeline* of Transformers is a ready-made task, and the library itself knows what kind of input it is for.

# %% alt="Bar chart of the number of Transformers pipeline tasks by kind of input: multimodal and text have the most, image, audio and video fewer."
from collections import Counter

import matplotlib.pyplot as plt
from transformers.pipelines import SUPPORTED_TASKS

from course_utils.lesson import use_plot_style

use_plot_style()
kinds = Counter(task["type"] for task in SUPPORTED_TASKS.values()).most_common()
fig, ax = plt.subplots(figsize=(6, 2.2))
bars = ax.barh([kind for kind, _ in kinds][::-1], [count for _, count in kinds][::-1])
ax.bar_label(bars, padding=3)
ax.set(title="Tasks with a ready-made pipeline", xlabel="pipeline tasks")
plt.show()

# %% [markdown]
# *Multimodal* means more than one kind of input, such as a picture and a question about it. What follows
# uses text, and the idea is the same for all of them.
#
# ## The idea in one picture
#
# **Pretraining** happens once: a network reads a large amount of plain text, with no labels, and learns to
# fill in words that were hidden from it. **Fine-tuning** happens many times: somebody takes those weights
# and adapts them to a task with a few labelled examples. Using what was learnt in one place in another is
# called **transfer learning**.

# %% tags=["hide-input"] alt="Diagram: plain text leads to one pretrained network, from which arrows lead to three fine-tuned ones, each with few labels: entities, sentiment, question answering."
from course_utils.lesson import INK, SERIES


def box(ax, x, y, text, colour):
    style = {"boxstyle": "round,pad=0.6", "facecolor": "none", "edgecolor": colour, "linewidth": 1.8}
    ax.text(x, y, text, ha="center", va="center", color=INK, fontsize=10, bbox=style)


fig, ax = plt.subplots(figsize=(8, 2.8))
ax.set(xlim=(0, 10), ylim=(0, 3))
ax.set_axis_off()
box(ax, 1.2, 1.5, "much plain text\nno labels", SERIES[5])
box(ax, 4.6, 1.5, "pretrained\nnetwork", SERIES[0])
arrow = {"arrowstyle": "-|>", "color": INK, "shrinkA": 4, "shrinkB": 4}
ax.annotate("", xy=(3.6, 1.5), xytext=(2.3, 1.5), arrowprops=arrow)
for y, task in ((2.6, "entities\n200 labels"), (1.5, "sentiment\n200 labels"), (0.4, "answers\n1,000 labels")):
    box(ax, 8.4, y, task, SERIES[1])
    ax.annotate("", xy=(7.4, y), xytext=(5.6, 1.5), arrowprops=arrow)
plt.show()

# %% [markdown]
# ## The settings
#
# Our network is tiny: two layers, small enough to train in seconds on a laptop. Everything that changes
# at full scale stands here.

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id, revision = "pocket/entities", "main"
sizes, seeds = [50, 100, 200, 500, 2000], [0, 1, 2]
test_rows = 400
steps, batch_size, learning_rate = 100, 16, 2e-3

# %% [markdown]
# ## What a pretrained network knows already
#
# We load the checkpoint with the head it was pretrained with, and a second network with the same
# architecture but fresh random weights. Both get the same sentence with a hole in it.

# %%
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, pipeline, set_seed

set_seed(0)
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
pretrained = AutoModelForMaskedLM.from_pretrained(checkpoint)
scratch = AutoModelForMaskedLM.from_config(pretrained.config)
sentence = f"The soup was cold and the {tokenizer.mask_token} was slow."
for name, model in {"pretrained": pretrained, "from scratch": scratch}.items():
    fill_mask = pipeline("fill-mask", model=model, tokenizer=tokenizer, top_k=5)
    words = [guess["token_str"] for guess in fill_mask(sentence)]
    print(f"{name:13} {', '.join(words)}")

# %% [markdown]
# Nobody told the first network what a noun is. It had to find out, since guessing hidden words without
# grammar and meaning goes badly. The second one answers with noise.
#
# That knowledge also sits in the very first layer. Each word of the vocabulary has a vector there, its
# *embedding*; words used alike should lie close together. We ask for the nearest neighbours.

# %%
def neighbours(model, word, count=5):
    """The words whose embeddings point most nearly the same way."""
    table = model.get_input_embeddings().weight.detach()
    table = torch.nn.functional.normalize(table, dim=-1)
    similarity = table @ table[tokenizer.convert_tokens_to_ids(word)]
    best = similarity.topk(count + 1).indices[1:]
    return tokenizer.convert_ids_to_tokens(best)


for word in ("soup", "Friday", "teacher"):
    print(f"{word:8} pretrained    {' '.join(neighbours(pretrained, word))}")
    print(f"{'':8} from scratch  {' '.join(neighbours(scratch, word))}")

# %% [markdown]
# Food near food, days near days, people near people: the pretrained network starts with a map of the
# language. If it has read in a thousand places how towns are spoken of, a few labelled towns will tell it
# what *all* towns are called.
#
# ## The task: find the names
#
# Our task is to mark persons, organisations, places and other names in a sentence. We look at a training
# sentence, and at how many words of the names in the test split never occur in the training split.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id, revision=revision)
label_names = raw_datasets["train"].features["ner_tags"].feature.names
train = raw_datasets["train"]
test = raw_datasets["test"].select(range(test_rows))
print([(word, label_names[tag]) for word, tag in zip(train[0]["tokens"], train[0]["ner_tags"])])

known = {word for words in train["tokens"] for word in words}
names = [w for row in test for w, tag in zip(row["tokens"], row["ner_tags"]) if tag != 0]
print(f"{sum(name not in known for name in names) / len(names):.0%} of name words are new in the test split")

# %% [markdown]
# Whoever learns the training names by heart is therefore lost. The test sentences follow other patterns
# too, so copying phrases does not help either.
#
# ## The wrong ruler
#
# ??? predict "Predict first: a tagger answers `O`, outside, to every word. What is its accuracy, and how many names does it find?"
#     Most words are no names, so the accuracy looks respectable. It finds nothing at all.

# %%
import evaluate

seqeval = evaluate.load("seqeval")
truths = [[label_names[tag] for tag in tags] for tags in test["ner_tags"]]
nothing = [["O"] * len(tags) for tags in truths]
score = seqeval.compute(predictions=nothing, references=truths, zero_division=0)
print(f"accuracy {score['overall_accuracy']:.2f}, entity F1 {score['overall_f1']:.2f}")

# %% [markdown]
# Accuracy counts words; we care about names. **Entity F1** counts a name as found only if its type and
# both its ends are right, and balances the names missed against those invented. It is the ruler from here on.
#
# ## A fair race
#
# Three runners get the same labelled sentences:
#
# - **pretrained**: `AutoModelForTokenClassification.from_pretrained(checkpoint)`
# - **from scratch**: the same architecture, the same steps, fresh weights
# - **word shapes**: a logistic regression on each word, its shape (*Xxxx*, *9999*), its first and last
#   letters, and the same of two words to each side. It is the baseline, and no straw man: capital letters
#   and endings give much away.
#
# The code that trains and scores is folded here; *The training loop* and *Fine-tuning with the Trainer*
# build it step by step. Unfold it if you are curious.

# %% tags=["hide-input"]
from transformers import (
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    get_linear_schedule_with_warmup,
)

device = "cuda" if torch.cuda.is_available() else "cpu"
data_collator = DataCollatorForTokenClassification(tokenizer)


def encode(rows):
    """Tokenise rows; the first piece of each word carries its label, the others -100."""
    encodings = tokenizer(rows["tokens"][:], is_split_into_words=True, truncation=True)
    items = []
    for i, tags in enumerate(rows["ner_tags"]):
        words = encodings.word_ids(i)
        first = [w is not None and w != words[k - 1] for k, w in enumerate(words)]
        labels = [tags[w] if f else -100 for w, f in zip(words, first)]
        items.append({**{name: values[i] for name, values in encodings.items()}, "labels": labels})
    return items


test_items = encode(test)

# %% tags=["hide-input"]
def fine_tune(model, rows, seed):
    """Train on the rows for a fixed number of steps: a plain PyTorch loop."""
    items, order = encode(rows), []
    generator = torch.Generator().manual_seed(seed)
    while len(order) < steps * batch_size:
        order += torch.randperm(len(items), generator=generator).tolist()
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=learning_rate)
    scheduler = get_linear_schedule_with_warmup(optimizer, steps // 10, steps)
    model.to(device).train()
    for step in range(steps):
        chosen = order[step * batch_size : (step + 1) * batch_size]
        batch = data_collator([items[i] for i in chosen]).to(device)
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()


# %% tags=["hide-input"]
@torch.no_grad()
def entity_f1(model):
    """Score the model on the test sentences."""
    model.eval()
    guesses = []
    for start in range(0, len(test_items), 64):
        batch = data_collator(test_items[start : start + 64]).to(device)
        for best, labels in zip(model(**batch).logits.argmax(dim=-1), batch["labels"]):
            guesses.append([label_names[tag] for tag in best[labels != -100].tolist()])
    return seqeval.compute(predictions=guesses, references=truths, zero_division=0)["overall_f1"]


def run(rows, seed, pretrained, frozen=False):
    set_seed(seed)
    labels = {"num_labels": len(label_names)}
    model = AutoModelForTokenClassification.from_pretrained(checkpoint, **labels)
    if not pretrained:
        model = AutoModelForTokenClassification.from_config(model.config)
    model.base_model.requires_grad_(not frozen)
    fine_tune(model, rows, seed)
    return entity_f1(model)


# %% [markdown]
# Loading a checkpoint for a new task prints a report, once for each load: the new output layer is missing
# from the checkpoint and starts at random. That is meant, so we ask for errors only. Then one run of each,
# on 200 sentences.

# %%
from transformers.utils import logging

logging.set_verbosity_error()
few = train.shuffle(seed=0).select(range(200))
print(f"pretrained    {run(few, seed=0, pretrained=True):.3f}")
print(f"from scratch  {run(few, seed=0, pretrained=False):.3f}")

# %% [markdown]
# The gap is wide. But this is one run on one draw of 200 sentences; it could be luck. We add the baseline,
# draw several sizes with three seeds each, and look again.

# %% tags=["hide-input"]
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def shape(word):
    marks = ["X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word]
    return "".join(m for i, m in enumerate(marks) if i == 0 or m != marks[i - 1])


def features(words):
    padded = ["<s>", "<s>", *words, "</s>", "</s>"]
    return [
        {
            f"{offset}:{feature}": True
            for offset, w in enumerate(padded[i : i + 5], start=-2)
            for feature in (w.lower(), shape(w), f"-{w[-3:].lower()}", f"{w[:3].lower()}-")
        }
        for i in range(len(words))
    ]


# %% tags=["hide-input"]
def run_baseline(rows, seed):
    x = [feature for words in rows["tokens"] for feature in features(words)]
    y = [label_names[tag] for tags in rows["ner_tags"] for tag in tags]
    model = make_pipeline(DictVectorizer(), LogisticRegression(max_iter=200, C=2.0, tol=1e-2))
    model.fit(x, y)
    guesses = [list(model.predict(features(words))) for words in test["tokens"]]
    return seqeval.compute(predictions=guesses, references=truths, zero_division=0)["overall_f1"]


# %% [markdown]
# Each size and seed draws its own sentences; all three runners get the same draw.

# %%
runners = {
    "pretrained": lambda rows, seed: run(rows, seed, pretrained=True),
    "word shapes": run_baseline,
    "from scratch": lambda rows, seed: run(rows, seed, pretrained=False),
}
curves = {name: {} for name in runners}
for size in sizes:
    draws = [train.shuffle(seed=seed).select(range(size)) for seed in seeds]
    for name, runner in runners.items():
        curves[name][size] = [runner(rows, seed) for rows, seed in zip(draws, seeds)]

# %% [markdown]
# Now the curves: the line is the mean of the seeds, the band goes from the worst to the best.

# %% alt="Learning curves of entity F1 against the number of labelled sentences: the pretrained network is far above the word-shape baseline and the network from scratch, most of all with few labels."
fig, ax = plt.subplots(figsize=(7, 3.8))
for name, curve in curves.items():
    means = [sum(scores) / len(scores) for scores in curve.values()]
    ax.plot(sizes, means, marker="o", label=name)
    ax.fill_between(sizes, [min(s) for s in curve.values()], [max(s) for s in curve.values()], alpha=0.2)
ax.set_xscale("log")
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ax.minorticks_off()
ax.set(title="What pretraining buys", xlabel="labelled sentences", ylabel="entity F1, test split")
ax.set_ylim(0, 1)
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# Read the plot from left to right. How many labelled sentences does the net from scratch need to reach
# what the pretrained one has after 50? Then look at the bands: they are narrow beside the gaps, so the
# order of the three is no luck. And the baseline deserves a second look. With few labels a plain
# logistic regression is no worse than a Transformer from scratch, at a fraction of the cost.

# %%
from course_utils.lesson import Result, show_results

at = 200
means = {name: sum(curve[at]) / len(seeds) for name, curve in curves.items()}
against = {"baseline": means["word shapes"], "baseline_name": "word-shape logistic regression"}
show_results(
    [
        Result(f"entity F1 from {at} sentences, pretrained, mean", means["pretrained"], **against),
        Result("the same, worst seed", min(curves["pretrained"][at]), **against),
        Result(f"entity F1 from {at} sentences, from scratch, mean", means["from scratch"], **against),
        Result("the same, best seed", max(curves["from scratch"][at]), **against),
    ]
)

# %% [markdown]
# !!! trap "What this does not show"
#     Our network is tiny and read the same invented world that the test comes from. A real checkpoint has
#     read far more than your task, and your texts may be far from what it read: the gap can be smaller or
#     larger. The pocket run shows that the effect is there and how to measure it.
#
# ## Core ends here
#
# What follows goes deeper.
#
# ## Is the knowledge in the body or in the head?
#
# Fine-tuning changes all weights. What if we freeze the pretrained body and train the new output layer
# alone?

# %%
frozen = [run(train.shuffle(seed=s).select(range(at)), s, pretrained=True, frozen=True) for s in seeds]
print(f"head only     {sum(frozen) / len(seeds):.3f}")
print(f"all weights   {means['pretrained']:.3f}")
print(f"from scratch  {means['from scratch']:.3f}")

# %% [markdown]
# Compare the first line with the last. A single layer on top of a frozen body does what it does only
# because the body already separates kinds of words; the rest comes from adapting it. Between the two lie
# the methods of *Parameter-efficient fine-tuning*.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · How many labels are enough?"
#     Write `labels_needed(curve, target)`: the smallest number of sentences at which the mean over seeds
#     reaches `target`, or `None`. `curve` maps a size to the scores of its seeds.
#
# ??? hint "Hint"
#     Take the mean of the scores before you compare. The case that fails in most first attempts: no size
#     reaches the target.

# %%
def labels_needed(curve, target):
    """Return the smallest size whose mean score reaches the target, or None."""
    ...


# %% tags=["solution"]
def labels_needed(curve, target):
    """Return the smallest size whose mean score reaches the target, or None."""
    for size, scores in sorted(curve.items()):
        if sum(scores) / len(scores) >= target:
            return size
    return None


# %% tags=["check"]
toy = {100: [0.5, 0.9], 50: [0.1, 0.3], 200: [0.9, 0.9]}
assert labels_needed(toy, 0.6) == 100, labels_needed(toy, 0.6)
assert labels_needed(toy, 0.8) == 200, "one lucky seed is not enough: take the mean"
assert labels_needed(toy, 0.99) is None, "no size reaches 0.99"

# %% [markdown]
# !!! exercise "Exercise 2 · Do kinds of words lie together?"
#     Write `cohesion(model, words)`: the mean cosine similarity of the embeddings over all pairs of
#     different words. For days of the week it should be high in the pretrained network and near zero in
#     the fresh one.
#
# ??? hint "Hint"
#     `neighbours` above has the first two steps. A matrix product of the normalised vectors with their
#     own transpose holds all cosines; leave out its diagonal, which is 1 for every word.

# %%
def cohesion(model, words):
    """Return the mean cosine similarity between the embeddings of different words."""
    ...


# %% tags=["solution"]
def cohesion(model, words):
    """Return the mean cosine similarity between the embeddings of different words."""
    table = model.get_input_embeddings().weight.detach()
    vectors = torch.nn.functional.normalize(table[tokenizer.convert_tokens_to_ids(words)], dim=-1)
    cosines = vectors @ vectors.T
    count = len(words)
    return ((cosines.sum() - cosines.trace()) / (count * (count - 1))).item()


# %% tags=["check"]
days = ["Monday", "Tuesday", "Friday", "Sunday"]
vectors = torch.nn.functional.normalize(
    pretrained.get_input_embeddings().weight.detach()[tokenizer.convert_tokens_to_ids(days[:2])], dim=-1
)
expected = float(vectors[0] @ vectors[1])
assert abs(cohesion(pretrained, days[:2]) - expected) < 1e-5, "two words: their cosine"
assert cohesion(pretrained, days) > cohesion(scratch, days) + 0.1, "days lie together once pretrained"

# %% [markdown]
# ## At full scale
#
# The same race between BERT and its random twin on real posts. Only the settings change.
#
# <!-- course:full-scale -->
#
# Real posts are noisy and their names rare: expect lower curves and a net from scratch that barely leaves
# zero.
#
# ## Recap
#
# - The ecosystem is a Hub of shared networks and data, and libraries that load, train and measure them.
# - Pretraining learns from plain text by filling in hidden words; fine-tuning adapts the result with few labels.
# - What transfers is visible: sensible fills, neighbouring embeddings, a head that works on a frozen body.
# - A comparison is fair with the same data, steps and metric, unseen test data, a baseline, several seeds.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 1, *Transformer models*
# - Howard and Ruder (2018), *Universal Language Model Fine-tuning for Text Classification*
# - Devlin et al. (2019), *BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding*

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
#     about two seconds a run. That is why one party pretrains and everybody else starts from there.
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
    print(f"{name} reaches what {sizes[0]} sentences give pretrained:", labels_needed(sizes, scores[name].mean(axis=1), goal))

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
ax.set(title=f"{len(heads)} kinds of heads in transformers", xlabel="AutoModelFor… classes")
ax.grid(axis="y", visible=False)
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
    "scratch, 3 × the steps": (lambda seed: new_tagger(seed, False), scratch_learning_rate, 3 * steps),
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
fig, ax = plt.subplots(figsize=(7, 2.6))
for name, values in sorted(at_200.items(), key=lambda item: np.mean(item[1])):
    ax.plot(values, [name] * len(values), "o", color=SERIES[0], alpha=0.7)
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
