# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Token classification in plain PyTorch
#     path: walkthrough
#     objectives:
#       masked-mean: "Compute the loss over labelled words only, and average it rightly over unequal batches"
#       tagger-loop: "Write the loop of a tagger: collate, train, evaluate by entity, save the best"
#       tagger-accelerate: "Turn the loop into an Accelerate loop whose losses do not depend on the number of processes"
#     meets: ["000#5", "000#9"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         dataset_id: leondz/wnut_17
#         revision: refs/convert/parquet
#         max_steps: 600
#         eval_steps: 100
#         learning_rate: 5.0e-5
#         batch_size: 16
#       resources: {gpus: 1, memory_gb: 8, minutes: 8, timeout: 30}
# ---

# %% [markdown]
# # Token classification in plain PyTorch
#
# `Trainer` pads your batches, divides your loss and counts your entities, and you never see how. On this
# page you write all three yourself, find the division that most loops get wrong, and then let the same file
# train on two processes.

# %% [markdown]
# **New here?** [Token classification with the Trainer](trainer.py) explains BIO labels, the alignment and
# entity F1, on the same data, with the same steps, batch, learning rate and seed. This page mirrors the custom
# loop at the end of *Token classification* in the Hugging Face course. It differs in three places: we start
# without Accelerate and add it last, the loss is counted over words rather than averaged over batches,
# and precision and recall do not change places.
#
# ## The task, briefly
#
# Every word gets a label. `B-` begins an entity, `I-` continues it, `O` is outside. An entity counts as
# found only if its type and both its ends are right.
#
# ## The settings

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id, revision = "pocket/entities", "main"
example = 23  # the row that travels with us
max_steps, eval_steps = 150, 30
learning_rate, batch_size = 1e-3, 32
dropout = 0.1
same_steps = 10  # how many steps the two loops are compared for
seed = 0

# %% [markdown]
# ## The data, as before
#
# A row holds words and as many labels.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
raw_datasets = load_dataset(dataset_id, revision=revision)
label_names = raw_datasets["train"].features["ner_tags"].feature.names
row = raw_datasets["train"][example]
print(raw_datasets.num_rows)
print(*(f"{word}/{label_names[tag]}" for word, tag in zip(row["tokens"], row["ner_tags"])))

# %% [markdown]
# The model reads sub-words, so there are more tokens than labels. Paired in order, each label would slip to the
# left. The mend is that of the first walkthrough: the first piece of a word carries the label, every other token
# gets `-100`.

# %%
def align_labels(tags, word_ids):
    """Give each word's label to its first token and -100 to all other tokens."""
    labels, previous = [], None
    for word_id in word_ids:
        is_first_piece = word_id is not None and word_id != previous
        labels.append(tags[word_id] if is_first_piece else -100)
        previous = word_id
    return labels


encoding = tokenizer(row["tokens"], is_split_into_words=True)
labels = align_labels(row["ner_tags"], encoding.word_ids())
print(f"{len(row['ner_tags'])} labels, {len(labels)} tokens")
print(*(f"{t}/{'·' if k == -100 else label_names[k]}" for t, k in zip(encoding.tokens(), labels)))
assert [label for label in labels if label != -100] == row["ner_tags"]

# %% [markdown]
# Dots stand for `-100`. No label was lost and none slipped, so we `map` it over all rows.

# %%
def tokenize_and_align(batch):
    encodings = tokenizer(batch["tokens"], is_split_into_words=True, truncation=True)
    encodings["labels"] = [
        align_labels(tags, encodings.word_ids(i)) for i, tags in enumerate(batch["ner_tags"])
    ]
    return encodings


columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(tokenize_and_align, batched=True, remove_columns=columns)

# %% [markdown]
# ## A batch of two, padded by hand
#
# Three lists have to be filled up to the longest sentence, and each with a value of its own: the tokenizer's padding
# token, a mask that says "do not look", and a label that says "do not ask".

# %%
import torch
from torch.nn.utils.rnn import pad_sequence

padding = {"input_ids": tokenizer.pad_token_id, "attention_mask": 0, "labels": -100}


