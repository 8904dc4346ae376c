# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Translation with a loop of your own
#     path: walkthrough
#     objectives:
#       write-loop: "Write the training loop of a translation model: train, evaluate, save"
#       go-parallel: "Turn it into an Accelerate loop that gives the same losses on one process and on two"
#     meets: ["000#3", "000#9"]
#     minutes: 30
#     full:
#       parameters:
#         checkpoint: Helsinki-NLP/opus-mt-en-fr
#         dataset_id: Helsinki-NLP/kde4
#         revision: refs/convert/parquet
#         validation_size: 1000
#         test_size: 2000
#         max_steps: 3000
#         eval_steps: 500
#         learning_rate: 2.0e-5
#         batch_size: 32
#         max_length: 128
#       resources: {gpus: 1, memory_gb: 10, minutes: 25, timeout: 60}
# ---

# %% [markdown]
# # Translation with a loop of your own
#
# `Seq2SeqTrainer` hides some twenty lines. On this page you write them: a loop that trains, evaluates and
# saves. Then you change a few lines, and the same loop runs on several processes at once. You will also
# see why that last step so often gives slightly wrong losses, and how to put them right.

# %% [markdown]
# **New here?** [Translation with the Trainer](trainer.py) explains the data, the target side and BLEU,
# which we use here without another word. Data, cut, steps, batch size and learning rate are the same as
# there. This page mirrors *A full training* of the LLM Course, for another task. It differs in three
# places: the plain loop comes before Accelerate, the best checkpoint is kept, and the two loops are shown
# to be equal.
#
# ## A step, in one picture
#
# A training step turns a batch of pairs into a small change of every weight:
#
# | line | what it does |
# |---|---|
# | `loss = model(**batch).loss` | how surprised is the model by the French? one number |
# | `loss.backward()` | which change of each weight would raise that number? |
# | `clip_grad_norm_(…)` | bound the length of that change |
# | `optimizer.step()` | move every weight a little the other way |
# | `scheduler.step()` | and the next time by a little less |
# | `optimizer.zero_grad()` | forget the gradient, or it would be added to the next |
#
# All else on this page is there to feed these lines and to see what came of them.

# %% tags=["parameters"]
checkpoint = "pocket/marian-mini-en-fr"
dataset_id, dataset_config, revision = "pocket/en-fr-manuals", "en-fr", "main"
validation_size, test_size = 200, 400
max_steps, eval_steps = 200, 50
learning_rate, batch_size = 2e-3, 16
max_length = 64  # tokens, on either side
seed = 0

# %% [markdown]
# ## The same data, the same cut
#
# Nothing new in this cell, and that is the point: the seed cuts the data exactly as on the page before,
# so that the two ways can be compared.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

split = load_dataset(dataset_id, dataset_config, revision=revision)["train"]
split = split.train_test_split(test_size=test_size, seed=seed)
tests = split["test"]["translation"][:]
split = split["train"].train_test_split(test_size=validation_size, seed=seed)
validations = split["test"]["translation"][:]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)


def preprocess(batch):
    sources = [pair["en"] for pair in batch["translation"]]
    targets = [pair["fr"] for pair in batch["translation"]]
    return tokenizer(sources, text_target=targets, truncation=True, max_length=max_length)


columns = split["train"].column_names
train_dataset = split["train"].map(preprocess, batched=True, remove_columns=columns)
print(len(train_dataset), len(validations), len(tests))

# %% [markdown]
# Validation and test stay plain pairs of texts. We shall judge translations, so all we need of them is
# the English to translate and the French to compare with.
#
# ## From rows to batches
#
# A `DataLoader` draws rows, and the collator pads them. Which rows share a batch? If we shuffle freely,
# one long text makes a batch wide, and the short ones in it are mostly padding. `LengthGroupedSampler`
# shuffles, then puts like lengths together. We count what each way would compute.

# %%
import torch
from torch.utils.data import DataLoader
from transformers import DataCollatorForSeq2Seq
from transformers.trainer_pt_utils import LengthGroupedSampler

lengths = [len(ids) for ids in train_dataset["input_ids"]]


def sampler():
    generator = torch.Generator().manual_seed(seed)
    return LengthGroupedSampler(batch_size, lengths=lengths, generator=generator)


free = torch.randperm(len(lengths), generator=torch.Generator().manual_seed(seed)).tolist()
for name, order in {"shuffled": free, "grouped by length": list(sampler())}.items():
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    wide = sum(max(lengths[i] for i in part) * len(part) for part in parts)
    print(f"{name:18} {wide:7,} places for {sum(lengths):,} tokens of English")

# %% [markdown]
# The first row computes far more places than there are tokens; the second hardly more. That is time saved
# for nothing but an import, at the price of batches that are a little less random.

# %%
data_collator = DataCollatorForSeq2Seq(tokenizer)


