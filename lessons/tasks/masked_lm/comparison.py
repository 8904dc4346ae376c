# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Masked language modelling, three ways compared
#     path: walkthrough
#     objectives:
#       fair-mlm: "Compare ways of training on matched data, masks, seeds, steps, batch and search budget"
#       spread-mlm: "Report a mean with its spread, and tell a difference from noise"
#       choose-mlm: "Choose between Trainer, loop and LoRA for adapting a masked language model, and say what decides"
#     meets: ["000#2"]
#     minutes: 25
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
#         search_steps: 100
#         batch_size: 64
#         full_rates: [2.0e-5, 5.0e-5, 1.0e-4]
#         lora_rates: [2.0e-4, 5.0e-4, 1.0e-3]
#         rank: 16
#         lora_alpha: 32
#       resources: {gpus: 1, memory_gb: 16, minutes: 45, timeout: 120}
# ---

# %% [markdown]
# # Masked language modelling, three ways compared
#
# Three walkthroughs trained the same model by `Trainer`, by a plain loop and by LoRA, each with one seed. One
# run proves little. Here we hold everything equal that can be held equal, run each way three times, and put it
# all into one table.

# %% [markdown]
# **New here?** The three ways are [the Trainer](trainer.py), [plain PyTorch](pytorch.py) and
# [LoRA](peft.py). The documentation has no page like this one. In the Hugging Face course, whose section on this
# task this group of lessons follows, the two ways differ in learning rate and masks, so their figures cannot be compared.
#
# ## What is held equal
#
# | | Trainer | plain loop | LoRA |
# |---|---|---|---|
# | reviews, chunks, test masks | same | same | same |
# | training masks of a seed | same | same | same |
# | seeds | same three | same three | same three |
# | optimiser steps and batch | same | same | same |
# | learning rates tried | three | those of Trainer | three |
# | dropout | off | off | off |
# | what is trained | everything | everything | adapters and some embeddings |
#
# The last row is what we compare; the others must not differ. A way that got a better-chosen learning rate than
# its rival, or easier masks, would win for a reason that we did not mean to measure.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/bert-mini", "main"
dataset_id, dataset_revision = "pocket/film-reviews", "main"
chunk_size, mask_share = 64, 0.15
train_rows, test_rows = 2000, 250
max_steps, search_steps, batch_size = 120, 60, 8
full_rates = [1.5e-3, 3e-3, 6e-3]
lora_rates = [3e-3, 6e-3, 1.2e-2]
target_modules = "all-linear"
rank, lora_alpha, trained_tokens = 4, 8, 500
seeds = [0, 1, 2]

# %% [markdown]
# The reviews and the masks are those of the walkthroughs; both cells are folded. The masks of a row follow from its number
# and the seed, so every way meets the same gaps.

# %% tags=["hide-input"]
from itertools import chain

import torch
from datasets import DatasetDict, load_dataset
from transformers import AutoTokenizer

pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
tokenizer = AutoTokenizer.from_pretrained(**pretrained)
raw = load_dataset(dataset_id, revision=dataset_revision)
unlabelled = raw["unsupervised"].shuffle(seed=0).remove_columns("label")
raw_datasets = DatasetDict(
    train=unlabelled.select(range(train_rows)),
    validation=unlabelled.select(range(train_rows, train_rows + test_rows)),
    test=raw["test"].shuffle(seed=0).remove_columns("label").select(range(test_rows)),
)


def word_starts(word_ids):
    """1 where a word or a special token begins, 0 where a word goes on."""
    return [int(word is None or word != before) for before, word in zip([None, *word_ids], word_ids)]


# %% tags=["hide-input"]
def tokenize_and_group(batch):
    encoding = tokenizer(batch["text"])
    starts = [word_starts(encoding.word_ids(i)) for i in range(len(batch["text"]))]
    joined = {"input_ids": list(chain(*encoding["input_ids"])), "starts": list(chain(*starts))}
    end = len(joined["starts"]) // chunk_size * chunk_size
    cuts = range(0, end, chunk_size)
    return {name: [column[i : i + chunk_size] for i in cuts] for name, column in joined.items()}