def collate(rows):
    """Tensors [sentences, tokens of the longest] by name."""
    return {
        name: pad_sequence([torch.tensor(row[name]) for row in rows], True, value)
        for name, value in padding.items()
    }


two = [tokenized_datasets["train"][i] for i in range(2)]
for name, tensor in collate(two).items():
    print(name, tuple(tensor.shape), tensor.tolist(), sep="\n   ")

# %% [markdown]
# The second sentence is the shorter one: find its padding in all three. The collator of the library does the
# same, and we may check it.

# %%
from transformers import DataCollatorForTokenClassification

theirs = DataCollatorForTokenClassification(tokenizer)(two)
for name, tensor in collate(two).items():
    assert torch.equal(tensor, theirs[name]), name

# %% [markdown]
# !!! trap "Zero is a label"
#     Filled up with 0, the padding of `input_ids` is right and that of `labels` is wrong: 0 is the id of `O`.
#     The loss then falls beautifully, since all that padding is easy to get right.
#
# A `DataLoader` draws the batches. Its own seeded generator fixes their order.

# %%
from torch.utils.data import DataLoader


def train_batches():
    """Batches of the training split, in a new order every round."""
    order = torch.Generator().manual_seed(seed)
    data = tokenized_datasets["train"]
    return DataLoader(data, batch_size, True, generator=order, collate_fn=collate, drop_last=True)


def forever(loader):
    """Go round and round the loader."""
    while True:
        yield from loader


validation_batches, test_batches = (
    DataLoader(tokenized_datasets[split], 64, collate_fn=collate) for split in ("validation", "test")
)

# %% [markdown]
# ## The model, with its label maps
#
# The body is pretrained, the layer on top is new; the load report says so. It is drawn at random, so the seed
# stands beside it. We set the dropout ourselves, for a reason that comes up at the end.

# %%
from transformers import AutoModelForTokenClassification, set_seed

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def new_model():
    """The checkpoint with a fresh, seeded layer on top."""
    set_seed(seed)
    model = AutoModelForTokenClassification.from_pretrained(
        checkpoint,
        id2label=dict(enumerate(label_names)),
        label2id={name: i for i, name in enumerate(label_names)},
    )
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = dropout
    return model


model = new_model().to(device)
assert model.config.num_labels == len(label_names)

# %% [markdown]
# ## The loss by hand
#
# The logits have the shape [sentences, tokens, labels]. Cross-entropy adds up what the model says about the
# labelled tokens and skips `-100`; then we divide by the number of labels, not by the number of
# places.

# %%
from torch.nn.functional import cross_entropy


def total_loss(model, batch):
    """Loss added up over all labelled words, and how many these are."""
    inputs = {name: batch[name].to(device) for name in ("input_ids", "attention_mask")}
    labels = batch["labels"].to(device)
    logits = model(**inputs).logits
    total = cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum", ignore_index=-100)
    return total, (labels != -100).sum()


model.eval()
batch = next(iter(train_batches()))
with torch.no_grad():
    total, words = total_loss(model, batch)
    theirs = model(**{name: tensor.to(device) for name, tensor in batch.items()}).loss
print(f"by hand {total / words:.6f}, by the model {theirs:.6f}")
assert torch.allclose(total / words, theirs, rtol=1e-4)

# %% [markdown]
# The two agree. The division looks harmless here. It will not be, once two processes share the work.
#
# ## The metric, on toys
#
# `evaluate` wraps a package called seqeval; here we call the package itself. It wants the truth **first**.

# %%
from seqeval.metrics import f1_score, precision_score, recall_score

toy = ["B-PER", "I-PER", "O", "B-ORG", "I-ORG", "O", "B-LOC", "O"]
only_person = toy[:2] + ["O"] * 6
for name, truth, guess in [
    ("perfect", toy, toy),
    ("silly: all O", toy, ["O"] * 8),
    ("the person only", toy, only_person),
    ("…, swapped", only_person, toy),
]:
    scores = [f([truth], [guess], zero_division=0) for f in (precision_score, recall_score, f1_score)]
    print(f"{name:16} precision {{:.2f}}  recall {{:.2f}}  F1 {{:.2f}}".format(*scores))