def new_loader():
    return DataLoader(
        train_dataset, batch_size, sampler=sampler(), collate_fn=data_collator, drop_last=True
    )


batch = next(iter(new_loader()))
print({name: tuple(tensor.shape) for name, tensor in batch.items()})

# %% [markdown]
# The batch holds no `decoder_input_ids`: we gave the collator no model, and the model shifts the labels
# itself. Since the sampler carries a seeded generator, each new loader deals the same batches.
#
# ## The model, and a score before training
#
# Dropout is off in this course's translation runs. They are so short that the model hardly learns by
# heart, and without dice in the model we can demand *equal* losses further down.

# %%
import evaluate
from transformers import AutoModelForSeq2SeqLM

device = "cuda" if torch.cuda.is_available() else "cpu"
sacrebleu = evaluate.load("sacrebleu")


@torch.no_grad()
def translate(model, sentences, size=100):
    """Translate greedily, `size` sentences at a time."""
    model.eval()
    found = []
    for i in range(0, len(sentences), size):
        inputs = tokenizer(sentences[i : i + size], padding=True, return_tensors="pt")
        output = model.generate(**inputs.to(model.device), max_length=max_length, num_beams=1)
        found += tokenizer.batch_decode(output, skip_special_tokens=True)
    return found


# %% [markdown]
# BLEU is computed from these texts, on any list of pairs.

# %%
def bleu(model, pairs):
    predictions = translate(model, [pair["en"] for pair in pairs])
    references = [[pair["fr"]] for pair in pairs]
    return sacrebleu.compute(predictions=predictions, references=references)["score"]


model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dropout=0.0).to(device)
untouched = bleu(model, tests)
print(f"untouched model on the test split: BLEU {untouched:.1f}")

# %% [markdown]
# That is what we start from.
#
# ## One batch first
#
# Before a long run, a short proof: a model that cannot learn *one* batch by heart has a fault somewhere.
# We take the batch from above and step on it twenty times.
#
# ??? predict "Predict first: where does the loss end: near its start, at about half, or near zero?"
#     Near zero, if the loop is right. Sixteen sentences are nothing to learn by heart, even for a
#     small model. A loss that gets stuck means that gradients do not reach the weights, that labels
#     are wrong, or that the rate is.

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
# It falls as it should. The proof has spoilt the model for anything else, so we throw it away and load a
# fresh one.
#
# ## The loop, in three banners
#
# Optimiser and schedule first: the rate rises over the first tenth of the steps, then falls to zero in a
# straight line, as `Trainer` does it. The tables of positions are frozen: they are sines and cosines and
# never get a gradient. This loop would not mind, but several processes, further down, wait for the gradient
# of every weight that may move, and stop with an error where none comes.

# %%
from transformers import get_scheduler, set_seed


