# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Causal language modelling in plain PyTorch
#     path: walkthrough
#     objectives:
#       shift-by-hand: "Compute the loss of next-token prediction by hand, and recognise a missing or doubled shift"
#       clm-loop: "Write the loop: batches, loss, clipping, schedule, evaluation, saving the best"
#       accelerate-loop: "Turn the loop into an Accelerate loop and say what changes on two processes"
#     meets: ["000#1", "000#9"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: distilbert/distilgpt2
#         checkpoint_revision: 2290a62682d06624634c1f46a6ad5be0f47f38aa
#         dataset_id: Salesforce/wikitext
#         dataset_revision: b08601e04326c79dfdd32d625aee71d232d685c3
#         block_size: 256
#         max_steps: 1000
#         eval_steps: 100
#         learning_rate: 5.0e-5
#         batch_size: 16
#       resources: {gpus: 1, memory_gb: 12, minutes: 10, timeout: 40}
# ---

# %% [markdown]
# # Causal language modelling in plain PyTorch
#
# `Trainer` trains a language model in one call. On this page you write that call yourself: some twenty lines
# with nothing hidden. Then you change six of them, and the same file trains on two processes.

# %% [markdown]
# **New here?** [Causal language modelling with the Trainer](trainer.py) explains the task, the blocks, the
# perplexity and the trigram model, with the same data, steps, batch and learning rate. This page mirrors
# the section *A full training* of the Hugging Face course. It differs in three places: we compute the
# loss by hand before we trust it, we start without Accelerate and add it last, and the two loops are
# shown to do the same.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/gpt-mini", "main"
dataset_id, dataset_revision = "pocket/pages", "main"
block_size = 128
max_steps, eval_steps = 160, 40
learning_rate, batch_size = 2e-3, 4
same_steps = 10  # how many steps the two loops are compared for
seed = 0

# %% [markdown]
# ## The task and its data
#
# A causal language model reads from left to right and predicts, after every token, the next one. The text is
# its own label. Ours are the pages of an encyclopaedia, and a row of the dataset is a *line* of a page.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint, revision=checkpoint_revision)
raw_datasets = load_dataset(dataset_id, "wikitext-2-raw-v1", revision=dataset_revision)
lines = raw_datasets["train"][:7]["text"]
encoding = tokenizer(lines)
for line, ids in zip(lines, encoding["input_ids"]):
    print(f"{len(ids):3} tokens  {line[:60]!r}")

# %% [markdown]
# Lines are of all lengths, and some hold no token. A batch wants blocks of one length, so we join the lines into
# one stream, cut the stream into blocks, and drop the rest. First on the seven lines, with a check that no token
# changed:

# %%
from itertools import chain


def group_texts(batch, size=block_size):
    """Join the token lists of a batch and cut them into blocks of `size` tokens."""
    stream = list(chain.from_iterable(batch["input_ids"]))
    end = len(stream) // size * size
    return {"input_ids": [stream[i : i + size] for i in range(0, end, size)]}


blocks = group_texts(encoding, size=16)["input_ids"]
for block in blocks[:3]:
    print(repr(tokenizer.decode(block)))
stream = list(chain.from_iterable(encoding["input_ids"]))
assert list(chain.from_iterable(blocks)) == stream[: 16 * len(blocks)]

# %% [markdown]
# It holds, so we `map` it over all splits. The labels are left out, since we want to make them ourselves. A
# `DataLoader` draws the batches; its own seeded generator fixes their order, whatever else uses random numbers,
# and `drop_last=True` keeps all training batches equally large.

# %%
import torch
from torch.utils.data import DataLoader


def tokenize_and_group(batch):
    return group_texts(tokenizer(batch["text"]))


def train_batches(size=batch_size):
    """Batches [size, block] of the training split, in a new order every round."""
    order = torch.Generator().manual_seed(seed)
    return DataLoader(tokenized_datasets["train"], size, shuffle=True, generator=order, drop_last=True)


