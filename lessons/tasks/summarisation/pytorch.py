# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Summarisation with a loop of your own
#     path: walkthrough
#     objectives:
#       write-loop: "Write the training loop of a summariser: train, evaluate, save"
#       spend-well: "Tell where the time of a step goes, and save it by batching like lengths"
#       go-parallel: "Turn it into an Accelerate loop that gives the same losses on one process and on two"
#     meets: ["000#4", "000#9"]
#     minutes: 30
#     full:
#       parameters:
#         checkpoint: google-t5/t5-small
#         dataset_id: FiscalNote/billsum
#         prefix: "summarize: "
#         validation_size: 500
#         test_size: 1000
#         max_steps: 2000
#         eval_steps: 500
#         learning_rate: 5.0e-4
#         batch_size: 16
#         max_input: 512
#         max_summary: 256
#       resources: {gpus: 1, memory_gb: 16, minutes: 30, timeout: 60}
# ---

# %% [markdown]
# # Summarisation with a loop of your own
#
# On this page you write what `Seq2SeqTrainer` does: a loop that trains, evaluates and saves. A summariser reads long
# texts and writes short ones, so you first find out where its time goes. Then you change a few lines, and the same loop
# runs on several processes with the same losses.

# %% [markdown]
# **New here?** [Summarisation with the Trainer](trainer.py) explains the data, the lengths and ROUGE, which we use here
# without another word. Data, cut, steps, batch size and learning rate are the same as there. This page mirrors *A full
# training* of the LLM Course, for another task. It differs in three places: the plain loop comes before Accelerate, the
# best checkpoint is kept, and the two loops are shown to be equal.
#
# ## A step, in one picture
#
# A training step turns a batch of texts and summaries into a small change of every weight:
#
# | line | what it does |
# |---|---|
# | `loss = model(**batch).loss` | the encoder reads the texts, the decoder the summaries; how surprised is it? |
# | `loss.backward()` | which change of each weight would raise the loss? |
# | `clip_grad_norm_(…)` | bound the length of that change |
# | `optimizer.step()` | move every weight a little the other way |
# | `scheduler.step()` | and the next time by a little less |
# | `optimizer.zero_grad()` | forget the gradient, or it would be added to the next |

# %% tags=["parameters"]
checkpoint, prefix = "pocket/pegasus-mini", ""
dataset_id, revision = "pocket/reports", "main"
validation_size, test_size = 60, 200
max_steps, eval_steps = 100, 25
learning_rate, batch_size = 3e-3, 8
max_input, max_summary = 240, 64  # tokens
seed = 0

# %% [markdown]
# ## The same data, the same cut
#
# The same rows serve for training, for choices and for the verdict as on the page before, so that the two ways can be
# compared. Validation and test stay plain rows: we shall judge texts, so all we need of them is what to read and what to
# compare with.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

raw_datasets = load_dataset(dataset_id, revision=revision)
tests = raw_datasets["test"].select(range(test_size))
validations = raw_datasets["test"].select(range(test_size, test_size + validation_size))
tokenizer = AutoTokenizer.from_pretrained(checkpoint)


def preprocess(batch):
    inputs = tokenizer([prefix + text for text in batch["text"]], truncation=True, max_length=max_input)
    labels = tokenizer(text_target=batch["summary"], truncation=True, max_length=max_summary)
    return inputs | {"labels": labels["input_ids"]}


columns = raw_datasets["train"].column_names
train_dataset = raw_datasets["train"].map(preprocess, batched=True, remove_columns=columns)
print(len(train_dataset), len(validations), len(tests))

# %% [markdown]
# ## From rows to batches
#
# In a batch all texts are padded to the longest. If we shuffle freely, one long report makes the batch wide.
# `LengthGroupedSampler` shuffles, then puts like lengths together. We count the places that each way would compute.

# %%
import torch
from torch.utils.data import DataLoader
from transformers import DataCollatorForSeq2Seq
from transformers.trainer_pt_utils import LengthGroupedSampler

lengths = [len(ids) for ids in train_dataset["input_ids"]]
summaries = [len(ids) for ids in train_dataset["labels"]]