def fresh_start():
    """A fresh model with its optimiser and schedule."""
    set_seed(seed)
    model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dropout=0.0).to(device)
    for side in (model.get_encoder(), model.get_decoder()):
        side.embed_positions.requires_grad_(False)  # computed, not learnt
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.0)
    scheduler = get_scheduler("linear", optimizer, max_steps // 10, max_steps)
    return model, optimizer, scheduler


def endless(loader):
    """Deal batches for ever, epoch after epoch."""
    while True:
        yield from loader


# %% [markdown]
# Now the whole of it. **Train** for a while, **evaluate** on the validation split, **save** if this was
# the best so far. The folder is a temporary one of this process alone; you will see why.

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
    score = bleu(model, validations)
    print(f"step {len(losses):4}: loss {loss.item():.3f}, validation BLEU {score:.1f}")
    # Save
    if score >= max(scores, default=0.0):
        model.save_pretrained(folder)
    scores.append(score)

# %% [markdown]
# Two lines are easy to forget. `model.train()` stands *inside* the outer loop, since `translate` has
# switched to evaluation. And `zero_grad()` must come before the next `backward()`, or gradients pile up.
#
# We draw both curves. Single losses jump from batch to batch, so we lay a mean of ten over them.

# %% alt="Two panels over training steps: the loss of each batch, which falls in waves, with a smoother mean over it; and validation BLEU, which starts below the dashed line of the untouched model and rises with each evaluation."
import matplotlib.pyplot as plt

from course_utils.lesson import use_plot_style

use_plot_style()
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(range(1, len(losses) + 1), losses, color="C0", alpha=0.35, linewidth=1, label="a batch")
means = [sum(losses[i - 10 : i]) / 10 for i in range(10, len(losses) + 1)]
left.plot(range(10, len(losses) + 1), means, color="C0", label="mean of ten")
left.set(title="Training loss", xlabel="step", ylabel="nats a token", ylim=(0, None))
left.legend()
right.plot(range(eval_steps, max_steps + 1, eval_steps), scores, marker="o", color="C2")
right.axhline(untouched, linestyle="--", color="C5", label="untouched (test)")
right.set(title="Validation BLEU", xlabel="step", ylim=(0, 100))
right.legend()
plt.show()

# %% [markdown]
# The pale line shows what one batch tells: little. The waves in it are lengths. The sampler sorts fifty
# batches at a time and deals the longest first, and a batch of menu entries is easier than one of long
# instructions.
#
# ## The verdict
#
# We load what was saved, which also proves that it can be loaded, and use the test split once.

# %%
from course_utils.lesson import Result, show_results

best = AutoModelForSeq2SeqLM.from_pretrained(folder).to(device)
against = {"baseline": untouched, "baseline_name": "untouched checkpoint", "seed": seed}
show_results([Result("BLEU, plain loop", bleu(best, tests), **against)])
for pair, translation in zip(tests[:5], translate(best, [pair["en"] for pair in tests[:5]])):
    print(pair["en"])
    print("   model:    ", translation)
    print("   reference:", pair["fr"])

# %% [markdown]
# `Trainer` and this loop deal their batches in different orders, so their scores differ a little. By how
# much, and whether it means anything, is a question for several seeds: the [comparison](comparison.py)
# asks it.
#
# ## Two processes, and a wrong mean
#
# To train faster, let two processes share each batch: each takes half, each computes a loss, and the
# gradients are averaged. Is the average of two halves the whole? We try it on one batch, without any
# process.

# %%
batch = next(iter(new_loader())).to(device)
model = fresh_start()[0].eval()
parts = [{name: tensor.chunk(2)[i] for name, tensor in batch.items()} for i in range(2)]
with torch.no_grad():
    whole = model(**batch).loss
    halves = torch.stack([model(**part).loss for part in parts])
tokens = torch.tensor([(part["labels"] != -100).sum() for part in parts], device=device)
print(f"tokens in the halves:      {tokens.tolist()}")
print(f"loss of the whole batch:   {whole:.6f}")
print(f"mean of the halves:        {halves.mean():.6f}")
print(f"weighted by their tokens:  {(halves * tokens).sum() / tokens.sum():.6f}")

# %% [markdown]
# The plain mean is not the loss of the whole batch. Each half is a mean over *its* tokens, and the halves
# have different numbers of them: a token of the poorer half weighs more. Weighted by tokens, the whole
# comes back. Here the halves are alike, because the batch is grouped by length, and the error is small.
# The more the parts differ, the larger it grows, and nothing reports it.
#
# !!! trap "Twice the processes, another loss"
#     Frameworks average gradients over processes, not over tokens. If your losses change with the
#     number of processes, look for a mean of means.
#
# ## The few lines that make it an Accelerate loop
#
# `Accelerator` finds out how many processes there are and on which devices; that they may run on CPUs has
# to be said. `prepare` wraps model, optimiser, loader and schedule; with `split_batches=True` the processes
# share each batch, so `batch_size` stays the total. The lines that change are marked.

# %%
from accelerate import Accelerator, DataLoaderConfiguration

config = DataLoaderConfiguration(split_batches=True)
accelerator = Accelerator(cpu=device == "cpu", dataloader_config=config)  # new
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
# The gradients of the processes are *averaged*, so each loss is multiplied by their number and divided by
# all tokens: what remains is the weighted mean. The batches no longer need `.to(device)`, since the
# prepared loader does that. With one process the weight is one. So the losses must be those of the plain
# loop. We print every fifth.

# %%
shown = [f"{loss:.5f}" for loss in shared_losses[::5]]
accelerator.print(f"{accelerator.num_processes} process(es):", *shown)
gap = max(abs(a - b) for a, b in zip(losses, shared_losses))
accelerator.print(f"largest difference from the plain loop: {gap:.6f}")

# %% [markdown]
# The difference tells that the changed lines changed nothing. Now for two processes. This page is a
# program too: download its script, and start it twice.
#
# ```
# torchrun --nproc_per_node 2 pytorch.py
# ```
#
# `torchrun` starts two processes, and they find each other over *gloo*, which needs no GPU. On a machine
# with two GPUs the same line uses both. Compare the losses it prints with the ones above: the course's
# own test does so, and they must agree to four decimals, with eight sentences in each process instead of
# sixteen in one.
#
# !!! hardware "Two processes are not twice as fast"
#     Each step ends with an exchange of all gradients. On the cores of one laptop the processes also
#     compete for the same memory. More processes pay where a step is long: large models, one GPU for
#     each process.
#
# !!! trap "Two processes that know nothing of each other"
#     Leave out `cpu=…`, and without a GPU each of the two processes takes itself for the only one: both
#     train on all batches, with the losses of one process. Nothing warns you. `accelerate launch --cpu
#     --num_processes 2` may start a single process where no MPI is installed, as silently. So print
#     `accelerator.num_processes`, as we did, before you believe that two are at work.
#
# Everything above the Accelerate loop ran in *both* processes, each with its own temporary folder: two
# that write to one file at the same time spoil it. With Accelerate, one process saves for all, and the
# wrapper is taken off first.

# %%
accelerator.wait_for_everyone()
if accelerator.is_main_process:
    accelerator.unwrap_model(model).save_pretrained("shared-translator")
print(f"process {accelerator.process_index} of {accelerator.num_processes} is done")
accelerator.end_training()
if not accelerator.is_main_process:
    raise SystemExit  # the exercises need one process only

# %% [markdown]
# ## Exercises
#
# !!! exercise "Exercise 1 · The clinic: a decoder that has seen the answer"
#     A colleague's loss falls to almost nothing within a few steps, and the translations are rubbish.
#     Find out what the decoder reads in `loss_of`, and mend it. Use the model's own method for the
#     shift, and keep the call of `cross_entropy`.
#
# ??? hint "Hint"
#     What must be written at step 1, and what has the decoder read at that moment?
#     `copier.prepare_decoder_input_ids_from_labels(labels)` gives what it should read. The case that
#     fails: padding, which must not count.

# %%
def loss_of(copier, batch):
    """Return the mean cross-entropy of a batch, in nats a token of French."""
    pad = copier.config.pad_token_id
    seen = batch["labels"].masked_fill(batch["labels"] == -100, pad)
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask")}
    logits = copier(**inputs, decoder_input_ids=seen).logits
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), batch["labels"])