def hide_words(row, seed=0):
    """Hide whole words of a row with ids and starts [tokens]: inputs and labels [tokens]."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + int(row["row"]))
    ids, words = row["input_ids"], row["starts"].cumsum(0)
    hidden = torch.rand(len(ids) + 1, generator=generator)[words] < mask_share
    hidden &= ~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    inputs, labels = ids.masked_fill(hidden, tokenizer.mask_token_id), ids.masked_fill(~hidden, -100)
    return {"input_ids": inputs, "labels": labels}


tokenized_datasets = raw_datasets.map(tokenize_and_group, batched=True, remove_columns=["text"])
tokenized_datasets = tokenized_datasets.map(lambda _, i: {"row": i}, with_indices=True).with_format("torch")
tokenized_datasets.num_rows

# %% [markdown]
# ## The ways, each as a function
#
# Beside its adapters LoRA trains the embeddings of the commonest tokens. PEFT 0.21 then leaves out the decoder's bias, which a
# hook puts back; [the walkthrough](peft.py) shows how that was found.

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
counts = torch.bincount(tokenized_datasets["train"][:]["input_ids"].flatten(), minlength=len(tokenizer))
counts[tokenizer.all_special_ids] = 0
token_indices = sorted(counts.topk(trained_tokens).indices.tolist())
adapters = {"target_modules": target_modules, "r": rank, "lora_alpha": lora_alpha}


def add_bias(layer, inputs, logits):
    """Put back what PEFT leaves out, unless the adapter is switched off or merged."""
    return logits if layer.disable_adapters or layer.merged else logits + layer.base_layer.bias


# %% [markdown]
# A model is made by the name of its way. Adapters depend on the seed, so it is set first.

# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForMaskedLM, set_seed


def make_model(way, seed):
    """A model without dropout, ready to be trained in the way of that name."""
    set_seed(seed)
    model = AutoModelForMaskedLM.from_pretrained(**pretrained)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    if way == "LoRA":
        model = get_peft_model(model, LoraConfig(trainable_token_indices=token_indices, **adapters))
        model.get_output_embeddings().token_adapter.register_forward_hook(add_bias)
    return model


# %% [markdown]
# Then two ways to train: `Trainer`, and the loop of the second walkthrough. Where many runs follow each other, we want
# neither progress bars nor logs, so `disable_tqdm` and `remove_callback` keep it silent.

# %%
from transformers import PrinterCallback, Trainer, TrainingArguments, default_data_collator


def collator_of(seed):
    """A collator that hides words by row number and seed."""
    return lambda rows: default_data_collator([hide_words(row, seed) for row in rows])


def train_by_trainer(model, rate, seed, steps):
    training_args = TrainingArguments(
        output_dir="run",
        max_steps=steps,
        learning_rate=rate,
        warmup_steps=0.1,
        per_device_train_batch_size=batch_size,
        logging_strategy="no",
        save_strategy="no",
        remove_unused_columns=False,
        label_names=["labels"],
        disable_tqdm=True,
        seed=seed,
    )
    trainer = Trainer(model, training_args, collator_of(seed), tokenized_datasets["train"])
    trainer.remove_callback(PrinterCallback)
    trainer.train()


# %% [markdown]
# The loop differs in nothing but its notation, and in the order in which its generator draws the chunks.

# %%
import math

from torch.utils.data import DataLoader
from transformers import get_linear_schedule_with_warmup


def train_by_loop(model, rate, seed, steps):
    optimizer = torch.optim.AdamW(model.to(device).parameters(), lr=rate, weight_decay=0.0)
    scheduler = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    order = {"shuffle": True, "generator": torch.Generator().manual_seed(seed), "drop_last": True}
    loader = DataLoader(tokenized_datasets["train"], batch_size, collate_fn=collator_of(seed), **order)
    endless = chain.from_iterable(loader for _ in range(steps))
    model.train()
    for _, batch in zip(range(steps), endless):
        model(**{name: tensor.to(device) for name, tensor in batch.items()}).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()


# %% [markdown]
# All are judged by the same function, on masks that are made once.

# %%
from torch.nn.functional import cross_entropy

exams = {split: collator_of(0)(list(tokenized_datasets[split])) for split in ("validation", "test")}


@torch.no_grad()
def losses_of(model, split):
    """Loss in nats of every hidden token of a split."""
    model.to(device).eval()
    found = []
    for inputs, labels in zip(exams[split]["input_ids"].split(32), exams[split]["labels"].split(32)):
        logits = model(input_ids=inputs.to(device)).logits.cpu()[labels != -100].float()
        found.append(cross_entropy(logits, labels[labels != -100], reduction="none"))
    return torch.cat(found)


shares = ((counts + 1) / (counts + 1).sum()).log()
targets = exams["test"]["labels"][exams["test"]["labels"] != -100]
unigram = math.exp(-shares[targets].mean())
untouched = losses_of(make_model("Trainer", 0), "test").mean().exp().item()
print(f"test split: unigram frequencies {unigram:.2f}, untouched model {untouched:.2f}")

# %% [markdown]
# ## The search, equally large for both
#
# Three learning rates each, a short run, one seed, judged on the *validation* split. The loop takes the rate
# of `Trainer`, since it is the same method.
#
# ??? predict "Predict first: which of the two wants the higher rate, full fine-tuning or LoRA?"
#     LoRA. Its product starts at zero, and a few thin matrices have to carry the whole change.

# %%
import time


def search(way, rates):
    """Validation perplexity after a short run, by learning rate."""
    found = {}
    for rate in rates:
        model = make_model(way, seeds[0])
        train_by_trainer(model, rate, seeds[0], search_steps)
        found[rate] = losses_of(model, "validation").mean().exp().item()
    return found


searched = {"Trainer": search("Trainer", full_rates), "LoRA": search("LoRA", lora_rates)}
best_rate = {way: min(found, key=found.get) for way, found in searched.items()}
best_rate |= {"plain loop": best_rate["Trainer"]}
for way, found in searched.items():
    print(f"{way:8}", *(f"{rate:g}: {score:7.2f}  " for rate, score in found.items()), f"→ {best_rate[way]:g}")

# %% [markdown]
# A winner at the edge of its list would mean that the search was too narrow on that side. Look where the
# two stand before you believe in them.
#
# ## How much memory a step needs
#
# While it trains, a program holds the weights, a gradient and two running means of AdamW for each *trained*
# weight, and what the forward pass keeps for the backward pass. PyTorch's profiler notes every piece of memory
# that is taken or given back. We watch two steps, since AdamW makes its running means in the first.

# %%
import json
import os
from itertools import accumulate
from pathlib import Path

os.environ["KINETO_LOG_LEVEL"] = "6"  # else the profiler reports on itself


def peak_memory(way):
    """Megabytes at the peak of two training steps: the weights and all that is taken beside them."""
    model = make_model(way, seeds[0]).to(device).train()
    optimizer = torch.optim.AdamW(p for p in model.parameters() if p.requires_grad)
    batch = {name: tensor[:batch_size].to(device) for name, tensor in exams["test"].items()}
    with torch.profiler.profile(profile_memory=True) as profile:
        for _ in range(2):
            model(**batch).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    profile.export_chrome_trace("trace.json")
    events = json.loads(Path("trace.json").read_text())["traceEvents"]
    found = [(e["ts"], e["args"]) for e in events if e["name"] == "[memory]"]
    place = int(device.type == "cuda")  # the profiler's number: 0 is the processor, 1 a GPU
    changes = [a["Bytes"] for _, a in sorted(found, key=lambda f: f[0]) if a["Device Type"] == place]
    return (sum(p.nbytes for p in model.parameters()) + max(accumulate(changes))) / 1e6


# %% [markdown]
# ## Nine runs
#
# Three ways, three seeds. The seed fixes the order of the batches and the masks of the training, and for LoRA the first
# weights of the adapters too.

# %%
runs, models = {}, {}
for way in "Trainer", "plain loop", "LoRA":
    train = train_by_loop if way == "plain loop" else train_by_trainer
    for seed in seeds:
        model = make_model(way, seed)
        start = time.perf_counter()
        train(model, best_rate[way], seed, max_steps)
        seconds = time.perf_counter() - start
        losses = losses_of(model, "test")
        runs[way, seed] = {"perplexity": losses.mean().exp().item(), "seconds": seconds, "losses": losses}
        models[way] = model.cpu()  # of the last seed

# %% [markdown]
# ## The table
#
# The perplexity is that of the test split, as mean ± standard deviation over the seeds. Two rows need no
# training: the unigram frequencies and the untouched checkpoint.

# %%
from statistics import mean, stdev

import pandas as pd

from course_utils.lesson import Result, show_results, use_plot_style

costs, scores = {}, {}
for way, model in models.items():
    scores[way] = [runs[way, seed]["perplexity"] for seed in seeds]
    model.save_pretrained(way)
    costs[way] = {
        "trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "memory": peak_memory(way),
        "seconds": mean(runs[way, seed]["seconds"] for seed in seeds),
        "saved": sum(p.stat().st_size for p in Path(way).glob("*.safetensors")) / 1e6,
    }
shown = {"trained": "{:,}", "memory": "{:.0f}", "seconds": "{:.1f}", "saved": "{:.2f}"}
rows = {w: {name: form.format(costs[w][name]) for name, form in shown.items()} for w in models}
table = pd.DataFrame(rows).T
table.columns = ["parameters trained", "peak MB", "seconds", "MB saved"]
table.insert(0, "perplexity", [f"{mean(scores[w]):.2f} ± {stdev(scores[w]):.2f}" for w in models])
for name, figure in {"unigram frequencies": unigram, "untouched": untouched}.items():
    table.loc[name] = [f"{figure:,.2f}", "0", *"———"]
table

# %% [markdown]
# `Trainer` and the loop draw their batches in different orders; a difference between their two rows that is no
# larger than the spread within a row is noise. The two are the same method. What differs is how much of it you
# see.
#
# LoRA trains a small share of the weights and saves a small file. Compare its peak memory with that of full
# fine-tuning: gradients and running means have shrunk, but in a model this small they are a small part of the
# whole. Most is what the forward pass keeps, above all the scores of all tokens of the vocabulary at every
# place, hidden or not, and that has not shrunk. Nor has the time.

# %%
start = {"baseline": untouched, "baseline_name": "untouched checkpoint", "higher_is_better": False}
results = []
for way in models:
    results += [
        Result(f"perplexity, {way}, mean", mean(scores[way]), **start),
        Result(f"perplexity, {way}, worst seed", max(scores[way]), **start),
    ]
gain = {way: mean(math.log(untouched / score) for score in scores[way]) for way in models}
trained_share = 100 * costs["LoRA"]["trained"] / costs["Trainer"]["trained"]
results += [
    Result("gain in nats that LoRA recovers", 100 * gain["LoRA"] / gain["Trainer"], "%"),
    Result("parameters that LoRA trains", trained_share, "%", higher_is_better=False),
]
show_results(results)

# %% [markdown]
# The gain is counted in nats below the untouched model. Judge LoRA by both last rows, and by the distance between its
# perplexity and that of full fine-tuning, measured in spreads.
#
# ## Quality against cost

# %% alt="Two scatter charts of test perplexity, against the number of trained parameters and against peak memory, with one mark for each run. LoRA trains less than a tenth of the parameters; the untouched model is a dashed line far above all marks."
import matplotlib.pyplot as plt

use_plot_style()
fig, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True)
for ax, cost, label in zip(axes, ("trained", "memory"), ("parameters trained", "peak memory, MB")):
    for way, marker in zip(models, "os^"):
        ax.plot([costs[way][cost]] * len(seeds), scores[way], marker, alpha=0.8, label=way)
    ax.axhline(untouched, linestyle="--", color="C5", label="untouched")
    ax.set(xlabel=label, yscale="log")
axes[0].set(ylabel="test perplexity", xscale="log")
axes[1].set_xlim(0, None)
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
plt.show()

# %% [markdown]
# Lower and further left is better. Each mark is a run, so the height of a cluster is its spread. Only one of the two
# panels shows LoRA far to the left of the others.
#
# ## Where do they differ?
#
# The test masks are fixed, so the runs can be compared token by token. We part the hidden tokens by what could be learnt about
# them: nothing, since training never shows them; something, but not in their embeddings, which LoRA leaves frozen; or
# whatever there is.

# %% alt="Bar chart of the mean loss of hidden test tokens in three groups, for full fine-tuning and LoRA: tokens never seen in training, tokens seen but without trained embeddings in LoRA, and tokens whose embeddings LoRA trains."
commonest = torch.isin(targets, torch.tensor(token_indices))
groups = {"never seen": counts[targets] == 0, "seen, frozen in LoRA": ~commonest & (counts[targets] > 0)}
groups["trained in LoRA"] = commonest
fig, ax = plt.subplots(figsize=(7, 3))
for shift, way in (-0.2, "Trainer"), (0.2, "LoRA"):
    losses = torch.stack([runs[way, seed]["losses"] for seed in seeds]).mean(0)
    heights = [losses[chosen].mean() for chosen in groups.values()]
    bars = ax.bar([place + shift for place in range(3)], heights, 0.4, label=way)
    ax.bar_label(bars, fmt="%.2f")
ax.set_xticks(range(3), [f"{name}\n{chosen.sum()} tokens" for name, chosen in groups.items()])
ax.set(title="Loss of hidden tokens, by what LoRA trains", ylabel="nats")
ax.margins(y=0.15)
ax.legend()
plt.show()

# %% [markdown]
# The heights say what one token costs, the numbers below how many there are; multiply before you say where the distance comes from. A
# token of the middle group loses most by its frozen embedding, but there are few of them: most of LoRA's distance
# from full fine-tuning is in the large group on the right, a little at each token. A group of a handful says nothing.
#
# ## When to choose which
#
# - **`Trainer`**, unless there is a reason against it: least code, and logging, resuming and several devices are in it.
# - **A loop of your own** when the step itself is what you want to change: another way to hide words, two losses, a weighting of
#   your own. It costs you the bugs that `Trainer` no longer has.
# - **LoRA** when memory or storage decides: a base too large to be trained whole, or many domains on one base. On
#   a domain of new words train their embeddings too, or it gives quality away.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Difference or noise?"
#     Write `clearly_better(a, b)` for two lists of perplexities over seeds: true only if the worst run of `a`
#     beats the best run of `b`.
#
# ??? hint "Hint"
#     Lower is better here. The case that fails in most first attempts: comparing the means.

# %%
def clearly_better(a, b):
    """Whether every run of `a` has a lower perplexity than every run of `b`."""
    ...


# %% tags=["solution"]
def clearly_better(a, b):
    """Whether every run of `a` has a lower perplexity than every run of `b`."""
    return max(a) < min(b)


# %% tags=["check"]
assert clearly_better([5.0, 5.1], [5.2, 6.0]) is True
assert clearly_better([5.0, 5.3], [5.2, 9.0]) is False, "one run of a is worse than one of b"
assert clearly_better([5.0], [5.0]) is False, "equal is not better"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: the second way starts where the first one stopped"
#     A notebook trains by `Trainer` and then by a loop, and reports that the loop is better. It passes the *same* model to
#     both, so the second goes on from what the first has learnt. Mend `clinic_compare(make, ways)`: each way gets a
#     fresh model, and the random numbers start alike for each.
#
# ??? hint "Hint"
#     `make()` gives a new model. The case that fails in most first attempts: the seed is set once before the loop, so
#     the second way draws other numbers than the first.

# %%
def clinic_compare(make, ways):
    """The score of each way; `ways` are functions of a model. Two bugs."""
    set_seed(0)
    model = make()
    return {name: way(model) for name, way in ways.items()}


# %% tags=["solution"]
def clinic_compare(make, ways):
    """The score of each way; `ways` are functions of a model."""
    found = {}
    for name, way in ways.items():
        set_seed(0)
        found[name] = way(make())
    return found


# %% tags=["check"]
def walk(model):
    """Changes the model and scores what it has become."""
    model["steps"] += 1
    return model["steps"] + torch.rand(1).item()


got = clinic_compare(lambda: {"steps": 0}, {"one": walk, "other": walk})
assert got["other"] < 2, "the second way got a model that the first had trained"
assert got["one"] == got["other"], "the same way twice gives two figures: the random numbers differ"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# ## Recap
#
# - Hold data, masks, seeds, steps, batch and the size of the search equal; then a difference means something.
# - Report the spread of the seeds. A difference within it is noise.
# - `Trainer` and the loop are one method in two notations.
# - LoRA's share of the parameters and its share of the gain are two figures: give both.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Gururangan et al. (2020), *Don't stop pretraining: adapt language models to domains and tasks*
# - Dodge et al. (2019), *Show your work: improved reporting of experimental results*
# - PEFT documentation, *LoRA*
