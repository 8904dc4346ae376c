# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Masked language modelling in plain PyTorch
#     path: walkthrough
#     objectives:
#       hidden-only: "Compute the loss over the hidden tokens by hand, and recognise a loss that counts visible ones"
#       mlm-loop: "Write the loop: masks by row, batches, loss, clipping, schedule, evaluation, saving the best"
#       count-across: "Turn the loop into an Accelerate loop and weight the losses of the processes by what they count"
#     meets: ["000#2", "000#9"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: distilbert/distilbert-base-uncased
#         checkpoint_revision: 12040accade4e8a0f71eabdb258fecc2e7e948be
#         dataset_id: stanfordnlp/imdb
#         dataset_revision: e6281661ce1c48d982bc483cf8a173c1bbeb5d31
#         chunk_size: 128
#         train_rows: 15000
#         test_rows: 500
#         max_steps: 500
#         eval_steps: 100
#         learning_rate: 5.0e-5
#         batch_size: 64
#       resources: {gpus: 1, memory_gb: 16, minutes: 10, timeout: 40}
# ---

# %% [markdown]
# # Masked language modelling in plain PyTorch
#
# `Trainer` trains a masked language model in one call. On this page you write that call yourself, with nothing
# hidden but words. Then you change seven lines, and the same file trains on two processes and reaches the
# same losses, which takes more care than you may think.

# %% [markdown]
# **New here?** [Masked language modelling with the Trainer](trainer.py) explains the task, whole words, fixed masks and
# perplexity, with the same data, steps, batch and learning rate. This page mirrors the end of the section
# *Fine-tuning a masked language model* of the Hugging Face course. It differs in three places: we compute the loss by hand
# before we trust it, we start without Accelerate and add it last, and masks belong to rows rather than to
# moments, so that two processes can be compared with one.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/bert-mini", "main"
dataset_id, dataset_revision = "pocket/film-reviews", "main"
chunk_size, mask_share = 64, 0.15
train_rows, test_rows = 2000, 250
max_steps, eval_steps = 120, 30
learning_rate, batch_size = 3e-3, 8
same_steps = 10  # how many steps the two loops are compared for
seed = 0

# %% [markdown]
# ## The task and its data
#
# Some words of a film review are hidden, and the model predicts them from both sides. The reviews come from
# the split without labels; the test reviews come from the split `test`.

# %%
from datasets import DatasetDict, load_dataset

raw = load_dataset(dataset_id, revision=dataset_revision)
unlabelled = raw["unsupervised"].shuffle(seed=0).remove_columns("label")
raw_datasets = DatasetDict(
    train=unlabelled.select(range(train_rows)),
    validation=unlabelled.select(range(train_rows, train_rows + test_rows)),
    test=raw["test"].shuffle(seed=0).remove_columns("label").select(range(test_rows)),
)
print(raw_datasets.num_rows, raw_datasets["train"][0]["text"][:60], "…")

# %% [markdown]
# A long word is several tokens. If some of them were hidden and others not, the rest of the word would give them away, so
# we hide whole words. A row of ones and zeros says where a word begins; it survives that reviews are joined
# and cut into chunks, which numbers of words would not.

# %%
import torch
from transformers import AutoTokenizer

pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
tokenizer = AutoTokenizer.from_pretrained(**pretrained)


def word_starts(word_ids):
    """1 where a word or a special token begins, 0 where a word goes on."""
    return [int(word is None or word != before) for before, word in zip([None, *word_ids], word_ids)]


encoding = tokenizer("The cinematography of this whodunit is a marvel.")
ids, starts = torch.tensor(encoding["input_ids"]), torch.tensor(word_starts(encoding.word_ids()))
print(*(f"{token}:{start}" for token, start in zip(encoding.tokens(), starts.tolist())))

# %% [markdown]
# In this lesson the masks of a row follow from its **number**: each row has a random generator of its own, seeded by the number and
# by `seed`. The same row is masked alike in whatever process and in whatever order it is drawn. Our training sees no
# chunk twice; a longer one would add the round to the seed.