# %% tags=["solution"]
def loss_of(copier, batch):
    """Return the mean cross-entropy of a batch, in nats a token of French."""
    seen = copier.prepare_decoder_input_ids_from_labels(batch["labels"])
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask")}
    logits = copier(**inputs, decoder_input_ids=seen).logits
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), batch["labels"])


# %% tags=["check"]
batch = next(iter(new_loader())).to(device)
with torch.no_grad():
    expected, got = best.eval()(**batch).loss, loss_of(best, batch)
assert torch.isclose(got, expected, atol=1e-4), f"loss {got:.3f}, the model itself says {expected:.3f}"

# %% [markdown]
# !!! exercise "Exercise 2 · Accumulate, and get the same gradient"
#     A batch that does not fit into memory can be computed in parts, one after the other. Write
#     `accumulate(model, parts)`: run each part forward and backward so that the gradients in the end
#     are those of the whole batch. Take no optimiser step, and return the loss of the whole.
#
# ??? hint "Hint"
#     The weights are those of the two processes, without the factor for their number: tokens of the
#     part over tokens of all. The case that fails: parts with different numbers of tokens.

# %%
def accumulate(model, parts):
    """Leave the gradients of the whole batch in the model; return its loss."""
    ...


# %% tags=["solution"]
def accumulate(model, parts):
    """Leave the gradients of the whole batch in the model; return its loss."""
    tokens = [(part["labels"] != -100).sum() for part in parts]
    whole = 0.0
    for part, count in zip(parts, tokens):
        loss = model(**part).loss * count / sum(tokens)
        loss.backward()
        whole += loss.item()
    return whole


# %% tags=["check"]
def gradients():
    return torch.cat([p.grad.flatten() for p in best.parameters() if p.grad is not None])


best.zero_grad()
best(**batch).loss.backward()
expected = gradients().clone()
best.zero_grad()
parts = [{name: tensor[i] for name, tensor in batch.items()} for i in (slice(5), slice(5, None))]
accumulate(best, parts)
assert any(p.grad is not None for p in best.parameters()), "no part was run backward"
gap = (gradients() - expected).abs().max().item()
assert gap < 1e-4, f"gradients differ by up to {gap:.4f}: weigh each part by its tokens"

# %% [markdown]
# !!! exercise "Exercise 3 · Without the weights"
#     Set `weight = 1` in the Accelerate loop, run the program with `torchrun` on one process and on
#     two, and compare the losses. From which step on do they differ? There is no check for this one.
#
# ## At full scale
#
# The same file runs with a real checkpoint on real manuals. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# What our small run cannot show is speed-up: a pocket model is too small for a second process to pay.
#
# ## Recap
#
# - A loop has three banners: train, evaluate, save. `model.train()` and `zero_grad()` are the lines that get lost.
# - Learn one batch by heart before a long run.
# - Accelerate changes a few lines; with one process it gives the plain loop's losses.
# - Over processes and over parts of a batch, weigh by tokens: a mean of means is another loss.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hugging Face LLM Course, chapter 3, *A full training*, and chapter 7, *Translation*
# - Accelerate documentation, *Quicktour* and *Gradient accumulation*
# - PyTorch documentation, *torchrun* and *DistributedDataParallel*
# - Transformers documentation, *Translation*