# %% [markdown]
# The last two lines are the same sentence with the arguments the other way round. Precision and recall have changed
# places and F1 has not noticed. A loop that watches F1 alone can carry this mistake for years.
#
# ## Evaluate
#
# `eval()` switches dropout off, `no_grad()` saves the memory of the backward pass, and `train()` at the end
# belongs there: who forgets it trains the rest of the run without dropout.

# %%
@torch.no_grad()
def predict(model, batches):
    """What the model says and what is right, as names: two lists of sentences."""
    model.eval()
    guesses, truths = [], []
    for batch in batches:
        inputs = {name: batch[name].to(device) for name in ("input_ids", "attention_mask")}
        best = model(**inputs).logits.argmax(-1).cpu()
        for ids, right in zip(best, batch["labels"]):
            keep = right != -100
            guesses.append([label_names[i] for i in ids[keep].tolist()])
            truths.append([label_names[i] for i in right[keep].tolist()])
    model.train()
    return guesses, truths


guesses, truths = predict(model, test_batches)
untouched = f1_score(truths, guesses, zero_division=0)
print(f"untouched model on the test split: entity F1 {untouched:.3f}")

# %% [markdown]
# The figure to beat is that of the look-up table: each word's most frequent label, `O` for words never seen.

# %%
from collections import Counter, defaultdict

seen = defaultdict(Counter)
for sentence in raw_datasets["train"]:
    for word, tag in zip(sentence["tokens"], sentence["ner_tags"]):
        seen[word][label_names[tag]] += 1
table = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}
looked_up = [[table.get(word, "O") for word in words] for words in raw_datasets["test"]["tokens"]]
references = [[label_names[tag] for tag in tags] for tags in raw_datasets["test"]["ner_tags"]]
baseline = f1_score(references, looked_up, zero_division=0)
print(f"look-up table on the test split: entity F1 {baseline:.3f}")

# %% [markdown]
# ## The loop
#
# AdamW changes the weights; the schedule lets its learning rate fall in a straight line to zero. This is what
# `Trainer` does by default.
#
# Three banners: train, evaluate, save. In the first the order matters: gradients of this batch,
# clipped to a length of 1, then the step, then the schedule, then the gradients are cleared. Started twice,
# as below, each process needs a folder of its own.

# %%
import os

from transformers import get_linear_schedule_with_warmup
from transformers.utils import logging

logging.set_verbosity_error()  # we have read the load report
folder = f"entity-tagger-{os.environ.get('RANK', 0)}"


def optimizer_and_schedule(model):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.0)
    return optimizer, get_linear_schedule_with_warmup(optimizer, 0, max_steps)


model = new_model().to(device)
model.train()
optimizer, scheduler = optimizer_and_schedule(model)
losses, scores = [], []

# %% [markdown]
# Now the loop itself.

# %%
for step, batch in zip(range(1, max_steps + 1), forever(train_batches())):
    # ---- train ----
    total, words = total_loss(model, batch)
    loss = total / words
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    losses.append(loss.item())
    # ---- evaluate ----
    if step % eval_steps == 0:
        guesses, truths = predict(model, validation_batches)
        scores.append((step, f1_score(truths, guesses, zero_division=0)))
        # ---- save ----
        if scores[-1][1] == max(score for _, score in scores):
            model.save_pretrained(folder)
print([f"step {step}: {score:.3f}" for step, score in scores])

# %% [markdown]
# Only the best model so far lies in the folder. We draw the course of it; the faint line is every batch, the
# strong one the mean of ten.

# %% alt="Two panels over training steps: the loss of single batches scatters around a steeply falling mean; the validation entity F1 rises far above the dashed line of the look-up table."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
means = [sum(losses[i : i + 10]) / 10 for i in range(0, len(losses) - 9, 10)]
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(losses, alpha=0.35, linewidth=1)
left.plot(range(5, 10 * len(means), 10), means, color="C0")
left.set(title="Training loss", xlabel="step", ylabel="nats a word", ylim=(0, None))
right.plot(*zip(*scores), marker="o", color="C2")
right.axhline(baseline, linestyle="--", color="C5", label="look-up table, test")
right.set(title="Validation entity F1", xlabel="step", ylim=(0, 1))
right.legend(loc="center right")
plt.show()