tokenized_datasets = raw_datasets.map(tokenize_and_group, batched=True, remove_columns=["text"])
tokenized_datasets = tokenized_datasets.with_format("torch")
validation_batches = DataLoader(tokenized_datasets["validation"], batch_size=16)
print(tokenized_datasets.num_rows)
print(next(iter(train_batches(2)))["input_ids"][:, :8])

# %% [markdown]
# A batch of two, its first eight places: all blocks are equally long, so stacking is all that a collator has to
# do. The loop below counts steps rather than rounds, so it wants batches without end.

# %%
def forever(loader):
    """Go round and round the loader."""
    while True:
        yield from loader


batch = next(forever(train_batches()))
print({name: tuple(tensor.shape) for name, tensor in batch.items()})

# %% [markdown]
# ## The loss by hand
#
# For a batch the model returns logits of the shape [batch, block, vocabulary]. The logits at place 7 are
# its opinion about place **8**. So we pair all logits but the last with all tokens but the first.
#
# The first call of the model prints a note that its loss type is not recognised; it then takes the loss of
# causal models, the one we want.

# %%
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
model = AutoModelForCausalLM.from_pretrained(**pretrained).to(device)
ids = batch["input_ids"].to(device)
with torch.no_grad():
    logits = model(input_ids=ids).logits
    ours = cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    theirs = model(input_ids=ids, labels=ids).loss
print(f"by hand {ours:.6f}, by the model {theirs:.6f}")
assert torch.allclose(ours, theirs, rtol=1e-4)

# %% [markdown]
# The two agree. So we know what `labels=input_ids` does: the model moves the labels by one place itself.
#
# The metric is the exponential of this loss, the **perplexity**: the model is as unsure as between so many
# equally likely tokens. We try it on a vocabulary of four and the text 0, 1, 2, 3.
#
# ??? predict "Predict first: what does a model score that knows nothing? And a silly one that is sure of the token it has just read?"
#     Knowing nothing scores the size of the vocabulary, 4. The silly model is sure of the wrong token each time,
#     and that is worse than knowing nothing: perplexity has no upper limit.

# %%
text, certain = torch.tensor([0, 1, 2, 3]), 5 * torch.eye(4)
toys = {"sure of the next": certain[[1, 2, 3, 0]], "knows nothing": torch.zeros(4, 4)}
toys["repeats what it read"] = certain
for name, toy in toys.items():
    print(f"{name:20} perplexity {cross_entropy(toy[:-1], text[1:]).exp():7.2f}")

# %% [markdown]
# ## Without the shift
#
# What if we forget to move them? Then place 7 is asked for token 7, which it has just read.
#
# ??? predict "Predict first: trained without the shift, does the loss fall faster or slower? And what does the model write?"
#     It falls to almost nothing, since copying what stands there is easy. The better the loss
#     looks, the worse the model: asked for the next token it says the last one again.

