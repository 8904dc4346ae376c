# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Question answering in plain PyTorch
#     path: walkthrough
#     objectives:
#       span-loss: "Compute the loss of the two ends by hand, and say which places take part in it"
#       qa-loop: "Write the loop: batches, loss, clipping, schedule, evaluation by answers, saving the best"
#       qa-accelerate: "Turn the loop into an Accelerate loop and show that two processes do what one does with twice the batch"
#     meets: ["000#6", "000#9"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         checkpoint_revision: cd5ef92a9fb2f889e972770a36d4ed042daf221e
#         dataset_id: rajpurkar/squad_v2
#         dataset_revision: 3ffb306f725f7d2ce8394bc1873b24868140c412
#         held_out: 3000
#         max_length: 384
#         stride: 128
#         longest: 30
#         dropout: 0.1
#         max_steps: 8000
#         eval_steps: 2000
#         learning_rate: 3.0e-5
#         batch_size: 16
#       resources: {gpus: 1, memory_gb: 12, minutes: 60, timeout: 150}
# ---

# %% [markdown]
# # Question answering in plain PyTorch
#
# `Trainer` fine-tunes a reader in one call. On this page you write that call yourself, in three banners: train,
# evaluate, save. You compute the loss of the two ends by hand, you see a bug that no error reports, and in the end the
# same file trains on two processes.

# %% [markdown]
# **New here?** [Question answering with the Trainer](trainer.py) explains the rows, the windows, the metric and the
# decoding, with the same data, steps, batch and learning rate. This page mirrors *A custom training loop* in the
# chapter on question answering of the Hugging Face course. It differs in three places: the loss is computed by hand
# before we trust it, we start without Accelerate and add it last, and questions without an answer stay in.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/bert-mini", "main"
dataset_id, dataset_revision = "pocket/reading", "main"
held_out = 400  # rows of the training split by which we choose
max_length, stride = 96, 32
longest = 12  # tokens of an answer
dropout = 0.0  # a training this short has no time to overfit
max_steps, eval_steps = 100, 25
learning_rate, batch_size = 1e-3, 16
same_steps = 10  # how many steps the two loops are compared for
example = 4  # the row to look at
seed = 0

# %% [markdown]
# ## The data, in short
#
# The task is that of the first walkthrough: point at the stretch of a context that answers a question, or at `[CLS]`
# where nothing does. A row gives the answer by its text and its first character.

# %%
from datasets import DatasetDict, load_dataset

raw = load_dataset(dataset_id, revision=dataset_revision)
cut = raw["train"].num_rows - held_out
raw_datasets = DatasetDict(
    train=raw["train"].select(range(cut)),
    validation=raw["train"].select(range(cut, cut + held_out)),
    test=raw["validation"],
)
raw_datasets.num_rows

# %% [markdown]
# The model wants tokens. The tokenizer's offsets say which token covers which characters: the answer starts at the one that
# covers its first and ends at the one that covers its last. Contexts that are too long become several windows, and one
# without the whole answer points at `[CLS]`. Both functions are explained in the first walkthrough.

# %% tags=["hide-input"]
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint, revision=checkpoint_revision)


def answer_tokens(places, answers):
    """First and last token of the answer; (0, 0) where the window has not all of it."""
    for begin, text in zip(answers["answer_start"], answers["text"]):
        end = begin + len(text)
        first = [i for i, o in enumerate(places) if o and o[0] <= begin < o[1]]
        last = [i for i, o in enumerate(places) if o and o[0] < end <= o[1]]
        if first and last:
            return first[0], last[0]
    return 0, 0