def new_sampler(grouped=False):
    generator = torch.Generator().manual_seed(seed)
    if grouped:
        return LengthGroupedSampler(batch_size, lengths=lengths, generator=generator)
    return torch.utils.data.RandomSampler(lengths, generator=generator)


for grouped in (False, True):
    order = list(new_sampler(grouped))
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    for side, sizes in {"texts": lengths, "summaries": summaries}.items():
        places = sum(max(sizes[i] for i in part) * len(part) for part in parts)
        waste = 100 * (1 - sum(sizes) / places)
        print(f"grouped: {grouped!s:5} {side:9} {places:8,} places, {waste:4.1f} % of them padding")

# %% [markdown]
# Two things to read off. The texts are several times as long as the summaries, so the *encoder* has most of the work.
# And grouping saves much of the padding on that side. On the side of the summaries it saves nothing: whoever groups by
# one length shuffles the other.
#
# `Trainer` shuffled freely on the page before, and we do so too, to keep the comparison clean. You may switch grouping
# on in one word.

# %%
data_collator = DataCollatorForSeq2Seq(tokenizer)


def new_loader():
    return DataLoader(
        train_dataset, batch_size, sampler=new_sampler(), collate_fn=data_collator, drop_last=True
    )


batch = next(iter(new_loader()))
print({name: tuple(tensor.shape) for name, tensor in batch.items()})

# %% [markdown]
# Since the sampler carries a seeded generator, each new loader deals the same batches.
#
# ## The model, and a score before training
#
# Greedy decoding, ROUGE-2 as before. `summarise` takes care of one thing that is easily forgotten: it sorts
# the texts by length, to save padding, and brings the summaries back into the order of the texts.

# %%
from transformers import AutoConfig, AutoModelForSeq2SeqLM

device = "cuda" if torch.cuda.is_available() else "cpu"