# %% [markdown]
# ## Save, reload, judge
#
# The folder holds the best weights and the label names. We load them as anybody would, and score the test split
# once. Beside entity F1 we put a figure that is often reported in its place: the same function, but each word
# handed over as a sentence of its own.

# %%
tokenizer.save_pretrained(folder)
model = AutoModelForTokenClassification.from_pretrained(folder).to(device)
guesses, truths = predict(model, test_batches)
tuned = f1_score(truths, guesses)
words_alone = [[[label] for labels in side for label in labels] for side in (truths, guesses)]
against = {"baseline": baseline, "baseline_name": "look-up table"}
show_results(
    [
        Result("entity F1, fine-tuned", tuned, seed=seed, **against),
        Result("entity F1, untouched", untouched, **against),
        Result("each word a sentence", f1_score(*words_alone), seed=seed),
    ]
)

# %% [markdown]
# The last line scores the very same predictions, yet it forgives wrong ends: half a name counts as half a success.
# Before you compare your figure with a published one, find out which of the two it is.
#
# ## Which label is taken for which?
#
# We count every word whose label is wrong.

# %% alt="Matrix of wrong labels on the test split: rows are the true labels, columns what the model said; the diagonal is left empty."
wrong = Counter((t, g) for ts, gs in zip(truths, guesses) for t, g in zip(ts, gs) if t != g)
matrix = [[wrong[truth, guess] for guess in label_names] for truth in label_names]
fig, ax = plt.subplots(figsize=(6, 4.6))
ax.imshow(matrix)
for i, j in ((i, j) for i in range(len(label_names)) for j in range(len(label_names)) if matrix[i][j]):
    dark = matrix[i][j] > max(map(max, matrix)) / 2
    ax.text(j, i, matrix[i][j], ha="center", va="center", color="white" if dark else "#1f2430")
ax.set_xticks(range(len(label_names)), label_names, rotation=60)
ax.set_yticks(range(len(label_names)), label_names)
ax.set(xlabel="the model said", ylabel="right", title="Wrong labels, test split")
ax.grid(visible=False)
plt.show()

# %% [markdown]
# The column of `O` holds entities missed, its row words invented. A mark next to the diagonal, between `B-X` and
# `I-X`, is a wrong end. Everything else is a wrong type.
#
# ## Use it
#
# New text has to be treated as in training: cut into words, one label read off the first piece of each.

# %%
@torch.no_grad()
def tag(text):
    """Each word of `text` with the label of its first piece."""
    encoding = tokenizer(text.split(), is_split_into_words=True, return_tensors="pt")
    best = model.eval()(**encoding.to(device)).logits[0].argmax(-1).tolist()
    first = {}
    for place, word_id in enumerate(encoding.word_ids()):
        first.setdefault(word_id, place)
    return [(word, label_names[best[first[i]]]) for i, word in enumerate(text.split())]


for text in [
    "Henrietta Claycott left Eastlow to work at Jubin Dairies .",
    "HENRIETTA CLAYCOTT LEFT EASTLOW TO WORK AT JUBIN DAIRIES .",
    "The shares of Jubin Dairies fell after Claycott had left .",
]:
    print(" ".join(word if label == "O" else f"{word}/{label}" for word, label in tag(text)))

# %% [markdown]
# Mark the three yourself and compare. The second is the first, shouted: its tokens are others altogether,
# so little of what the model knows applies.
#
# From the test split, the first sentences on which it fails, beside what is right:

# %%
failed = [i for i, (guess, truth) in enumerate(zip(guesses, truths)) if guess != truth]
print(f"{len(failed)} of {len(truths)} test sentences hold a mistake\n")
for i in failed[:4]:
    for name, labels in ("right", truths[i]), ("model", guesses[i]):
        pairs = zip(raw_datasets["test"][i]["tokens"], labels)
        print(name, *(word if label == "O" else f"{word}/{label}" for word, label in pairs))
    print()