# %% tags=["hide-input"]
def to_windows(batch):
    """Windows, and in each the first and last token of the answer; (0, 0) where it is not whole."""
    windows = tokenizer(
        batch["question"],
        batch["context"],
        truncation="only_second",
        max_length=max_length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    rows = windows.pop("overflow_to_sample_mapping")
    windows["row_id"] = [batch["id"][row] for row in rows]
    windows["start_positions"], windows["end_positions"] = [], []
    for i, row in enumerate(rows):
        parts = windows.sequence_ids(i)
        places = [o if p == 1 else None for o, p in zip(windows["offset_mapping"][i], parts)]
        windows["offset_mapping"][i] = places
        start, end = answer_tokens(places, batch["answers"][row])
        windows["start_positions"].append(start)
        windows["end_positions"].append(end)
    return windows


# %% [markdown]
# On one row, which the computer checks:

# %%
row = raw_datasets["train"][example]
windows = to_windows({name: [value] for name, value in row.items()})
start, end = windows["start_positions"][0], windows["end_positions"][0]
print(row["question"], row["answers"], windows.tokens(0)[start : end + 1], sep="\n")
places = windows["offset_mapping"][0]
assert row["context"][places[start][0] : places[end][1]] in row["answers"]["text"]

# %% [markdown]
# It holds, so we `map` it over all splits.

# %%
columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(to_windows, batched=True, remove_columns=columns)
tokenized_datasets.num_rows

# %% [markdown]
# A `DataLoader` draws the batches. A seeded generator of its own fixes their order. This time we pad every batch to
# `max_length`; the next section says why.

# %%
import torch
from torch.utils.data import DataLoader
from transformers import DataCollatorWithPadding

kept = [*tokenizer.model_input_names, "start_positions", "end_positions"]
data_collator = DataCollatorWithPadding(tokenizer, padding="max_length", max_length=max_length)


def train_batches():
    """Batches of the training windows, in a new order every round."""
    order = torch.Generator().manual_seed(seed)
    data = tokenized_datasets["train"].select_columns(kept)
    return DataLoader(data, batch_size, True, generator=order, drop_last=True, collate_fn=data_collator)


def forever(loader):
    """Go round and round the loader."""
    while True:
        yield from loader


two = data_collator([tokenized_datasets["train"].select_columns(kept)[i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in two.items()})
print(two["input_ids"][:, :8], two["start_positions"], two["end_positions"], sep="\n")

# %% [markdown]
# ## The loss by hand
#
# For a batch the model returns two tensors of logits, each [windows, tokens]. Each is a classification over the *places*
# of a window: which one is the start, which one the end. The loss is the mean of the two cross-entropies.
#
# The load report lists the two-output layer as newly initialised; it is what we train.

# %%
from torch.nn.functional import cross_entropy
from transformers import AutoModelForQuestionAnswering, set_seed

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def new_model():
    """The checkpoint with a new, seeded head."""
    set_seed(seed)
    off = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    return AutoModelForQuestionAnswering.from_pretrained(checkpoint, revision=checkpoint_revision, **off)


model = new_model().to(device).eval()
batch = two.to(device)
with torch.no_grad():
    output = model(**batch)
    ends = (output.start_logits, batch["start_positions"]), (output.end_logits, batch["end_positions"])
    ours = sum(cross_entropy(logits, positions) for logits, positions in ends) / 2
print(f"by hand {ours:.6f}, by the model {output.loss:.6f}, knowing nothing {torch.tensor(max_length).log():.6f}")
assert torch.allclose(ours, output.loss, rtol=1e-4)

# %% [markdown]
# The two agree, and an untrained head is about as good as a blind guess among all places. *All* places: the question and
# the padding take part in the softmax. So the loss of a row depends on how far its batch was padded.

# %%
import transformers

transformers.logging.set_verbosity_error()  # the load report has been read once
shorter = DataCollatorWithPadding(tokenizer)([tokenized_datasets["train"].select_columns(kept)[i] for i in range(2)])
with torch.no_grad():
    print(f"padded to {max_length}: {output.loss:.4f}; padded to {shorter['input_ids'].shape[1]}: {model(**shorter.to(device)).loss:.4f}")

# %% [markdown]
# The difference is small and does no harm in training: the model soon learns that padding is no answer. But it would keep
# two ways of batching from giving equal losses, which we want to see at the end. Hence the padding to one length.
#
# ## Evaluate
#
# The loss says how well places are predicted, not how good the answers are. Decoding and scoring are those of the first
# walkthrough and folded here: the best *pair* of places, the score of none, the metric of SQuAD 2.0.

# %% tags=["hide-input"]
import evaluate
import numpy as np

squad_v2 = evaluate.load("squad_v2")


def score(predictions, rows, threshold=0.0):
    references = [{"id": row["id"], "answers": row["answers"]} for row in rows]
    said = {"predictions": predictions, "references": references}
    return squad_v2.compute(**said, no_answer_threshold=threshold)


def spans_of(starts, ends, places, n_best=10):
    """The best spans of a window as (score, first character, end), best first."""
    found = [
        (float(starts[s] + ends[e]), places[s][0], places[e][1])
        for s in np.argsort(starts[: len(places)])[-n_best:]
        for e in np.argsort(ends[: len(places)])[-n_best:]
        if places[s] and places[e] and s <= e < s + longest
    ]
    return sorted(found, reverse=True)


# %% tags=["hide-input"]
def answers_of(split, logits):
    """For each row of a split the best answer, and by how much *none* beats it."""
    best, none, windows = {}, {}, tokenized_datasets[split]
    for row, places, starts, ends in zip(windows["row_id"], windows["offset_mapping"], *logits):
        best[row] = max([best.get(row, (-1e4, 0, 0)), *spans_of(starts, ends, places)[:1]])
        none[row] = min(none.get(row, 1e4), float(starts[0] + ends[0]))
    found = []
    for row in raw_datasets[split]:
        total, first, end = best[row["id"]]
        doubt = {"no_answer_probability": none[row["id"]] - total}
        found.append({"id": row["id"], "prediction_text": row["context"][first:end], **doubt})
    return found


# %% [markdown]
# On toys first. The third is silly: it answers with everything.

# %%
answer = row["answers"]["text"][0]
for name, said in {"right": answer, "half": answer.split()[-1], "silly: all of it": row["context"]}.items():
    scores = score([{"id": row["id"], "prediction_text": said, "no_answer_probability": 0.0}], [row])
    print(f"{name:16} exact match {scores['exact']:5.1f}   F1 {scores['f1']:5.1f}")

# %% [markdown]
# Evaluation switches dropout off, needs no gradients, and goes back to training mode at the end: whoever forgets the last
# step trains the rest of the run without dropout.

# %%
@torch.no_grad()
def logits_for(model, split):
    """Start and end logits of all windows of a split, two arrays [windows, tokens]."""
    model.eval()
    data = tokenized_datasets[split].select_columns(kept)
    starts, ends = [], []
    for batch in DataLoader(data, batch_size=50, collate_fn=data_collator):
        output = model(**batch.to(device))
        starts.append(output.start_logits.float().cpu())
        ends.append(output.end_logits.float().cpu())
    model.train()
    return torch.cat(starts).numpy(), torch.cat(ends).numpy()


untouched = score(answers_of("test", logits_for(model, "test")), raw_datasets["test"])
print(f"untouched: F1 where there is an answer {untouched['HasAns_f1']:.1f}")

# %% [markdown]
# ## The figure to beat
#
# A trivial rival says a random name of the context, or a number where the question asks for one, and never refuses.

# %% tags=["hide-input"]
import re


def names_in(text, question):
    """Names or, where the question asks for them, numbers of a text that the question has not."""
    number = re.search(r"year|when|how many", question, re.IGNORECASE)
    pattern = r"\d[\d,.]*\d|\d" if number else r"[A-Z][\w'-]+(?: (?:de )?[A-Z][\w'-]+)*"
    known = set(re.findall(r"\w+", f"{question} A The It Its In"))
    return [n for n in re.findall(pattern, text) if not set(re.findall(r"\w+", n)) <= known] or [""]


# %% [markdown]
# On the test rows:

# %%
rng, test = np.random.default_rng(0), raw_datasets["test"]
texts = [str(rng.choice(names_in(row["context"], row["question"]))) for row in test]
sure = {"no_answer_probability": 0.0}
by_chance = [{"id": row["id"], "prediction_text": text, **sure} for row, text in zip(test, texts)]
chance = score(by_chance, test)
print(f"random name: F1 {chance['HasAns_f1']:.1f} where there is an answer, {chance['f1']:.1f} over all")

# %% [markdown]
# ## Characters for tokens: a bug that no error reports
#
# `answer_start` counts characters. What if somebody gives it to the model as it is?
#
# ??? predict "Predict first: the places are characters, and many lie beyond the last token. Does training crash? Does the loss fall?"
#     It does not crash: labels outside the window are ignored. And the loss falls, since `[CLS]` is right for rows
#     without an answer and early places are more frequent than late ones. What the model learns is not where
#     answers stand.

# %%
characters = {row["id"]: (row["answers"]["answer_start"] or [0])[0] for row in raw_datasets["train"]}


def as_characters(window):
    place = characters[window["row_id"]]
    return {"start_positions": place, "end_positions": place}


def short_training(data):
    """A new model after one round over the data, and its losses."""
    model, losses = new_model().to(device), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    for batch in DataLoader(data.select_columns(kept), batch_size, collate_fn=data_collator):
        loss = model(**batch.to(device)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return model, losses


# %% [markdown]
# Thirty steps each, from the same start and on the same rows:

# %%
few = tokenized_datasets["train"].select(range(30 * batch_size))
for name, data in {"tokens": few, "characters": few.map(as_characters)}.items():
    short, wrong_losses = short_training(data)
    predictions = answers_of("validation", logits_for(short, "validation"))
    found = score(predictions, raw_datasets["validation"], threshold=1e4)  # no refusals
    print(f"{name:10} loss {wrong_losses[0]:.2f} → {wrong_losses[-1]:.2f}; F1 where there is an answer {found['HasAns_f1']:.1f}")

# %% [markdown]
# Both losses fall, and no error tells the two apart. The answers do. So evaluate by answers, early.
#
# ## Optimiser and schedule
#
# AdamW changes the weights; the schedule lets its learning rate rise over the first tenth of the steps and then fall to
# zero, as `Trainer` did with `warmup_steps=0.1`.

# %% alt="Line chart of the learning rate over the training steps: it rises in a straight line over the first tenth and falls in a straight line to zero."
import math

import matplotlib.pyplot as plt
from transformers import get_linear_schedule_with_warmup

from course_utils.lesson import Result, show_results, use_plot_style


def optimizer_and_schedule(model):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.0)
    warmup = math.ceil(0.1 * max_steps)
    return optimizer, get_linear_schedule_with_warmup(optimizer, warmup, max_steps)


use_plot_style()
shape = optimizer_and_schedule(model)[1].lr_lambdas[0]
fig, ax = plt.subplots(figsize=(7, 2))
ax.plot([learning_rate * shape(step) for step in range(max_steps)])
ax.set(title="The learning rate rises, then falls", xlabel="step", ylabel="learning rate")
plt.show()

# %% [markdown]
# ## The loop
#
# Three banners. Inside the first the order matters: the gradients of this batch, clipped to a length of 1, then the step,
# then the schedule, then the gradients are cleared. What is kept is the model with the best F1 on the held-out rows,
# at the best threshold.

# %%
model = new_model().to(device).train()
optimizer, scheduler = optimizer_and_schedule(model)
losses, history, best = [], [], -math.inf
for step, batch in zip(range(1, max_steps + 1), forever(train_batches())):
    # ---- train ----
    loss = model(**batch.to(device)).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    losses.append(loss.item())
    # ---- evaluate ----
    if step % eval_steps == 0:
        predictions = answers_of("validation", logits_for(model, "validation"))
        scores = score(predictions, raw_datasets["validation"])
        history.append((step, scores["best_f1"]))
        # ---- save ----
        if scores["best_f1"] > best:
            best, threshold = scores["best_f1"], scores["best_f1_thresh"]
            model.save_pretrained("reader")
print([f"step {step}: {f1:.1f}" for step, f1 in history])

# %% [markdown]
# Beside the weights we keep the threshold: a model without it is only half saved. The faint line is every batch, the
# strong one the mean of ten.

# %% alt="Two panels over training steps: the loss of single batches scatters around a falling mean; F1 on the held-out rows rises and levels off."
means = [sum(losses[i : i + 10]) / 10 for i in range(0, len(losses) - 9, 10)]
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(losses, alpha=0.35, linewidth=1)
left.plot(range(5, 10 * len(means), 10), means, color="C0")
left.set(title="Training loss", xlabel="step", ylabel="nats", ylim=(0, None))
right.plot(*zip(*history), marker="o", color="C2")
right.set(title="F1, rows held out", xlabel="step", ylim=(0, 100))
plt.show()

# %% [markdown]
# ## Save, reload, judge
#
# The folder holds the best weights. We load them as anybody would, and score the test split once.

# %%
tokenizer.save_pretrained("reader")
model = AutoModelForQuestionAnswering.from_pretrained("reader").to(device)
predictions = answers_of("test", logits_for(model, "test"))
tuned = score(predictions, test, threshold)
refused = 100 * np.mean([p["no_answer_probability"] > threshold for p in predictions])
f1 = {"baseline": chance["HasAns_f1"], "baseline_name": "random name"}
none = {"baseline": refused, "baseline_name": "as often, at random"}
show_results(
    [
        Result("F1 where there is an answer, fine-tuned", tuned["HasAns_f1"], seed=seed, **f1),
        Result("F1 where there is an answer, untouched", untouched["HasAns_f1"], **f1),
        Result("rightly refused", tuned["NoAns_exact"], "%", seed=seed, **none),
    ]
)

# %% [markdown]
# For refusals the trivial rival refuses just as often, but at random. Some answers of the test split, whose names and
# passages the training rows do not have:

# %%
for row, said in list(zip(test, predictions))[:7]:
    got = said["prediction_text"] if said["no_answer_probability"] <= threshold else "none"
    print(f"{row['question']}\n   said {got!r}, should be {(row['answers']['text'] or ['none'])[0]!r}")

# %% [markdown]
# Look at the wrong ones: are they of the right type, a person for *who* and a place for *where*? The usual mistake is the right
# relation of the wrong subject.
#
# ## From this loop to an Accelerate loop
#
# The loop above knows one device. Accelerate makes it fit for several devices and processes. Six lines change; each is
# marked.

# %%
from accelerate import Accelerator


def accelerated_losses(steps):
    """Train a new model for some steps with Accelerate; the mean loss of all processes, by step."""
    accelerator = Accelerator(cpu=device.type == "cpu")  # 1: finds the device and the processes
    model = new_model().train()  # 2: no .to(device)
    optimizer, scheduler = optimizer_and_schedule(model)
    model, optimizer, loader = accelerator.prepare(model, optimizer, train_batches())  # 3
    found = []
    for _, batch in zip(range(steps), forever(loader)):
        loss = model(**batch).loss  # 4: already on the device
        accelerator.backward(loss)  # 5: averages the gradients over the processes
        accelerator.clip_grad_norm_(model.parameters(), 1.0)  # 6
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        found.append(accelerator.reduce(loss.detach(), "mean").item())
    return accelerator, found


accelerator, found = accelerated_losses(same_steps)
accelerator.print(f"{accelerator.num_processes} process(es):", *(f"{loss:.5f}" for loss in found))

# %% [markdown]
# On one process nothing should change: same batches, same losses.

# %%
if accelerator.num_processes == 1:
    for step in range(0, same_steps, 3):
        print(f"step {step + 1:2}  plain {losses[step]:.5f}  accelerated {found[step]:.5f}")
    if dropout == 0:
        assert torch.allclose(torch.tensor(losses[:same_steps]), torch.tensor(found), rtol=1e-3)

# %% [markdown]
# This page is also a program. `course lab` gives it to you as a file; with the pocket Hub running,
#
# ```bash
# PYTHONSAFEPATH=1 torchrun --nproc_per_node 2 pytorch.py
# ```
#
# starts it twice. Each process draws its own batch, so a step sees **twice as many** windows, and the losses equal those of
# one process with `batch_size` doubled. A test of this course runs both and compares them. Three things make that
# possible, and each would spoil it alone: all batches are padded to one length, no dropout draws random numbers, and the
# scheduler is *not* handed to `prepare`, which would step it once for each process. (`PYTHONSAFEPATH` keeps Python
# from taking the lesson `peft.py` beside this file for the library.)
#
# !!! trap "A mean of means"
#     Each process reports the mean over its own batch, and the gradients are averaged over the processes. That equals the
#     mean over all rows only because the batches are equally large, which `drop_last=True` ensures.
#
# What follows is for one reader, so the other processes may go.

# %%
accelerator.end_training()
if not accelerator.is_main_process:
    raise SystemExit

# %% [markdown]
# ## Exercises
#
# !!! exercise "Exercise 1 · Keep padding and question out"
#     Write `context_loss(logits, positions, allowed)`: the cross-entropy of one end, where only places in `allowed`
#     (a boolean tensor [windows, tokens]) and place 0 take part in the softmax. It must not depend on the padding.
#
# ??? hint "Hint"
#     Fill the logits elsewhere with a large negative number. The case that fails in most first attempts: place 0,
#     `[CLS]`, is not in the context, but *none* must stay possible. And do not change `allowed` for the caller.

# %%
def context_loss(logits, positions, allowed):
    """Mean cross-entropy over the allowed places and [CLS]."""
    ...


# %% tags=["solution"]
def context_loss(logits, positions, allowed):
    """Mean cross-entropy over the allowed places and [CLS]."""
    allowed = allowed.clone()
    allowed[:, 0] = True
    return cross_entropy(logits.masked_fill(~allowed, -1e4), positions)


# %% tags=["check"]
toy_logits = torch.tensor([[1.0, 9.0, 2.0, 3.0, 7.0], [2.0, 9.0, 0.0, 1.0, 7.0]])
toy_allowed = torch.tensor([[False, False, True, True, False]] * 2)
want = (cross_entropy(torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([2])) + cross_entropy(torch.tensor([[2.0, 0.0, 1.0]]), torch.tensor([0]))) / 2
got = context_loss(toy_logits, torch.tensor([3, 0]), toy_allowed)
assert got is not None and abs(got - want) < 1e-4, f"{got}, should be {want:.4f}"
assert not toy_allowed[:, 0].any(), "the caller's mask was changed"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: a decoder that lies"
#     `clinic_answer` should return the best answer of a window, or "" where *none* scores higher. It runs, and is wrong three
#     times: once in the order of the places, once in the slice, once in the comparison. Mend it.
#
# ??? hint "Hint"
#     May the last token come before the first? What does a Python slice do with its end? And is *none* chosen when it
#     scores higher, or lower?

# %%
def clinic_answer(starts, ends, words):
    """Best answer of a window; place 0 is [CLS], all others are words. Three bugs."""
    places = range(1, len(words))
    pairs = [(starts[s] + ends[e], s, e) for s in places for e in places]
    total, s, e = max(pairs)
    return "" if starts[0] + ends[0] < total else " ".join(words[s:e])


# %% tags=["solution"]
def clinic_answer(starts, ends, words):
    """Best answer of a window; place 0 is [CLS], all others are words."""
    places = range(1, len(words))
    pairs = [(starts[s] + ends[e], s, e) for s in places for e in places if s <= e]
    total, s, e = max(pairs)
    return "" if starts[0] + ends[0] > total else " ".join(words[s : e + 1])


# %% tags=["check"]
toy_words = ["[CLS]", "Ada", "Bell", "met", "Bo"]
assert clinic_answer([0, 5, 0, 0, 1], [0, 0, 5, 0, 1], toy_words) == "Ada Bell"
assert clinic_answer([0, 1, 0, 0, 5], [0, 4, 0, 0, 1], toy_words) == "Bo", "an end before its start"
assert clinic_answer([9, 1, 0, 0, 5], [9, 4, 0, 0, 1], toy_words) == "", "none scores higher here"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# ## Recap
#
# - The loss is the mean of two classifications over the places of a window, question and padding included.
# - A loss that falls proves nothing: with characters for tokens it falls too. Score answers, early.
# - Train, evaluate, save; and save the threshold with the model.
# - Accelerate changes six lines and no result on one process. On two, a step sees two batches.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 7, *Question answering*, and chapter 3, *A full training*
# - Accelerate documentation, *Comparing performance between different device setups*
# - Rajpurkar et al. (2018), *Know what you don't know: unanswerable questions for SQuAD*