@torch.no_grad()
def summarise(model, texts, size=64):
    """Summarise greedily, `size` texts at a time, like lengths together."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = [""] * len(texts)
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        inputs = [prefix + texts[i] for i in chosen]
        inputs = tokenizer(inputs, truncation=True, max_length=max_input, padding=True, return_tensors="pt")
        output = model.generate(**inputs.to(model.device), max_length=max_summary)
        for i, text in zip(chosen, tokenizer.batch_decode(output, skip_special_tokens=True)):
            found[i] = text
    return found


# %% [markdown]
# The metric is that of the page before.

# %%
import evaluate
import numpy as np

rouge = evaluate.load("rouge")


def rouge_2(predictions, references):
    options = {"rouge_types": ["rouge2"], "use_stemmer": True, "use_aggregator": False}
    return 100 * np.mean(rouge.compute(predictions=predictions, references=references, **options)["rouge2"])


# %% [markdown]
# Dropout is off, as on the page before: without dice in the model we can demand *equal* losses further down.

# %%
config = AutoConfig.from_pretrained(checkpoint)
config.dropout = config.dropout_rate = 0.0  # Pegasus' name and T5's
model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, config=config).to(device)
untouched = rouge_2(summarise(model, tests["text"][:]), tests["summary"][:])
print(f"untouched model on the test split: ROUGE-2 {untouched:.1f}")

# %% [markdown]
# ## One batch first
#
# Before a long run, a short proof: a model that cannot learn *one* batch by heart has a fault somewhere.
#
# ??? predict "Predict first: after twenty steps on the same eight reports, will the loss be near its start, at about half, or near zero?"
#     Well on its way to zero, if the loop is right: eight summaries are little to learn by heart. A loss that gets
#     stuck means that gradients do not reach the weights, that labels are wrong, or that the rate is.

# %%
batch = batch.to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
model.train()
for step in range(21):
    loss = model(**batch).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if step % 5 == 0:
        print(f"step {step:2}: loss {loss.item():.3f}")

# %% [markdown]
# It falls as it should. The proof has spoilt the model for anything else, so we throw it away and load a fresh one.
#
# ## The loop, in three banners
#
# Optimiser and schedule first: the rate rises over the first tenth of the steps, then falls to zero in a straight line,
# as `Trainer` does it.

# %%
from transformers import get_scheduler, set_seed


def fresh_start():
    """A fresh model with its optimiser and schedule."""
    set_seed(seed)
    model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, config=config).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.0)
    scheduler = get_scheduler("linear", optimizer, max_steps // 10, max_steps)
    return model, optimizer, scheduler


def endless(loader):
    """Deal batches for ever, epoch after epoch."""
    while True:
        yield from loader


# %% [markdown]
# Now the whole of it. **Train** for a while, **evaluate** on the validation split, **save** if this was the best so far.
# The folder is a temporary one of this process alone; you will see why.

# %%
import tempfile
from itertools import islice

model, optimizer, scheduler = fresh_start()
batches, folder = endless(new_loader()), tempfile.mkdtemp()
losses, scores = [], []
while len(losses) < max_steps:
    # Train
    model.train()
    for batch in islice(batches, eval_steps):
        loss = model(**batch.to(device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    # Evaluate
    score = rouge_2(summarise(model, validations["text"][:]), validations["summary"][:])
    print(f"step {len(losses):4}: loss {loss.item():.3f}, validation ROUGE-2 {score:.1f}")
    # Save
    if score >= max(scores, default=0.0):
        model.save_pretrained(folder)
    scores.append(score)

# %% [markdown]
# Two lines are easy to forget. `model.train()` stands *inside* the outer loop, since `summarise` has switched to
# evaluation. And `zero_grad()` must come before the next `backward()`, or gradients pile up.

# %% alt="Two panels over training steps: the loss of each batch, which falls steeply and then in small jumps, with a smoother mean over it; and validation ROUGE-2, which rises with each evaluation."
import matplotlib.pyplot as plt

from course_utils.lesson import use_plot_style

use_plot_style()
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8))
left.plot(range(1, len(losses) + 1), losses, color="C0", alpha=0.35, linewidth=1, label="a batch")
means = [sum(losses[i - 10 : i]) / 10 for i in range(10, len(losses) + 1)]
left.plot(range(10, len(losses) + 1), means, color="C0", label="mean of ten")
left.set(title="Training loss", xlabel="step", ylabel="nats a token", ylim=(0, None))
left.legend()
right.plot(range(eval_steps, len(losses) + 1, eval_steps), scores, marker="o", color="C2")
right.axhline(untouched, linestyle="--", color="C5", label="untouched (test)")
right.set(title="Validation ROUGE-2", xlabel="step", ylim=(0, 100))
right.legend()
plt.show()

# %% [markdown]
# Compare the shapes. Nearly all of the fall in the loss comes in the first quarter, and yet much of the gain in ROUGE
# comes after it. So what is learnt late must be few tokens that matter. We can look: the loss is a mean over tokens; we
# take it apart and sort the tokens of some test summaries into those with a digit and the others.

# %%
best = AutoModelForSeq2SeqLM.from_pretrained(folder).to(device).eval()
rows = tests.select(range(min(40, len(tests)))).map(preprocess, batched=True, remove_columns=columns)
for name, each in {"untouched": fresh_start()[0].eval(), "trained": best}.items():
    batch = data_collator(list(rows)).to(device)
    with torch.no_grad():
        logits = each(**batch).logits
    of_token = torch.nn.functional.cross_entropy(logits.transpose(1, 2), batch["labels"], reduction="none")
    pieces = tokenizer.convert_ids_to_tokens(batch["labels"].clamp(min=0).flatten())
    digit = torch.tensor([any(c.isdigit() for c in p) for p in pieces], device=device).view_as(of_token)
    real = batch["labels"] != -100
    print(f"{name:10} digits {of_token[digit & real].mean():.2f} nats, other tokens {of_token[~digit & real].mean():.2f}")

# %% [markdown]
# Before training the digits are the *easier* tokens: they stand in the text, and the form of a summary is unknown. After
# training they are the harder ones. The form is learnt, and what remains hard is to choose among several numbers of the
# right kind. One loss hides two tasks.
#
# ## The verdict
#
# `best` was loaded from what we saved, which also proves that it can be loaded. We use the test split once.

# %%
from course_utils.lesson import Result, show_results

guesses = summarise(best, tests["text"][:])
against = {"baseline": untouched, "baseline_name": "untouched checkpoint", "seed": seed}
show_results([Result("ROUGE-2, plain loop", rouge_2(guesses, tests["summary"][:]), **against)])
for i in range(2):
    print(f"text:      {tests[i]['text']}\nmodel:     {guesses[i]}\nreference: {tests[i]['summary']}\n")

# %% [markdown]
# Compare the score with the one on [the page before](trainer.py#the-verdict). Seeded alike, `Trainer` deals the same
# batches and does the same arithmetic, so there is nothing left in which the two could differ. What other seeds give is
# for the [comparison](comparison.py) to ask.
#
# ## The few lines that make it an Accelerate loop
#
# `Accelerator` finds out how many processes there are and on which devices; that they may run on CPUs has to be said,
# or each takes itself for the only one. `prepare` wraps model, optimiser, loader and schedule. With `split_batches=True` the processes share each batch, so `batch_size` stays the total. There is one
# trap: each process takes the mean over *its* tokens, and a plain mean of those means is not the loss of the
# whole batch, because the parts have different numbers of tokens. So each loss is weighted by its share of the tokens, as
# [the translation loop](../translation/pytorch.py#two-processes-and-a-wrong-mean) shows step by step. A detail of this
# model: Pegasus computes its table of positions and never learns it, so some parameters get no gradient. Two processes
# would wait for it and stop with an error, unless they are told to look for such parameters.

# %%
from accelerate import Accelerator, DataLoaderConfiguration, DistributedDataParallelKwargs

sharing = DataLoaderConfiguration(split_batches=True)
unused = DistributedDataParallelKwargs(find_unused_parameters=True)
accelerator = Accelerator(  # new
    cpu=device == "cpu", dataloader_config=sharing, kwargs_handlers=[unused]
)
model, optimizer, scheduler = fresh_start()
model, optimizer, loader, scheduler = accelerator.prepare(  # new
    model, optimizer, new_loader(), scheduler
)
model.train()
shared_losses = []
for batch in islice(endless(loader), eval_steps):
    tokens = (batch["labels"] != -100).sum()
    total = accelerator.reduce(tokens, "sum")  # new: over all processes
    weight = tokens * accelerator.num_processes / total
    loss = model(**batch).loss * weight  # weighted
    accelerator.backward(loss)  # instead of loss.backward()
    accelerator.clip_grad_norm_(model.parameters(), 1.0)  # new
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
    shared_losses.append(accelerator.reduce(loss.detach(), "mean").item())

# %% [markdown]
# With one process the weight is one, and the losses must be those of the plain loop. We print every fifth.

# %%
shown = [f"{loss:.5f}" for loss in shared_losses[::5]]
accelerator.print(f"{accelerator.num_processes} process(es):", *shown)
gap = max(abs(a - b) for a, b in zip(losses, shared_losses))
accelerator.print(f"largest difference from the plain loop: {gap:.6f}")

# %% [markdown]
# The changed lines changed nothing. Now for two processes. This page is a program too: download its script, and start it
# twice.
#
# ```
# torchrun --nproc_per_node 2 pytorch.py
# ```
#
# `torchrun` starts two processes, and they find each other over *gloo*, which needs no GPU. On a machine with two GPUs
# the same line uses both. Compare the losses it prints with the ones above: the course's own test does so, and they must
# agree to four decimals.
#
# !!! hardware "Where a second process pays"
#     Each step ends with an exchange of all gradients, whatever the batch. Long texts make a step long and the exchange
#     relatively cheap, so summarisation is among the tasks that gain most from more GPUs. On the cores of one laptop the
#     processes compete, and nothing is gained.
#
# Everything above the Accelerate loop ran in *both* processes, each with its own temporary folder: two that write to one
# file at the same time spoil it. With Accelerate, one process saves for all, and the wrapper is taken off first.

# %%
accelerator.wait_for_everyone()
if accelerator.is_main_process:
    accelerator.unwrap_model(model).save_pretrained("shared-summariser")
print(f"process {accelerator.process_index} of {accelerator.num_processes} is done")
accelerator.end_training()
if not accelerator.is_main_process:
    raise SystemExit  # the exercises need one process only

# %% [markdown]
# ## Exercises
#
# !!! exercise "Exercise 1 · The clinic: fast and wrong"
#     A colleague sorts the test texts by length, since that is faster. The summaries look fine when she reads them;
#     ROUGE says that they are hardly better than chance. Mend `fast`, and keep the sorting.
#
# ??? hint "Hint"
#     Print a summary beside *its* text. Then `zip(order, found)` tells where each one belongs. The case that fails:
#     texts of the same length must not change places either.

# %%
def fast(model, texts):
    """Summarise texts, like lengths together; one summary for each text, in the order of the texts."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    return summarise(model, [texts[i] for i in order])