# %% [markdown]
# ## A mean of means is not the mean
#
# Before several processes train together, one more look at the division. Suppose that a batch is dealt out to two
# workers, who each report their mean loss.
#
# ??? predict "Predict first: is the mean of the two means the loss of the whole batch?"
#     Only if both halves hold equally many labelled words. Sentences differ in length, so they do not, and each word
#     of the half with shorter sentences weighs more.

# %%
model.eval()
batch = next(iter(test_batches))
order = batch["attention_mask"].sum(1).argsort()  # short sentences first
halves = [{name: tensor[part] for name, tensor in batch.items()} for part in order.chunk(2)]
with torch.no_grad():
    total, words = total_loss(model, batch)
    sums, counts = zip(*(total_loss(model, half) for half in halves))
print("words", [count.item() for count in counts])
print(f"mean of the two means   {sum(s / c for s, c in zip(sums, counts)) / 2:.5f}")
print(f"sum of sums over words  {sum(sums) / sum(counts):.5f}")
assert torch.allclose(sum(sums) / sum(counts), total / words, rtol=1e-3)

# %% [markdown]
# We sorted by length to make the gap plain. Only the second line is the loss of the whole batch. A gap in the loss is a
# gap in the gradient: with gradient accumulation or on several processes, a loop that averages averages trains on the
# first line.
#
# ## From this loop to an Accelerate loop
#
# The loop above knows one device. Accelerate makes it fit for several devices and processes. Six lines change; each is
# marked.
#
# Number 4 is the division. Accelerate averages the gradients of all processes, which is the mean of means
# again. So every process divides its own sum by the words of *all* processes, and multiplies by their
# number, which the averaging takes away again.

# %%
from accelerate import Accelerator


def accelerated_losses(steps):
    """Train a fresh model for some steps; the loss over the words of all processes, by step."""
    accelerator = Accelerator(cpu=device.type == "cpu")  # 1: finds the device and the processes
    model = new_model().train()  # 2: no .to(device)
    optimizer, scheduler = optimizer_and_schedule(model)
    model, optimizer, loader = accelerator.prepare(model, optimizer, train_batches())  # 3
    found = []
    for _, batch in zip(range(steps), forever(loader)):
        total, words = total_loss(model, batch)
        words = accelerator.reduce(words, "sum")  # 4: those of all processes
        accelerator.backward(total * accelerator.num_processes / words)  # 5
        accelerator.clip_grad_norm_(model.parameters(), 1.0)  # 6
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        found.append((accelerator.reduce(total.detach(), "sum") / words).item())
    return accelerator, found


accelerator, found = accelerated_losses(same_steps)
accelerator.print(f"{accelerator.num_processes} process(es):", *(f"{loss:.5f}" for loss in found))

# %% [markdown]
# Did anything change? On one process nothing should: same batches, same losses.

# %%
if accelerator.num_processes == 1:
    for step in range(0, same_steps, 3):
        print(f"step {step + 1:2}  plain {losses[step]:.5f}  accelerated {found[step]:.5f}")
    assert torch.allclose(torch.tensor(losses[:same_steps]), torch.tensor(found), rtol=1e-3)

# %% [markdown]
# This page is also a program. `course lab` gives it to you as a file; with the pocket Hub running,
#
# ```bash
# torchrun --nproc_per_node 2 pytorch.py
# ```
#
# starts it twice. Each process draws its own batch, so a step sees **twice as many** sentences, and the losses equal
# those of one process with `batch_size` doubled. A test of this course runs both and compares them.
#
# !!! trap "Two runs that should agree and do not"
#     Dropout draws at random in every process, so the runs agree only with `dropout = 0.0` in the settings. The test
#     sets it. Switch randomness off before you look for a bug in your arithmetic.
#
# !!! hardware "Starting two processes on a laptop"
#     `accelerate launch --cpu --num_processes 2` may silently start only one where no MPI is installed.
#     `torchrun` starts two, which talk through gloo. In the folder of this course lies a `peft.py`, which Python would
#     take for the library; `PYTHONSAFEPATH=1 torchrun …` prevents that.
#
# What follows is for one reader, so the other processes may go.

