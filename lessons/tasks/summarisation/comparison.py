# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Summarisation, three ways compared
#     path: walkthrough
#     objectives:
#       compare-fairly: "Compare three ways of fine-tuning on equal terms, over several seeds"
#       judge-facts: "Judge summarisers by wording and by facts, and see that the two can disagree"
#       choose-way: "Choose a way for a job, from quality and cost measured side by side"
#     meets: ["000#4", "000#8", "000#9", "000#10"]
#     minutes: 20
#     full:
#       parameters:
#         checkpoint: google-t5/t5-small
#         dataset_id: FiscalNote/billsum
#         prefix: "summarize: "
#         validation_size: 500
#         test_size: 1000
#         max_steps: 2000
#         search_steps: 200
#         full_rates: [2.0e-4, 5.0e-4, 1.0e-3]
#         lora_rates: [5.0e-4, 1.0e-3, 2.0e-3]
#         rank: 16
#         lora_alpha: 32
#         batch_size: 16
#         max_input: 512
#         max_summary: 256
#       resources: {gpus: 1, memory_gb: 16, minutes: 240, timeout: 360}
# ---

# %% [markdown]
# # Summarisation, three ways compared
#
# `Trainer`, a loop of your own, LoRA: the three walkthroughs each printed a score, and each used one seed. On this page
# they meet on equal terms: the same data, steps, batches and search for a learning rate, three seeds each, and one table
# with what each costs. And since a summary can be well worded and wrong, the table has a second judge.

# %% [markdown]
# **New here?** The three ways are taught in [Summarisation with the Trainer](trainer.py), [with a loop of your
# own](pytorch.py) and [with LoRA](peft.py). No page of the official documentation makes this comparison; the LLM Course
# shows two of the ways with different learning rates and numbers of epochs, and so cannot.
#
# ## What must be equal
#
# | equal here | what it would feign if it were not |
# |---|---|
# | data and cut | an easier test looks like a better model |
# | steps and batch size | more training looks like a better method |
# | *search* for the learning rate | the way that was tuned longer looks better |
# | the split on which choices are made | choosing on the test looks like learning |
# | the length that is generated | a longer summary finds more of the reference |

# %% tags=["parameters"]
checkpoint, prefix = "pocket/pegasus-mini", ""
dataset_id, revision = "pocket/reports", "main"
validation_size, test_size = 60, 200
max_steps, search_steps, batch_size = 100, 25, 8
full_rates, lora_rates = [1.5e-3, 3e-3, 6e-3], [1e-2, 2e-2, 4e-2]
rank, lora_alpha, target_modules = 8, 16, "all-linear"
max_input, max_summary = 240, 64  # tokens
seeds = [0, 1, 2]

# %% [markdown]
# ## The shared ground
#
# Data and cut are those of the three pages, and the same for all seeds. A seed decides the order of the batches and the
# first numbers of the adapters.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

raw_datasets = load_dataset(dataset_id, revision=revision)
tests = raw_datasets["test"].select(range(test_size))
validations = raw_datasets["test"].select(range(test_size, test_size + validation_size))
texts, references = tests["text"][:], tests["summary"][:]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)


def preprocess(batch):
    inputs = tokenizer([prefix + text for text in batch["text"]], truncation=True, max_length=max_input)
    labels = tokenizer(text_target=batch["summary"], truncation=True, max_length=max_summary)
    return inputs | {"labels": labels["input_ids"]}


columns = raw_datasets["train"].column_names
train_dataset = raw_datasets["train"].map(preprocess, batched=True, remove_columns=columns)
validation_dataset = validations.map(preprocess, batched=True, remove_columns=columns)
print(len(train_dataset), len(validation_dataset), len(tests))

# %% [markdown]
# Two kinds of model: all weights free, or frozen with adapters beside them. Dropout is off for both.

# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForSeq2SeqLM, DataCollatorForSeq2Seq, set_seed

device = "cuda" if torch.cuda.is_available() else "cpu"
data_collator = DataCollatorForSeq2Seq(tokenizer)
config = AutoConfig.from_pretrained(checkpoint)
config.dropout = config.dropout_rate = 0.0  # Pegasus' name and T5's