# %% tags=["solution"]
def fast(model, texts):
    """Summarise texts, like lengths together; one summary for each text, in the order of the texts."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = dict(zip(order, summarise(model, [texts[i] for i in order])))
    return [found[i] for i in range(len(texts))]


# %% tags=["check"]
some = tests["text"][:6]
got, expected = fast(best, some), [summarise(best, [text])[0] for text in some]
assert len(got) == len(some), "one summary for each text"
for i, (a, b) in enumerate(zip(got, expected)):
    assert a == b, f"text {i} has got another text's summary: {a}"

# %% [markdown]
# !!! exercise "Exercise 2 · Clip it yourself"
#     Write `clip(gradients, longest)`: take all gradients of the list together as one long vector; if it is longer
#     than `longest`, shrink each by the same factor, in place. Return the length before.
#
# ??? hint "Hint"
#     The squared length of the long vector is the sum of the squared lengths of its parts. The case that fails: a
#     vector that is short already must stay as it is, not be stretched.

# %%
def clip(gradients, longest):
    """Bound the common length of a list of tensors, in place; return the length before."""
    ...


# %% tags=["solution"]
def clip(gradients, longest):
    """Bound the common length of a list of tensors, in place; return the length before."""
    length = torch.stack([g.norm() for g in gradients]).norm()
    for g in gradients:
        g.mul_(min(1.0, longest / length))
    return length


# %% tags=["check"]
for scale in (3.0, 0.01):
    parts = [scale * torch.arange(4.0), scale * torch.ones(2, 3)]
    model_of = torch.nn.ParameterList([torch.nn.Parameter(torch.zeros_like(p)) for p in parts])
    for parameter, part in zip(model_of, parts):
        parameter.grad = part.clone()
    expected = torch.nn.utils.clip_grad_norm_(model_of, 1.0)
    got = clip(parts, 1.0)
    assert got is not None, "nothing is returned yet"
    assert torch.isclose(torch.as_tensor(got), expected), f"length {got}, it was {expected:.3f}"
    for parameter, part in zip(model_of, parts):
        assert torch.allclose(parameter.grad, part, atol=1e-5), f"{part} should be {parameter.grad}"

# %% [markdown]
# !!! exercise "Exercise 3 · Group them"
#     Call `new_sampler(grouped=True)` in `new_loader` and time the loop. How much of the padding that you saved comes
#     back as time, and does ROUGE suffer from less random batches? There is no check for this one.
#
# ## At full scale
#
# The same file runs with a real checkpoint on real bills. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# What our small run cannot show is speed-up: a pocket model is too small for a second process to pay.
#
# ## Recap
#
# - A loop has three banners: train, evaluate, save. `model.train()` and `zero_grad()` are the lines that get lost.
# - The encoder has most of the work. Like lengths in a batch save padding on one side only.
# - Sorted for speed means: bring the results back into order.
# - The mean loss hides that numbers are much harder than phrases.
# - Over processes, weigh by tokens: a mean of means is another loss.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 3, *A full training*, and chapter 7, *Summarization*
# - Accelerate documentation, *Quicktour* and *Gradient accumulation*
# - PyTorch documentation, *torchrun* and *DistributedDataParallel*