# %%
accelerator.end_training()
if not accelerator.is_main_process:
    raise SystemExit

# %% [markdown]
# ## Exercises
#
# !!! exercise "Exercise 1 · Where label errors hide"
#     Sentences with a high loss are hard or wrongly labelled, so they are worth reading. Write
#     `sentence_losses(logits, labels)`: the mean loss of each sentence over its labelled words, [sentences].
#
# ??? hint "Hint"
#     `cross_entropy(…, reduction="none")` leaves 0 at the places marked `-100`. The case that fails in most first
#     attempts: `mean(1)` divides by the padded length.

# %%
def sentence_losses(logits, labels):
    """Mean loss of each sentence: logits [sentences, tokens, labels], labels [sentences, tokens]."""
    ...


# %% tags=["solution"]
def sentence_losses(logits, labels):
    """Mean loss of each sentence: logits [sentences, tokens, labels], labels [sentences, tokens]."""
    losses = cross_entropy(logits.transpose(1, 2), labels, reduction="none", ignore_index=-100)
    return losses.sum(1) / (labels != -100).sum(1)


# %% tags=["check"]
torch.manual_seed(0)
some_logits, some_labels = torch.randn(3, 5, 4), torch.tensor([[1, 2, -100, -100, -100], [0, -100, 3, 1, -100], [3] * 5])
got = sentence_losses(some_logits, some_labels)
want = torch.stack([cross_entropy(a, b) for a, b in zip(some_logits, some_labels)])
assert got is not None and got.shape == (3,), "one figure a sentence, please"
assert torch.allclose(got, want, atol=1e-5), f"{got.tolist()}, should be {want.tolist()}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: a score from a published notebook"
#     Each of these three faults stands in teaching material that many people have copied: places are dropped by
#     the wrong label, words are handed over one by one, and the two sides are in the wrong order. Mend
#     `clinic_scores`, which gets the ids that a loop collects.
#
# ??? hint "Hint"
#     Try it on the toys above, where you know what should come out. Which id marks a place to be skipped, and which
#     is merely the label `O`?

# %%
def clinic_scores(predictions, labels):
    """Precision and recall of entities; both arguments [sentences, tokens]. Three bugs."""
    keep = labels != 0
    guesses = [[label_names[i]] for i in predictions[keep].tolist()]
    truths = [[label_names[i]] for i in labels[keep].tolist()]
    return precision_score(guesses, truths), recall_score(guesses, truths)


# %% tags=["solution"]
def clinic_scores(predictions, labels):
    """Precision and recall of entities; both arguments [sentences, tokens]."""
    guesses, truths = [], []
    for ids, right in zip(predictions, labels):
        keep = right != -100
        guesses.append([label_names[i] for i in ids[keep].tolist()])
        truths.append([label_names[i] for i in right[keep].tolist()])
    return precision_score(truths, guesses), recall_score(truths, guesses)


# %% tags=["check"]
b, i = (next(n for n, name in enumerate(label_names) if name.startswith(p)) for p in ("B-", "I-"))
right = torch.tensor([[-100, b, i, -100, 0, b, -100], [-100, 0, b, 0, b, i, -100]])
said = torch.tensor([[b, b, i, i, 0, 0, 0], [0, 0, b, 0, b, 0, b]])
got = clinic_scores(said, right)
assert got == (2 / 3, 2 / 4), f"precision and recall are {got}, should be 2/3 and 2/4"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# ## Recap
#
# - Padding has three values: the padding token, 0 in the mask, `-100` in the labels.
# - Add the loss up over words and divide by their number. A mean of means favours short sentences.
# - Truth first, prediction second; whole sentences, not words. F1 hides the first mistake, and the second
#   flatters.
# - Accelerate averages over processes; divide by the words of all of them, and two processes train like
#   one with twice the batch.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 7, *Token classification*
# - Accelerate documentation, *Performing gradient accumulation*, on batches of variable size
# - seqeval, the package's page: modes and tagging schemes