def new_model(lora, seed):
    set_seed(seed)
    model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, config=config).to(device)
    if not lora:
        return model
    lora_config = LoraConfig(
        task_type="SEQ_2_SEQ_LM",
        r=rank,
        lora_alpha=lora_alpha,
        target_modules=target_modules,
        lora_dropout=0.0,
    )
    return get_peft_model(model, lora_config)


# %% [markdown]
# ## Two judges
#
# ROUGE-2 judges the wording. The second judge looks at numbers only: how many summaries name one that their text does not
# have?

# %%
import re

import evaluate
import numpy as np

rouge = evaluate.load("rouge")


def rouge_2(predictions):
    options = {"rouge_types": ["rouge2"], "use_stemmer": True, "use_aggregator": False}
    found = rouge.compute(predictions=predictions, references=references, **options)
    return float(100 * np.mean(found["rouge2"]))


def numbers(text):
    return set(re.findall(r"\d[\d,.]*\d|\d", text))


def invented(predictions):
    """Share of the summaries, in %, with a number that the text does not have."""
    return float(100 * np.mean([bool(numbers(p) - numbers(t)) for p, t in zip(predictions, texts)]))


# %% [markdown]
# Both get greedy summaries. A third figure is for choosing only: the loss on the validation split.

# %%
from torch.utils.data import DataLoader, RandomSampler


@torch.no_grad()
def summaries(model, size=64):
    model.eval()
    found = []
    for i in range(0, len(texts), size):
        inputs = [prefix + text for text in texts[i : i + size]]
        inputs = tokenizer(inputs, truncation=True, max_length=max_input, padding=True, return_tensors="pt")
        output = model.generate(**inputs.to(device), max_length=max_summary)
        found += tokenizer.batch_decode(output, skip_special_tokens=True)
    return found


@torch.no_grad()
def validation_loss(model, size=30):
    """Mean loss of a token; batches are weighted by their tokens."""
    model.eval()
    total = count = 0
    for batch in DataLoader(validation_dataset, size, collate_fn=data_collator):
        tokens = (batch["labels"] != -100).sum().item()
        total += model(**batch.to(device)).loss.item() * tokens
        count += tokens
    return total / count


# %% [markdown]
# ## The baselines
#
# Lead-3 copies the first three sentences. The untouched model is the other one.

# %%
lead = [" ".join(re.split(r"(?<=[.?!])\s+", text.strip())[:3]) for text in texts]
before = summaries(new_model(lora=False, seed=0))
lead_3, untouched = rouge_2(lead), rouge_2(before)
for name, found in {"lead-3": lead, "untouched": before}.items():
    print(f"{name:10} ROUGE-2 {rouge_2(found):4.1f}, with an invented number {invented(found):4.1f} %")

# %% [markdown]
# Lead-3 is the one to beat in wording. In truth nobody can beat it: a copy invents nothing.
#
# ## The three ways
#
# Each function takes a model and trains it; the optimiser is returned, since we shall weigh it. First the loop.

# %%
from itertools import islice

from transformers import get_scheduler


def endless(loader):
    while True:
        yield from loader