# %%
def hide_words(row, seed=0):
    """Hide whole words of a row with ids and starts [tokens]: inputs and labels [tokens]."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + int(row["row"]))
    ids, words = row["input_ids"], row["starts"].cumsum(0)
    hidden = torch.rand(len(ids) + 1, generator=generator)[words] < mask_share
    hidden &= ~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    inputs, labels = ids.masked_fill(hidden, tokenizer.mask_token_id), ids.masked_fill(~hidden, -100)
    return {"input_ids": inputs, "labels": labels}


for number in range(200):
    hidden = hide_words({"input_ids": ids, "starts": starts, "row": number})["labels"] != -100
    states = {(word, now) for word, now in zip(encoding.word_ids(), hidden.tolist())}
    assert len(states) == len(set(encoding.word_ids())), "a word is hidden in part"
    assert not hidden[[0, -1]].any(), "a special token is hidden"

# %% [markdown]
# No word is hidden in part, so we `map` it over all reviews: tokenise, join, cut, number. A note says that a text
# is longer than the model can read; it is about to be cut.

# %%
from itertools import chain


def tokenize_and_group(batch):
    encoding = tokenizer(batch["text"])
    starts = [word_starts(encoding.word_ids(i)) for i in range(len(batch["text"]))]
    joined = {"input_ids": list(chain(*encoding["input_ids"])), "starts": list(chain(*starts))}
    end = len(joined["starts"]) // chunk_size * chunk_size
    cuts = range(0, end, chunk_size)
    return {name: [column[i : i + chunk_size] for i in cuts] for name, column in joined.items()}


tokenized_datasets = raw_datasets.map(tokenize_and_group, batched=True, remove_columns=["text"])
tokenized_datasets = tokenized_datasets.map(lambda _, i: {"row": i}, with_indices=True).with_format("torch")
tokenized_datasets.num_rows

# %% [markdown]
# A `DataLoader` draws the batches. Its own seeded generator fixes their order, `drop_last=True` keeps them equally
# large, and the collator hides words and stacks. For measuring, the seed of the masks is always zero: fixed masks.

# %%
from torch.utils.data import DataLoader
from transformers import default_data_collator


def data_collator(rows, seed=0):
    return default_data_collator([hide_words(row, seed) for row in rows])


def train_batches():
    """Batches [batch, chunk] of the training split, in a new order every round."""
    order = torch.Generator().manual_seed(seed)
    return DataLoader(
        tokenized_datasets["train"],
        batch_size,
        shuffle=True,
        generator=order,
        drop_last=True,
        collate_fn=lambda rows: data_collator(rows, seed),
    )


validation_batches = DataLoader(tokenized_datasets["validation"], 32, collate_fn=data_collator)
test_batches = DataLoader(tokenized_datasets["test"], 32, collate_fn=data_collator)

# %% [markdown]
# A batch of two, its first eight places. Where a label is not -100, the input is the number of `[MASK]`.

# %%
batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["input_ids"][:, :8], batch["labels"][:, :8], sep="\n")

# %% [markdown]
# ## The loss by hand
#
# For a batch the model returns logits of the shape [batch, chunk, vocabulary]. Nothing is shifted: the logits at place 7
# are about place 7, whose token the model cannot see. Only the hidden places count.

# %%
from torch.nn.functional import cross_entropy
from transformers import AutoModelForMaskedLM

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_model():
    """The checkpoint, without dropout: no chunk is seen twice, so none can be learnt by heart."""
    model = AutoModelForMaskedLM.from_pretrained(**pretrained)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


model = load_model().to(device)
batch = {name: tensor.to(device) for name, tensor in next(iter(train_batches())).items()}
with torch.no_grad():
    hidden = batch["labels"] != -100
    ours = cross_entropy(model(input_ids=batch["input_ids"]).logits[hidden], batch["labels"][hidden])
    theirs = model(**batch).loss
print(f"{hidden.sum()} of {hidden.numel()} tokens count: by hand {ours:.6f}, by the model {theirs:.6f}")
assert torch.allclose(ours, theirs, rtol=1e-4)

# %% [markdown]
# The two agree. So we know what -100 does: `cross_entropy` leaves those places out, and divides by the number of the others.
#
# ## Counting what is visible
#
# What if the labels are simply the whole text? Most places then ask for the token that stands there.
#
# ??? predict "Predict first: trained with the whole text as labels, does the loss look better or worse? What does it say about the fills?"
#     The loss looks far better: most of it is copying, which is easy. It no longer says anything about the fills, since
#     the few hidden places are drowned by the visible ones.

# %%
def forever(loader):
    """Go round and round the loader."""
    while True:
        yield from loader


def short_run(model, whole_text, steps):
    """Train a little; the mean loss of the last ten steps as the loop sees it."""
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=learning_rate), []
    for _, batch in zip(range(steps), forever(train_batches())):
        ids, labels = batch["input_ids"], batch["labels"]
        truth = torch.where(labels == -100, ids, labels) if whole_text else labels
        loss = model(input_ids=ids.to(device), labels=truth.to(device)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return sum(losses[-10:]) / 10


# %% [markdown]
# We need a judge that counts hidden places only: **perplexity**, the exponential of their mean loss. On three tokens:

# %%
import math

toys = {"sure and right": [0.99] * 3, "one in twenty": [0.05] * 3, "silly: sure and wrong": [1e-6] * 3}
for name, probabilities in toys.items():
    loss = -sum(math.log(p) for p in probabilities) / 3
    print(f"{name:22} {loss:5.2f} nats, perplexity {math.exp(loss):12,.2f}")

# %% [markdown]
# For a model, `eval()` switches dropout off where there is any, and `no_grad()` spares the memory of the backward pass. Batches
# hide different numbers of tokens, so each is weighted by its number. Then the two short runs are judged alike, and once more with
# the embeddings frozen.

# %%
@torch.no_grad()
def perplexity(model, batches):
    """Perplexity of the hidden tokens of all `batches`."""
    model.eval()
    total = count = 0
    for batch in batches:
        hidden = (batch["labels"] != -100).sum().item()
        loss = model(**{name: tensor.to(device) for name, tensor in batch.items()}).loss
        total, count = total + loss.item() * hidden, count + hidden
    model.train()
    return math.exp(total / count)


few = min(40, max_steps)
for frozen in False, True:
    print("embeddings frozen" if frozen else "all weights trained")
    for name, whole_text in {"hidden places only": False, "the whole text": True}.items():
        model = load_model().to(device)
        model.get_input_embeddings().requires_grad_(not frozen)
        seen = short_run(model, whole_text, few)
        found = perplexity(model, validation_batches)
        print(f"  {name:20} training loss {seen:.2f}, perplexity of hidden words {found:.1f}")

# %% [markdown]
# A loss of one nat would be a perplexity of three; for hidden words it is far from that. So a loss that falls to
# one within a few steps is no reason to celebrate, but one to look at the labels.
#
# !!! trap "The wrong labels, and yet the better model"
#     As long as all weights are trained, copying even helps the fills here: the domain's words are new, whoever copies them trains their
#     embeddings, and the decoder is the same tensor. With the embeddings frozen it harms. A wrong loss does not make a model
#     bad, nor good: you just do not know.
#
# ## Baselines
#
# The untouched model, and **unigram frequencies**: the share that each token has in the training chunks, whatever
# stands around it.

# %%
def unigram_perplexity():
    """Perplexity of the hidden test tokens under the smoothed frequencies of the training split."""
    ids = tokenized_datasets["train"][:]["input_ids"].flatten()
    counts = torch.bincount(ids, minlength=len(tokenizer)).double()
    counts[tokenizer.all_special_ids] = 0
    shares = (counts + 1) / (counts + 1).sum()
    labels = torch.cat([batch["labels"] for batch in test_batches])
    return math.exp(-shares[labels[labels != -100]].log().mean())


model = load_model().to(device)
unigram, untouched = unigram_perplexity(), perplexity(model, test_batches)
print(f"test split: unigram frequencies {unigram:.2f}, untouched model {untouched:.2f}")

# %% [markdown]
# ## Optimiser and schedule
#
# AdamW changes the weights; the schedule lets its learning rate rise over the first tenth of the steps and
# then fall to zero. This is what `Trainer` did with `warmup_steps=0.1`.

# %%
from transformers import get_linear_schedule_with_warmup


def optimizer_and_schedule(model):
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.0)
    warmup = math.ceil(0.1 * max_steps)
    return optimizer, get_linear_schedule_with_warmup(optimizer, warmup, max_steps)


# %% [markdown]
# ## The loop
#
# Three banners: train, evaluate, save. Inside the first, the order of the five lines matters: the
# gradients of this batch, clipped to a length of 1, then the step, then the schedule, then the gradients are
# cleared for the next batch.

# %%
optimizer, scheduler = optimizer_and_schedule(model)
losses, scores, best = [], [], math.inf
for step, batch in zip(range(1, max_steps + 1), forever(train_batches())):
    # ---- train ----
    loss = model(**{name: tensor.to(device) for name, tensor in batch.items()}).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    losses.append(loss.item())
    # ---- evaluate ----
    if step % eval_steps == 0:
        scores.append((step, perplexity(model, validation_batches)))
        # ---- save ----
        if scores[-1][1] < best:
            best = scores[-1][1]
            model.save_pretrained("film-buff")
print([f"step {step}: {score:.2f}" for step, score in scores])

# %% [markdown]
# Only the best model so far lies in the folder. We draw the losses; the faint line is every batch, the
# strong one the mean of ten.

# %% alt="Two panels over training steps: the loss of single batches scatters around a falling mean; the validation perplexity falls far below the dashed line of the unigram frequencies."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
means = [sum(losses[i : i + 10]) / 10 for i in range(0, len(losses) - 9, 10)]
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(losses, alpha=0.35, linewidth=1)
left.plot(range(5, 10 * len(means), 10), means, color="C0")
left.set(title="Training loss", xlabel="step", ylabel="nats a hidden token", ylim=(0, None))
right.plot(*zip(*scores), marker="o", color="C2")
right.axhline(unigram, linestyle="--", color="C5", label="unigram, test")
right.set(title="Validation perplexity", xlabel="step", yscale="log")
right.legend()
plt.show()

# %% [markdown]
# A batch hides few words, and some words are much harder than others: hence the scatter. Judge by the mean, and decide by
# the validation split, whose masks never change.
#
# ## Save, reload, judge
#
# The folder holds the best weights. We load them as anybody would, and score the test split once.

# %%
tokenizer.save_pretrained("film-buff")
model = AutoModelForMaskedLM.from_pretrained("film-buff").to(device)
tuned = perplexity(model, test_batches)
against = {"baseline": unigram, "baseline_name": "unigram frequencies", "higher_is_better": False}
start = {"baseline": untouched, "baseline_name": "untouched checkpoint", "higher_is_better": False}
show_results(
    [
        Result("perplexity, fine-tuned", tuned, seed=seed, **start),
        Result("perplexity, untouched", untouched, **against),
    ]
)

# %% [markdown]
# What does it fill in now? A chunk of the test split, with the truth beside the three likeliest tokens.

# %%
@torch.no_grad()
def show_fills(model, rows):
    """Print a chunk with its gaps; for each gap the truth and the three likeliest tokens."""
    batch = data_collator(rows)
    for inputs, labels in zip(batch["input_ids"], batch["labels"]):
        chances = model.eval()(input_ids=inputs[None].to(device)).logits[0].softmax(-1).cpu()
        print(tokenizer.decode(inputs))
        for place in (labels != -100).nonzero().flatten().tolist():
            best = chances[place].topk(3)
            guesses = [f"{tokenizer.decode(i)} {p:.2f}" for p, i in zip(best.values, best.indices)]
            mark = "✓" if best.indices[0] == labels[place] else " "
            print(f"{mark} {tokenizer.decode(labels[place]):>12}  guessed:", ", ".join(guesses))


show_fills(model, [tokenized_datasets["test"][i] for i in (0, 1)])

# %% [markdown]
# Where neighbouring gaps belong to one word, each is filled without a look at the other: the likeliest pieces need not make a
# word together.
#
# ## From this loop to an Accelerate loop
#
# The loop above knows one device. Accelerate makes it fit for several devices and processes. But this task has a snag:
# each process divides its loss by the number of tokens that **it** hides. The mean of such means is not the mean over
# all tokens.
#
# ??? predict "Predict first: one process hides 2 tokens with a mean loss of 8, the other 8 tokens with a mean loss of 3. What is the mean over all ten? And the mean of the means?"
#     (2 · 8 + 8 · 3) / 10 = 4 against (8 + 3) / 2 = 5.5. The process that hides few words would count too much.
#
# So each process weights its loss by its share of all hidden tokens, times the number of processes, by which
# Accelerate will divide. Seven places change; each is marked.

# %%
from accelerate import Accelerator


def accelerated_losses(steps):
    """Train a fresh model for some steps with Accelerate; the loss over all processes, by step."""
    accelerator = Accelerator(cpu=device.type == "cpu")  # 1: finds the device and the processes
    model = load_model()  # 2: no .to(device)
    optimizer, scheduler = optimizer_and_schedule(model)
    model, optimizer, loader = accelerator.prepare(model, optimizer, train_batches())  # 3
    found = []
    for _, batch in zip(range(steps), forever(loader)):
        hidden = (batch["labels"] != -100).sum()
        share = hidden / accelerator.reduce(hidden, "sum")  # 4: of all tokens that count
        loss = model(**batch).loss * share * accelerator.num_processes  # 5: already on the device
        accelerator.backward(loss)  # 6: averages the gradients over the processes
        accelerator.clip_grad_norm_(model.parameters(), 1.0)  # 7
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        found.append(accelerator.reduce(loss.detach(), "mean").item())
    return accelerator, found


accelerator, found = accelerated_losses(same_steps)
accelerator.print(f"{accelerator.num_processes} process(es):", *(f"{loss:.5f}" for loss in found))

# %% [markdown]
# Did anything change? On one process nothing should: same batches, same masks, same losses.

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
# starts it twice. Each process then draws its own batch, so a step sees **twice as many** chunks, and the
# losses equal those of one process with `batch_size` doubled. A test of this course runs both and
# compares them. It holds for three reasons: masks belong to rows, dropout is off, and losses are weighted.
#
# !!! trap "Two processes, one drawing of masks"
#     A collator with one seeded generator draws the same numbers in every process, since each has its own copy. The
#     processes then hide words at the same places of different rows, and in other rows than one process would.
#
# !!! hardware "Starting two processes on a laptop"
#     `accelerate launch --cpu --num_processes 2` may silently start only one where no MPI is installed.
#     `torchrun` starts two, which talk through gloo. Print `accelerator.num_processes` to be sure. And as Python looks for
#     modules beside the program first, where a `peft.py` of this course may lie: `PYTHONSAFEPATH=1 torchrun …`.
#
# What follows is for one reader, so the other processes may go.

# %%
accelerator.end_training()
if not accelerator.is_main_process:
    raise SystemExit

# %% [markdown]
# ## Exercises
#
# !!! exercise "Exercise 1 · A large batch in small pieces"
#     A batch of eight chunks does not fit into memory, but two chunks do. Write
#     `accumulate(model, batch, pieces)`: it leaves in the parameters the gradient of the mean loss over all *hidden tokens*
#     of the batch, but never has more than one piece in the forward pass.
#
# ??? hint "Hint"
#     It is the snag of the two processes again: the pieces hide different numbers of tokens. The case that fails in most first
#     attempts: dividing by the number of pieces. `Trainer` itself did so until late 2024.

# %%
def accumulate(model, batch, pieces):
    """Add up the gradient of the mean loss over the hidden tokens of `batch`, piece by piece."""
    ...


# %% tags=["solution"]
def accumulate(model, batch, pieces):
    """Add up the gradient of the mean loss over the hidden tokens of `batch`, piece by piece."""
    count = (batch["labels"] != -100).sum()
    for ids, labels in zip(batch["input_ids"].chunk(pieces), batch["labels"].chunk(pieces)):
        share = (labels != -100).sum() / count
        (model(input_ids=ids, labels=labels).loss * share).backward()


# %% tags=["check"]
model.eval()
eight = {name: tensor.to(device) for name, tensor in next(iter(train_batches())).items()}
model.zero_grad()
model(**eight).loss.backward()
expected = [p.grad.clone() for p in model.parameters() if p.grad is not None]
model.zero_grad()
accumulate(model, eight, pieces=4)
got = [p.grad for p in model.parameters() if p.grad is not None]
assert got, "no gradient was computed"
for one, other in zip(got, expected):
    assert torch.allclose(one, other, atol=1e-4), "the gradient differs from that of the whole batch"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: masks that mask too much"
#     A colleague's model learns badly. `clinic_hide(ids, generator)` has three bugs: in which tokens it may hide, in what it puts into
#     the labels, and in what it does to `ids`, which the caller still needs. It hides single tokens, which is meant here. Mend it.
#
# ??? hint "Hint"
#     Which tokens carry no word? At which places does the loss look? And what do `labels = ids` and `ids[…] = …` do to the tensor
#     that was handed in?

# %%
def clinic_hide(ids, generator):
    """Hide 15 % of the tokens of ids [tokens]: inputs and labels [tokens]. Three bugs."""
    labels = ids
    hidden = torch.rand(len(ids), generator=generator) < 0.15
    ids[hidden] = tokenizer.mask_token_id
    return ids, labels


# %% tags=["solution"]
def clinic_hide(ids, generator):
    """Hide 15 % of the tokens of ids [tokens]: inputs and labels [tokens]."""
    hidden = torch.rand(len(ids), generator=generator) < 0.15
    hidden &= ~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    return ids.masked_fill(hidden, tokenizer.mask_token_id), ids.masked_fill(~hidden, -100)


# %% tags=["check"]
row = torch.cat([tokenized_datasets["test"][i]["input_ids"] for i in range(20)])
kept = row.clone()
inputs, labels = clinic_hide(row, torch.Generator().manual_seed(0))
assert torch.equal(row, kept), "the caller's tokens were changed"
hidden = labels != -100
assert 0.1 < hidden.float().mean() < 0.2, f"{hidden.float().mean():.0%} of the places have a label"
assert torch.equal(labels[hidden], kept[hidden]), "a label is not the token that was hidden"
assert (inputs[hidden] == tokenizer.mask_token_id).all() and torch.equal(inputs[~hidden], kept[~hidden])
special = torch.isin(kept, torch.tensor(tokenizer.all_special_ids))
assert not (special & hidden).any(), "a special token was hidden"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# ## Recap
#
# - The loss of a masked language model counts hidden places only; nothing is shifted. A loss near zero means that visible
#   tokens are counted.
# - Masks that follow from the row's number are the same in every process and in every order.
# - Train, evaluate, save: backward, clip, step, schedule, clear; then `eval()`, and back to `train()`.
# - Where batches count different numbers of tokens, weight by that number: across batches, pieces and processes.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 7, *Fine-tuning a masked language model*, and chapter 3, *A full training*
# - Accelerate documentation, *Performing gradient accumulation*, on counting tokens, and *Comparing performance between
#   different device setups*
# - PyTorch documentation, *torchrun*