# %%
def copied(model, steps=40):
    """Train on unshifted pairs; return the losses."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    losses = []
    for _, batch in zip(range(steps), forever(train_batches())):
        ids = batch["input_ids"].to(device)
        loss = cross_entropy(model(input_ids=ids).logits.flatten(0, 1), ids.flatten())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


wrong_losses = copied(model)
prompt = tokenizer("The town of", return_tensors="pt").to(device)
said = model.generate(**prompt, max_new_tokens=12, do_sample=False, pad_token_id=tokenizer.eos_token_id)
print(f"loss {wrong_losses[0]:.2f} → {wrong_losses[-1]:.4f}; it writes {tokenizer.decode(said[0])!r}")

# %% [markdown]
# !!! trap "A loss that is too good to be true"
#     Real text cannot be foreseen, so the loss of a causal model never comes near zero on text it has not
#     learnt by heart. If yours does, look at the shift before you celebrate. The opposite fault, a shift of your own *and* the
#     model's, trains it to predict the token after the next: the loss falls, but stays too high.
#
# ## Evaluate
#
# Now perplexity as a function, for a whole split. `eval()` switches dropout off, `no_grad()` spares the memory of
# the backward pass. The last batch may be smaller, so we weight by its size.

# %%
import math


@torch.no_grad()
def perplexity(model, batches):
    """Perplexity of all blocks in `batches`."""
    model.eval()
    total = count = 0
    for batch in batches:
        ids = batch["input_ids"].to(device)
        total += model(input_ids=ids, labels=ids).loss.item() * len(ids)
        count += len(ids)
    model.train()
    return math.exp(total / count)


model = AutoModelForCausalLM.from_pretrained(**pretrained).to(device)
test_batches = DataLoader(tokenized_datasets["test"], batch_size=16)
untouched = perplexity(model, test_batches)
print(f"untouched model on the test split: perplexity {untouched:,.0f}")

# %% [markdown]
# `model.train()` at the end belongs there: whoever evaluates in the middle of a run and forgets it trains
# the rest without dropout.
#
# The figure to beat is that of the smoothed trigram model. Its code is folded here and explained in the
# first walkthrough.

# %% tags=["hide-input"]
from collections import Counter


def trigram_perplexity(known, unknown, discount=0.75):
    """Perplexity of `unknown` under an interpolated Kneser-Ney trigram model of `known`."""
    grams = {3: Counter(zip(known, known[1:], known[2:]))}
    for n in (2, 1):
        grams[n] = Counter(gram[1:] for gram in grams[n + 1])
    totals, kinds = Counter(), Counter()
    for counts in grams.values():
        for gram, count in counts.items():
            totals[len(gram), gram[:-1]] += count
            kinds[len(gram), gram[:-1]] += 1
    loss = 0.0
    for gram in zip(unknown, unknown[1:], unknown[2:]):
        p = 1 / len(tokenizer)
        for n in (1, 2, 3):
            part = gram[3 - n :]
            if total := totals[n, part[:-1]]:
                p = (max(grams[n][part] - discount, 0) + discount * kinds[n, part[:-1]] * p) / total
        loss -= math.log(p)
    return math.exp(loss / (len(unknown) - 2))


# %% [markdown]
# It counts the training split and is judged on the test split, like the network.

# %%
known, unknown = (tokenized_datasets[s]["input_ids"][:].flatten().tolist() for s in ("train", "test"))
trigram = trigram_perplexity(known, unknown)
print(f"trigram model on the test split: perplexity {trigram:.2f}")

# %% [markdown]
# ## Optimiser and schedule
#
# AdamW changes the weights; the schedule lets its learning rate rise over the first tenth of the steps and
# then fall to zero. This is what `Trainer` did with `warmup_steps=0.1`.

# %% alt="Line chart of the learning rate over the training steps: it rises in a straight line over the first tenth and falls in a straight line to zero."
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
# Three banners: train, evaluate, save. Inside the first, the order of the five lines matters: the
# gradients of this batch, clipped to a length of 1, then the step, then the schedule, then the gradients are
# cleared for the next batch.

# %%
optimizer, scheduler = optimizer_and_schedule(model)
losses, scores, best = [], [], math.inf
for step, batch in zip(range(1, max_steps + 1), forever(train_batches())):
    # ---- train ----
    ids = batch["input_ids"].to(device)
    loss = model(input_ids=ids, labels=ids).loss
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
            model.save_pretrained("page-writer")
print([f"step {step}: {score:.2f}" for step, score in scores])

# %% [markdown]
# Only the best model so far lies in the folder. We draw the losses; the faint line is every batch, the
# strong one the mean of ten.

# %% alt="Two panels over training steps: the loss of single batches scatters around a falling mean; the validation perplexity falls far below the dashed line of the trigram model."
means = [sum(losses[i : i + 10]) / 10 for i in range(0, len(losses) - 9, 10)]
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(losses, alpha=0.35, linewidth=1)
left.plot(range(5, 10 * len(means), 10), means, color="C0")
left.set(title="Training loss", xlabel="step", ylabel="nats a token", ylim=(0, None))
right.plot(*zip(*scores), marker="o", color="C2")
right.axhline(trigram, linestyle="--", color="C5", label="trigram model, test")
right.set(title="Validation perplexity", xlabel="step", yscale="log")
right.legend()
plt.show()

# %% [markdown]
# Batches differ in how hard they are, so a single loss says little: judge by the mean, and decide by the
# validation split.
#
# ## Save, reload, judge
#
# The folder holds the best weights. We load them as anybody would, and score the test split once.

# %%
tokenizer.save_pretrained("page-writer")
model = AutoModelForCausalLM.from_pretrained("page-writer").to(device)
tuned = perplexity(model, test_batches)
against = {"baseline": trigram, "baseline_name": "trigram model", "higher_is_better": False}
show_results(
    [
        Result("perplexity, fine-tuned", tuned, seed=seed, **against),
        Result("perplexity, untouched", untouched, **against),
    ]
)

# %% [markdown]
# What does it write now? The first words of three pages of the test split, continued by the likeliest
# tokens, beside what really follows.

# %%
leads = [text for text in raw_datasets["test"]["text"][:] if text.startswith(" The ")][:3]
for text in leads:
    words = text.split(" ")
    prompt = tokenizer(" ".join(words[:8]), return_tensors="pt").to(device)
    said = model.generate(**prompt, max_new_tokens=20, do_sample=False, pad_token_id=tokenizer.eos_token_id)
    print(f"prompt     {' '.join(words[:8])}")
    print(f"reference  {' '.join(words[8:24])!r}")
    print(f"model      {tokenizer.decode(said[0, prompt['input_ids'].shape[1] :])!r}\n")

# %% [markdown]
# Good and bad lie side by side. Spaced punctuation and headings are right in most places. Where a fact is asked
# for, the model has to guess, and it guesses fluently; and now and then the layout itself comes apart, most
# easily in the figures, which these pages break up by `@,@` and `@.@`.
#
# ## From this loop to an Accelerate loop
#
# The loop above knows one device. Accelerate makes it fit for several devices and processes. Six lines
# change; each is marked.

# %%
from accelerate import Accelerator


def accelerated_losses(steps):
    """Train a fresh model for some steps with Accelerate; the mean loss of all processes, by step."""
    accelerator = Accelerator(cpu=device.type == "cpu")  # 1: finds the device and the processes
    model = AutoModelForCausalLM.from_pretrained(**pretrained)  # 2: no .to(device)
    optimizer, scheduler = optimizer_and_schedule(model)
    model, optimizer, loader = accelerator.prepare(model, optimizer, train_batches())  # 3
    found = []
    for _, batch in zip(range(steps), forever(loader)):
        ids = batch["input_ids"]  # 4: already on the device
        loss = model(input_ids=ids, labels=ids).loss
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
# starts it twice. Each process then draws its own batch, so a step sees **twice as many** blocks, and the
# losses equal those of one process with `batch_size` doubled. A test of this course runs both and
# compares them.
#
# !!! trap "Two processes, and a learning rate that falls twice as fast"
#     Most examples hand the scheduler to `prepare` too. A prepared scheduler steps once for *each process*,
#     on the assumption that its length was counted in batches of one process. Our `max_steps` counts
#     steps of the optimiser, so we leave the scheduler unprepared. Nothing warns you of the difference.
#
# !!! hardware "Starting two processes on a laptop"
#     `accelerate launch --cpu --num_processes 2` may silently start only one where no MPI is installed.
#     `torchrun` starts two, which talk through gloo. Print `accelerator.num_processes` to be sure.
#
# !!! trap "A file called peft.py"
#     Python looks for modules beside the program first. In the folder of this course the next lesson is called
#     `peft.py` and would be taken for the library; `PYTHONSAFEPATH=1 torchrun …` keeps Python from looking there.
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
#     A batch of eight blocks does not fit into memory, but two blocks do. Write
#     `accumulate(model, ids, pieces)`: it leaves in the parameters the gradient of the mean loss over all
#     of `ids`, but never has more than one piece in the forward pass. The pieces are equally large.
#
# ??? hint "Hint"
#     `backward()` adds to the gradients that are there. Without a division the result is `pieces` times
#     too long: the case that fails in most first attempts.

# %%
def accumulate(model, ids, pieces):
    """Add up the gradient of the mean loss over `ids`, [blocks, tokens], piece by piece."""
    ...


# %% tags=["solution"]
def accumulate(model, ids, pieces):
    """Add up the gradient of the mean loss over `ids`, [blocks, tokens], piece by piece."""
    for piece in ids.chunk(pieces):
        loss = model(input_ids=piece, labels=piece).loss / pieces
        loss.backward()


# %% tags=["check"]
eight = torch.stack([tokenized_datasets["train"][i]["input_ids"] for i in range(8)]).to(device)
model.zero_grad()
model(input_ids=eight, labels=eight).loss.backward()
expected = [p.grad.clone() for p in model.parameters()]
model.zero_grad()
accumulate(model, eight, pieces=4)
for got, want in zip((p.grad for p in model.parameters()), expected):
    assert got is not None, "no gradient was computed"
    assert torch.allclose(got, want, atol=1e-4), "the gradient differs from that of the whole batch"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: a step that does not learn"
#     The loop of a colleague runs, and its loss goes neither up nor down. `clinic_step` has three bugs: two
#     lines stand in the wrong place, and the pairs of logits and targets are wrong. Mend it so that it does what
#     our loop does.
#
# ??? hint "Hint"
#     Ask of each line what it needs from the line before it. What does the optimiser find when the gradients
#     have just been cleared? And what is left to clip once it has stepped?

# %%
def clinic_step(model, ids, optimizer):
    """One training step; returns the loss. Three bugs."""
    logits = model(input_ids=ids).logits
    loss = cross_entropy(logits.flatten(0, 1), ids.flatten())
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    return loss.item()


# %% tags=["solution"]
def clinic_step(model, ids, optimizer):
    """One training step; returns the loss."""
    logits = model(input_ids=ids).logits
    loss = cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


# %% tags=["check"]
def one_step(step):
    """Let `step` change a fresh model by plain SGD; the loss and the weights after it."""
    fresh = AutoModelForCausalLM.from_pretrained(**pretrained).to(device)
    value = step(fresh, eight, torch.optim.SGD(fresh.parameters(), lr=0.1))
    assert all(p.grad is None or not p.grad.any() for p in fresh.parameters()), "gradients are left"
    return value, fresh.lm_head.weight.detach()


def our_step(model, ids, optimizer):
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


(got, weights), (want, right_weights) = one_step(clinic_step), one_step(our_step)
assert abs(got - want) < 1e-3 * want, f"the loss is {got:.3f}, should be {want:.3f}"
assert torch.allclose(weights, right_weights, atol=1e-5), "the weights after the step differ"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# ## Recap
#
# - The logits at one place are about the next one: pair `logits[:, :-1]` with `ids[:, 1:]`, or let the model
#   do it by `labels=input_ids`. Never both, never neither.
# - Train, evaluate, save: backward, clip, step, schedule, clear; then `eval()`, and back to `train()`.
# - Accelerate changes six lines and no result on one process. On two, a step sees two batches.
# - A scheduler that counts optimiser steps is not handed to `prepare`.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 3, *A full training*, and chapter 7, *Training a causal language model
#   from scratch*
# - Accelerate documentation, *Migrating your code to Accelerate*, and *Comparing performance between
#   different device setups*
# - PyTorch documentation, *torchrun*