def with_loop(model, rate, seed, steps=max_steps):
    order = RandomSampler(train_dataset, generator=torch.Generator().manual_seed(seed))
    loader = DataLoader(train_dataset, batch_size, sampler=order, collate_fn=data_collator)
    free = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(free, lr=rate, weight_decay=0.0)
    scheduler = get_scheduler("linear", optimizer, steps // 10, steps)
    model.train()
    for batch in islice(endless(loader), steps):
        model(**batch.to(device)).loss.backward()
        torch.nn.utils.clip_grad_norm_(free, 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    return optimizer


# %% [markdown]
# Then `Seq2SeqTrainer`. LoRA goes through it too, with the same arguments.

# %%
from transformers import PrinterCallback, Seq2SeqTrainer, Seq2SeqTrainingArguments


def with_trainer(model, rate, seed):
    training_args = Seq2SeqTrainingArguments(
        output_dir="compared",
        max_steps=max_steps,
        learning_rate=rate,
        warmup_steps=0.1,
        per_device_train_batch_size=batch_size,
        label_names=["labels"],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        seed=seed,
    )
    trainer = Seq2SeqTrainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset,
        data_collator=data_collator,
    )
    trainer.remove_callback(PrinterCallback)  # nine runs would print too much
    trainer.train()
    return trainer.optimizer


# %% [markdown]
# ## The same search for everyone
#
# A learning rate that suits one way ruins another. So each kind of model gets as many tries as the other: three rates, a
# short run for each, judged by the loss on the validation split. `Trainer` and the loop do the same arithmetic, so they
# share one search.

# %%
rates = {"full": full_rates, "LoRA": lora_rates}
found = {}
for kind, tried in rates.items():
    for rate in tried:
        model = new_model(lora=kind == "LoRA", seed=0)
        with_loop(model, rate, seed=0, steps=search_steps)
        found[kind, rate] = validation_loss(model)
        print(f"{kind:5} rate {rate:.1e}: validation loss {found[kind, rate]:.3f}")

best_rate = {kind: min(tried, key=lambda rate: found[kind, rate]) for kind, tried in rates.items()}
print(best_rate)

# %% [markdown]
# The last line holds the rates that go on. If one of them stands at the edge of its row, a better one may lie beyond: the
# search was equal, not exhaustive.
#
# ## What a run costs
#
# Seconds depend on the machine and on what else it is doing. Memory we count from the tensors: weights, the optimiser's
# moments, gradients, and the **activations** that a forward pass keeps for the way back. PyTorch tells us about the last
# through a hook.

# %%
def training_memory(model, optimizer):
    """MiB held when a step goes backward: weights, moments, gradients, activations."""
    weights = {p.untyped_storage().data_ptr(): p.untyped_storage().nbytes() for p in model.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    batch = data_collator([train_dataset[i] for i in range(batch_size)]).to(device)
    model.train()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(**batch)
    moments = sum(t.nbytes for s in optimizer.state.values() for t in s.values() if t.dim())
    gradients = sum(p.nbytes for p in model.parameters() if p.requires_grad)
    return (sum(weights.values()) + moments + gradients + sum(kept.values())) / 2**20


# %% [markdown]
# ## Nine runs
#
# ??? predict "Predict first: order the three by ROUGE-2, by memory and by seconds."
#     `Trainer` and the loop do the same work, so they should agree. LoRA trains a small share of the weights, but each
#     step goes forward and backward through the *whole* model, and the texts are long. It saves moments and gradients;
#     how much that is beside the activations, the table will tell.

# %%
import time
from pathlib import Path

ways = {
    "Trainer": (with_trainer, "full"),
    "plain loop": (with_loop, "full"),
    "LoRA": (with_trainer, "LoRA"),
}
runs = []
for way, (train, kind) in ways.items():
    for seed in seeds:
        model = new_model(lora=kind == "LoRA", seed=seed)
        start = time.perf_counter()
        optimizer = train(model, best_rate[kind], seed)
        seconds = time.perf_counter() - start
        model.save_pretrained(way)
        guesses = summaries(model)
        run = {"way": way, "rouge2": rouge_2(guesses), "invented": invented(guesses), "seconds": seconds}
        run["memory"] = training_memory(model, optimizer)
        run["trained"] = sum(p.numel() for p in model.parameters() if p.requires_grad)
        run["disk"] = sum(p.stat().st_size for p in Path(way).glob("*.safetensors")) / 2**20
        runs.append(run)
        print(f"{way:11} seed {seed}: ROUGE-2 {run['rouge2']:.1f}, invented {run['invented']:.1f} %")

# %% [markdown]
# Look at the spread within each way before you look at the differences between them. And compare the first two, seed by
# seed: seeded alike, they deal the same batches.
#
# ## One table

# %%
from statistics import mean, stdev

rows = {way: [run for run in runs if run["way"] == way] for way in ways}
print("            ROUGE-2      invented       trained   memory  seconds   saved")
for way, some in rows.items():
    spread = {key: [run[key] for run in some] for key in ("rouge2", "invented")}
    print(
        f"{way:11}", *(f"{mean(v):4.1f} ± {stdev(v):4.1f}  " for v in spread.values()),
        f"{some[0]['trained']:8,}  {some[0]['memory']:5.1f} M  {mean(run['seconds'] for run in some):6.1f}"
        f"  {some[0]['disk']:5.2f} M",
    )
print(f"lead-3      {lead_3:4.1f}\nuntouched   {untouched:4.1f}")

# %% [markdown]
# ROUGE-2 and the share of summaries with an invented number are means of the seeds with their standard deviation; memory
# and files are in MiB. The same figures go to the course's manifest, with what LoRA recovered of the gain:

# %%
from course_utils.lesson import Result, show_results

score = {way: mean(run["rouge2"] for run in some) for way, some in rows.items()}
against = {"baseline": max(untouched, lead_3), "baseline_name": "lead-3"}
results = [Result(f"ROUGE-2, {way}, mean", score[way], **against) for way in ways]
results += [
    Result(f"ROUGE-2, {way}, worst seed", min(run["rouge2"] for run in some), **against)
    for way, some in rows.items()
]
recovered = 100 * (score["LoRA"] - untouched) / (score["Trainer"] - untouched)
share = 100 * rows["LoRA"][0]["trained"] / rows["Trainer"][0]["trained"]
results += [
    Result("ROUGE-2, untouched", untouched),
    Result("gain recovered by LoRA", recovered, unit="%"),
    Result("weights trained by LoRA", share, unit="%", higher_is_better=False),
]
for way, some in rows.items():
    results.append(Result(f"invented numbers, {way}", mean(r["invented"] for r in some), unit="%", higher_is_better=False))
    results.append(Result(f"time, {way}", mean(r["seconds"] for r in some), unit="s", kind="cost"))
show_results(results)

# %% [markdown]
# And as a picture, since a trade is easier to see than to read: quality upwards, cost to the right.

# %% alt="Three scatter plots of test ROUGE-2, one dot for each seed, against memory in training, seconds and the share of summaries with an invented number. Trainer and plain loop lie on top of each other; LoRA lies to their left in memory. A dashed line marks lead-3."
import matplotlib.pyplot as plt

from course_utils.lesson import use_plot_style

use_plot_style()
fig, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True)
costs = {"memory": "memory in training, MiB", "seconds": "training, seconds", "invented": "invented numbers, %"}
for ax, (cost, label) in zip(axes, costs.items()):
    for way, marker in zip(ways, "os^"):
        points = [(run[cost], run["rouge2"]) for run in rows[way]]
        size = 9 if way == "Trainer" else 6  # so that equal points show both
        ax.plot(*zip(*points), linestyle="", marker=marker, markersize=size, label=way)
    ax.axhline(lead_3, linestyle="--", color="C5", label="lead-3")
    ax.set(xlabel=label, ylim=(0, 1.2 * max(run["rouge2"] for run in runs)))
    ax.set(xlim=(0, 1.15 * max(run[cost] for run in runs)))
axes[0].set(title="Quality against cost", ylabel="test ROUGE-2")
axes[2].legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Three things to read off. `Trainer` and the loop share their places: there is one method under two interfaces. In memory
# LoRA lies to the left, by its moments and gradients; the activations of long texts it cannot save. And the panel on the
# right keeps us sober: all ways invent numbers, and a better ROUGE-2 is no promise of fewer.
#
# How high LoRA stands is the row *gain recovered by LoRA* of the table, and how steady it is, its spread. Summarising asks
# for a small change to a model that can read and write already, and a small change is what LoRA can make. Full
# fine-tuning can make any change, and at these rates and steps some of its changes probably do the copying of names and
# numbers no good. Where a domain brings many new words, as in [the translation of manuals](../translation/comparison.py), the same
# rank recovers less.
#
# ## When to choose which
#
# | you have | choose | because |
# |---|---|---|
# | a standard task, and others who must read your code | `Trainer` | evaluation, checkpoints and logging are there, and tested |
# | a loss or a schedule of your own; something to find out | a loop | every line can be changed and looked at |
# | several jobs on one base, such as summaries and titles | LoRA | each is a small file, and none harms another |
# | a model that fits into memory only without its moments | LoRA | it keeps moments and gradients for a small share |
# | readers who will act on the numbers | none of them alone | check each number against the text, or copy it |
#
# ## Exercises
#
# !!! exercise "Exercise 1 · The clinic: longer is better"
#     A colleague compares two summarisers by the *recall* of ROUGE-2 and finds that the one with the larger
#     `max_summary` always wins. Mend `rank_systems`: it gets for each system the pairs that it shares with the references
#     and the pairs that it wrote, and the number of pairs in the references.
#
# ??? hint "Hint"
#     Recall is shared over reference, precision is shared over written; F1 is twice their product over their sum. The
#     case that fails: a system that writes the whole text.

# %%
def rank_systems(systems, reference_pairs):
    """Names of the systems, best first; each has `shared` and `written` pairs."""
    return sorted(systems, key=lambda name: systems[name]["shared"] / reference_pairs, reverse=True)


# %% tags=["solution"]
def rank_systems(systems, reference_pairs):
    """Names of the systems, best first; each has `shared` and `written` pairs."""

    def f1(name):
        return 2 * systems[name]["shared"] / (systems[name]["written"] + reference_pairs)

    return sorted(systems, key=f1, reverse=True)


# %% tags=["check"]
systems = {
    "the whole text": {"shared": 900, "written": 12_000},
    "short": {"shared": 700, "written": 1_500},
    "silent": {"shared": 10, "written": 12},
}
got = rank_systems(systems, reference_pairs=2_000)
assert got[0] == "short", f"{got[0]!r} wins: it writes a lot and is right seldom"
assert got == ["short", "the whole text", "silent"], got

# %% [markdown]
# !!! exercise "Exercise 2 · Is it more than luck?"
#     Two ways have been run with the same seeds. Write `wins(first, second)`: the share of seeds, from 0 to 1, at which the
#     first has the higher score; a tie counts half. Scores come as dictionaries from seed to score.
#
# ??? hint "Hint"
#     Compare seed by seed, not mean by mean. The case that fails: seeds that only one of the two has are left out.

# %%
def wins(first, second):
    """Share of the common seeds at which `first` scores higher; a tie counts half."""
    ...


# %% tags=["solution"]
def wins(first, second):
    """Share of the common seeds at which `first` scores higher; a tie counts half."""
    common = first.keys() & second.keys()
    return sum((first[s] > second[s]) + 0.5 * (first[s] == second[s]) for s in common) / len(common)


# %% tags=["check"]
assert wins({0: 2.0, 1: 3.0}, {0: 1.0, 1: 3.0}) is not None, "nothing is returned yet"
assert wins({0: 2.0, 1: 3.0}, {0: 1.0, 1: 3.0}) == 0.75, "one win and one tie of two"
assert wins({0: 2.0, 1: 9.0}, {0: 3.0, 2: 1.0}) == 0.0, "only seed 0 is common"

# %% [markdown]
# !!! exercise "Exercise 3 · Fewer reports"
#     Train on 200 reports instead of all. Guess first: does LoRA fall back behind full fine-tuning, or does it catch up?
#     There is no check for this one.
#
# ## At full scale
#
# The same file runs with a real checkpoint on real bills. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# Our figures are pocket figures: a model of under a million weights, invented reports, a score that still rises when the
# steps run out. What they show is how to compare. How much LoRA loses or wins, each model and task must tell for itself.
#
# ## Recap
#
# - Let one thing differ, and give each way the same search.
# - Choose on validation, judge on test, repeat with other seeds, and print the spread.
# - `Trainer` and a loop are one method. LoRA is another: less memory, small files, about the same time.
# - Two judges see more than one: ROUGE for wording, a check of facts for truth.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Dodge et al. (2019), *Show your work: improved reporting of experimental results*
# - Fabbri et al. (2021), *SummEval: re-evaluating summarization evaluation*
# - Biderman et al. (2024), *LoRA learns less and forgets less*
# - Transformers documentation, *Summarization*; PEFT documentation, *LoRA*
