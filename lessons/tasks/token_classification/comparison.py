# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Token classification, three ways compared
#     path: walkthrough
#     objectives:
#       fair-taggers: "Compare ways of training a tagger on matched data, seeds, steps, batch and search budget"
#       tagger-spread: "Report entity F1 with its spread over seeds, and tell a difference from noise"
#       choose-tagger: "Choose between Trainer, loop and LoRA for a tagger by what each costs"
#     meets: ["000#5"]
#     minutes: 25
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         dataset_id: leondz/wnut_17
#         revision: refs/convert/parquet
#         max_steps: 600
#         search_steps: 200
#         batch_size: 16
#         full_rates: [2.0e-5, 5.0e-5, 1.0e-4]
#         lora_rates: [2.0e-4, 5.0e-4, 1.0e-3]
#         target_modules: [query, key, value, dense]
#         rank: 8
#         lora_alpha: 16
#       resources: {gpus: 1, memory_gb: 8, minutes: 40, timeout: 90}
# ---

# %% [markdown]
# # Token classification, three ways compared
#
# Three walkthroughs trained the same tagger by `Trainer`, by a plain loop and by LoRA, each with one seed. One run
# proves little. Here we hold equal what can be held equal, run each way three times, and put quality and cost into one
# table.

# %% [markdown]
# **New here?** The three ways are [the Trainer](trainer.py), [plain PyTorch](pytorch.py) and
# [LoRA](peft.py). The documentation has no page like this one; comparisons on the web often differ in
# learning rate, batch or number of steps as well, and then nobody can tell what made the difference.
#
# The task, once more: every word gets a BIO label, and an entity counts as found only if its type and both its ends
# are right.
#
# ## What is held equal
#
# | held equal | Trainer | plain loop | LoRA |
# |---|---|---|---|
# | sentences, alignment, test split | same | same | same |
# | seeds | same three | same three | same three |
# | optimiser steps and batch | same | same | same |
# | learning rates tried | three | those of Trainer | three |
# | what is trained | everything | everything | adapters and the top layer |
#
# The last row is what we compare; the others must not differ. A way that got a better-chosen learning rate
# than its rival would win for a reason that we did not mean to measure.
#
# ## The settings

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id, revision = "pocket/entities", "main"
example = 23  # the row that travels with us
max_steps, search_steps, batch_size = 150, 100, 32
full_rates = [1e-3, 2e-3, 4e-3]
lora_rates = [5e-3, 1e-2, 2e-2]
target_modules = ["query", "key", "value", "dense"]
rank, lora_alpha = 8, 16
seeds = [0, 1, 2]

# %% [markdown]
# The data are those of the walkthroughs: the first piece of each word carries its label, every other token gets `-100`.
# The travelling row shows that none has slipped.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer, DataCollatorForTokenClassification

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
raw_datasets = load_dataset(dataset_id, revision=revision)
label_names = raw_datasets["train"].features["ner_tags"].feature.names


def tokenize_and_align(batch):
    encodings = tokenizer(batch["tokens"], is_split_into_words=True, truncation=True)
    encodings["labels"] = []
    for i, tags in enumerate(batch["ner_tags"]):
        ids = encodings.word_ids(i)
        firsts = [word is not None and word != before for word, before in zip(ids, [None, *ids])]
        encodings["labels"].append([tags[w] if first else -100 for w, first in zip(ids, firsts)])
    return encodings


columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(tokenize_and_align, batched=True, remove_columns=columns)
data_collator = DataCollatorForTokenClassification(tokenizer)
row = tokenized_datasets["train"][example]
tokens = tokenizer.convert_ids_to_tokens(row["input_ids"])
print(*(f"{t}/{'·' if k == -100 else label_names[k]}" for t, k in zip(tokens, row["labels"])))

# %% [markdown]
# Two of its sentences in a batch, and the metric on a perfect, a short and a silly guess:

# %%
from seqeval.metrics import f1_score

batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in batch.items()}, "labels:", batch["labels"].tolist(), sep="\n")
toy = ["B-PER", "I-PER", "O", "B-ORG", "I-ORG", "O", "B-LOC", "O"]
for name, guess in {"perfect": toy, "short": toy[:1] + ["O"] + toy[2:], "silly": ["O"] * 8}.items():
    print(f"{name:8} F1 {f1_score([toy], [guess], zero_division=0):.2f}")

# %% [markdown]
# The figure to beat is that of the look-up table; its code is folded.

# %% tags=["hide-input"]
from collections import Counter, defaultdict

seen = defaultdict(Counter)
for sentence in raw_datasets["train"]:
    for word, tag in zip(sentence["tokens"], sentence["ner_tags"]):
        seen[word][label_names[tag]] += 1
table = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}
looked_up = [[table.get(word, "O") for word in words] for words in raw_datasets["test"]["tokens"]]
truths = [[label_names[tag] for tag in tags] for tags in raw_datasets["test"]["ner_tags"]]
baseline = f1_score(truths, looked_up, zero_division=0)
print(f"look-up table on the test split: entity F1 {baseline:.3f}")

# %% [markdown]
# ## The ways, each as a function
#
# A model is made by its name. The top layer and the adapters are random, so the seed is set first. The load report,
# known from the walkthroughs, would be printed with every model, so we ask for errors only.

# %%
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForTokenClassification, set_seed
from transformers.utils import logging

logging.set_verbosity_error()
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
adapters = {"target_modules": target_modules, "r": rank, "lora_alpha": lora_alpha}


def make_model(way, seed):
    """A model ready to be trained in the way of that name."""
    set_seed(seed)
    model = AutoModelForTokenClassification.from_pretrained(
        checkpoint,
        id2label=dict(enumerate(label_names)),
        label2id={name: i for i, name in enumerate(label_names)},
    )
    return get_peft_model(model, LoraConfig(task_type="TOKEN_CLS", **adapters)) if way == "LoRA" else model


# %% [markdown]
# Then two ways to train: `Trainer`, and the loop of the second walkthrough.

# %%
from itertools import chain

from torch.utils.data import DataLoader
from transformers import (
    PrinterCallback,
    Trainer,
    TrainingArguments,
    get_linear_schedule_with_warmup,
)


def train_by_trainer(model, rate, seed, steps):
    training_args = TrainingArguments(
        output_dir="run",
        max_steps=steps,
        learning_rate=rate,
        per_device_train_batch_size=batch_size,
        logging_strategy="no",
        save_strategy="no",
        disable_tqdm=True,
        seed=seed,
    )
    trainer = Trainer(model, training_args, data_collator, tokenized_datasets["train"])
    trainer.remove_callback(PrinterCallback)  # fifteen runs would print a lot
    trainer.train()


# %% [markdown]
# The loop differs in nothing but its notation, and in the order in which its generator draws the sentences.

# %%
def train_by_loop(model, rate, seed, steps):
    optimizer = torch.optim.AdamW(model.to(device).parameters(), lr=rate, weight_decay=0.0)
    scheduler = get_linear_schedule_with_warmup(optimizer, 0, steps)
    order = torch.Generator().manual_seed(seed)
    train = tokenized_datasets["train"]
    loader = DataLoader(train, batch_size, True, generator=order, collate_fn=data_collator)
    model.train()
    for _, batch in zip(range(steps), chain.from_iterable(loader for _ in range(steps))):
        model(**batch.to(device)).loss.backward()  # one process: the mean over its labelled words
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()


# %% [markdown]
# All are judged by the same function.

# %%
@torch.no_grad()
def predict(model, split):
    """Label names of every sentence of a split, as the model says; O for words that did not fit in."""
    said, data = [], tokenized_datasets[split]
    for batch in DataLoader(data, 64, collate_fn=data_collator):
        labels = batch.pop("labels")
        best = model.eval()(**batch.to(model.device)).logits.argmax(-1).cpu()
        said += [[label_names[i] for i in b[k].tolist()] for b, k in zip(best, labels != -100)]
    lengths = [len(words) for words in raw_datasets[split]["tokens"]]
    return [tags + ["O"] * (length - len(tags)) for tags, length in zip(said, lengths)]


def score(model, split):
    right = [[label_names[tag] for tag in tags] for tags in raw_datasets[split]["ner_tags"]]
    return f1_score(right, predict(model, split), zero_division=0)


untouched = {seed: score(make_model("Trainer", seed), "test") for seed in seeds}
print("untouched model on the test split:", *(f"{f1:.3f}" for f1 in untouched.values()))

# %% [markdown]
# ## The search, equally large for both
#
# Three learning rates each, a short run, one seed, judged on the *validation* split. The loop takes the
# rate of `Trainer`, since it is the same method.
#
# ??? predict "Predict first: which of the two wants the higher rate, full fine-tuning or LoRA?"
#     LoRA. Its product starts at zero, and a few thin matrices have to carry the whole change.

# %%
import time


def search(way, rates):
    """Validation F1 after a short run, by learning rate."""
    found = {}
    for rate in rates:
        model = make_model(way, seeds[0])
        train_by_trainer(model, rate, seeds[0], search_steps)
        found[rate] = score(model, "validation")
    return found


searched = {"Trainer": search("Trainer", full_rates), "LoRA": search("LoRA", lora_rates)}
best_rate = {way: max(found, key=found.get) for way, found in searched.items()}
best_rate["plain loop"] = best_rate["Trainer"]
for way, found in searched.items():
    print(f"{way:8}", *(f"{rate:g}: {f1:.3f}  " for rate, f1 in found.items()), f"→ {best_rate[way]:g}")

# %% [markdown]
# A best rate at the edge of its list would mean that the search was too narrow on that side. Look where the two winners
# stand, and keep in mind that a short run prefers higher rates than a long one.
#
# ## What a step needs in memory
#
# For training, memory holds the weights, a gradient and two running means of AdamW for each *trained*
# weight, and what the forward pass keeps for the backward pass. On a laptop's processor the peak of one run
# cannot be told from that of the others in the same program, so we add the tensors up.

# %%
def step_memory(model):
    """Megabytes that one training step holds: weights, gradients, AdamW's means, activations."""
    weights = {p.data_ptr(): p.nbytes for p in model.parameters()}
    trained = sum(p.nbytes for p in model.parameters() if p.requires_grad)
    kept = {}

    def keep(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    batch = data_collator([tokenized_datasets["train"][i] for i in range(batch_size)])
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = model.train()(**batch.to(model.device)).loss
    activations = sum(size for address, size in kept.items() if address not in weights)
    del loss
    return (sum(weights.values()) + 3 * trained + activations) / 1e6


# %% [markdown]
# ## Nine runs
#
# Three ways, three seeds. The seed fixes the top layer, the adapters, the dropout and the order of the batches.

# %%
runs, models = {}, {}
for way in "Trainer", "plain loop", "LoRA":
    train = train_by_loop if way == "plain loop" else train_by_trainer
    for seed in seeds:
        model = make_model(way, seed)
        start = time.perf_counter()
        train(model, best_rate[way], seed, max_steps)
        seconds = time.perf_counter() - start
        said = predict(model, "test")
        runs[way, seed] = {"f1": f1_score(truths, said), "seconds": seconds, "said": said}
        models[way] = model  # of the last seed

# %% [markdown]
# ## The table
#
# Mean over the seeds, with the lowest and the highest.

# %%
from pathlib import Path

costs = {}
print(f"{'':12}  entity F1                 trained  memory  seconds  saved")
for way, model in models.items():
    f1s = [runs[way, seed]["f1"] for seed in seeds]
    model.save_pretrained(way)
    saved = sum(p.stat().st_size for p in Path(way).glob("*.safetensors")) / 1e6
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    seconds = sum(runs[way, seed]["seconds"] for seed in seeds) / len(seeds)
    costs[way] = {"trained": trained, "saved": saved, "memory": step_memory(model), "seconds": seconds}
    mean = sum(f1s) / len(f1s)
    print(f"{way:12}  {mean:.3f} ({min(f1s):.3f} to {max(f1s):.3f})  {trained:11,}", end="")
    print(f"  {costs[way]['memory']:4.0f} MB  {seconds:5.1f} s  {saved:5.2f} MB")
print(f"{'look-up':12}  {baseline:.3f}\n{'untouched':12}  {sum(untouched.values()) / len(seeds):.3f}")

# %% [markdown]
# `Trainer` and the loop draw their batches in different orders; a difference between their two rows that is no
# larger than the spread within a row is noise. The two are the same method. What differs is how much of it you see.
#
# LoRA trains a small share of the weights and saves a small file. Whether that also saves memory and time you can read
# off: gradients and AdamW's means shrink, activations do not, and a step still runs through the whole model, forward
# and backward.

# %%
from course_utils.lesson import Result, show_results, use_plot_style

against = {"baseline": baseline, "baseline_name": "look-up table"}
results = []
for way in models:
    f1s = [runs[way, seed]["f1"] for seed in seeds]
    results += [
        Result(f"entity F1, {way}, mean", sum(f1s) / len(f1s), **against),
        Result(f"entity F1, {way}, worst seed", min(f1s), **against),
    ]
gain = {way: sum(runs[way, seed]["f1"] - untouched[seed] for seed in seeds) for way in models}
trained_share = 100 * costs["LoRA"]["trained"] / costs["Trainer"]["trained"]
results += [
    Result("gain that LoRA recovers", 100 * gain["LoRA"] / gain["Trainer"], "%"),
    Result("parameters that LoRA trains", trained_share, "%", higher_is_better=False),
]
show_results(results)

# %% [markdown]
# *Gain* is how far F1 rises above that of the untouched model with the same seed.
#
# ## Quality against cost

# %% alt="Two scatter charts of test entity F1 against the megabytes that a training step needs and against the megabytes saved; LoRA's runs lie to the left of full fine-tuning's."
import matplotlib.pyplot as plt

use_plot_style()
fig, axes = plt.subplots(1, 2, figsize=(7, 3), sharey=True)
for ax, cost, label in zip(axes, ("memory", "saved"), ("MB for a step", "MB saved")):
    for way, marker in zip(models, "os^"):
        f1s = [runs[way, seed]["f1"] for seed in seeds]
        ax.plot([costs[way][cost]] * len(f1s), f1s, marker, alpha=0.8, label=way)
    ax.set(xlabel=label, xlim=(0, 1.15 * costs["Trainer"][cost]))
axes[0].set_ylabel("test entity F1")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Higher and further left is better. Each mark is a run, so the height of a cluster is its spread. The scale on the left
# does not begin at zero, or the marks would hide each other; the look-up table lies far below the picture.
#
# ## Do they make the same mistakes?
#
# Equal scores need not mean equal answers. We sort what each way marks wrongly: an entity with the right place and
# another type, an entity with a wrong end, one that was missed, one that was invented.

# %%
from seqeval.metrics.sequence_labeling import get_entities


def mistakes(truth, said):
    """Count the kinds of mistakes in one sentence."""
    right, marked = set(get_entities(truth)), set(get_entities(said))
    kinds = Counter()
    for _, first, last in marked - right:
        rivals = [(f, t) for _, f, t in right if f <= last and first <= t]
        if (first, last) in rivals:
            kinds["wrong type"] += 1
        else:
            kinds["wrong end" if rivals else "invented"] += 1
    spans = [(f, t) for _, f, t in marked]
    kinds["missed"] = sum(all(t < f2 or t2 < f for f2, t2 in spans) for _, f, t in right)
    return kinds


# %% [markdown]
# Over all seeds, by way:

# %% alt="Grouped bar chart of the number of mistakes on the test split by kind, for Trainer, plain loop and LoRA."
fig, ax = plt.subplots(figsize=(7, 2.8))
kinds = ["wrong type", "wrong end", "missed", "invented"]
for offset, way in enumerate(models):
    total = Counter()
    for seed in seeds:
        for truth, said in zip(truths, runs[way, seed]["said"]):
            total.update(mistakes(truth, said))
    places = [i + 0.27 * (offset - 1) for i in range(len(kinds))]
    ax.bar(places, [total[kind] / len(seeds) for kind in kinds], 0.25, label=way)
ax.set_xticks(range(len(kinds)), kinds)
ax.set(title="Mistakes by kind, mean of the seeds", ylabel="entities")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Now sentence by sentence. How often do two runs disagree that differ in their seed only, and how often two that
# differ in the way?

# %%
def disagreement(one, other):
    """Test sentences that two runs label differently."""
    return sum(a != b for a, b in zip(runs[one]["said"], runs[other]["said"]))


print(f"Trainer, two seeds       {disagreement(('Trainer', seeds[0]), ('Trainer', seeds[1]))}")
print(f"LoRA, two seeds          {disagreement(('LoRA', seeds[0]), ('LoRA', seeds[1]))}")
print(f"Trainer and LoRA         {disagreement(('Trainer', seeds[0]), ('LoRA', seeds[0]))}")
print(f"of {len(truths)} test sentences")

# %% [markdown]
# If the seed alone changes about as many answers as the way does, the way is not what decides about a single sentence. Last, the same
# new sentences to the last model of each:

# %%
for sentence in [
    "Henrietta Claycott left Eastlow to work at Jubin Dairies .",
    "henrietta claycott left eastlow to work at jubin dairies .",
]:
    inputs = tokenizer(sentence.split(), is_split_into_words=True, return_tensors="pt")
    first = {word: place for place, word in reversed(list(enumerate(inputs.word_ids())))}
    for way, model in models.items():
        best = model.eval()(**inputs.to(model.device)).logits[0].argmax(-1).tolist()
        labels = [label_names[best[first[i]]] for i in range(len(sentence.split()))]
        print(f"{way:11}", *(w if k == "O" else f"{w}/{k}" for w, k in zip(sentence.split(), labels)))

# %% [markdown]
# Compare with what you would have marked. Where all three lose the names that have lost their capitals, the cause is in
# the data, and no way of training mends it.
#
# ## When to choose which
#
# - **`Trainer`**, unless there is a reason against it: least code, and logging, resuming and several devices are in it.
# - **A loop of your own** when the step itself is what you want to change: a loss with weights for rare labels, a
#   layer on top that decodes whole sequences. It costs you the bugs that `Trainer` no longer has.
# - **LoRA** when many taggers share one base, or when the base is too large to be trained whole. Its quality has to be
#   measured each time: read the table above, not this sentence.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · A difference, seed by seed"
#     Two ways ran with the same seeds, so their runs come in pairs. Write `paired(a, b)` for two lists of F1 over the
#     same seeds: the mean of the differences `a - b`, and whether all of them have the same sign.
#
# ??? hint "Hint"
#     The case that fails in most first attempts: a difference of exactly zero has no sign.

# %%
def paired(a, b):
    """Mean difference, and whether every seed agrees which of the two is better."""
    ...


# %% tags=["solution"]
def paired(a, b):
    """Mean difference, and whether every seed agrees which of the two is better."""
    differences = [x - y for x, y in zip(a, b)]
    agree = all(d > 0 for d in differences) or all(d < 0 for d in differences)
    return sum(differences) / len(differences), agree


# %% tags=["check"]
for a, b, mean, agree in [
    ([0.9, 0.8], [0.8, 0.6], 0.15, True),
    ([0.9, 0.6], [0.8, 0.8], -0.05, False),
    ([0.9, 0.8], [0.9, 0.7], 0.05, False),
]:
    got = paired(a, b)
    assert got is not None and abs(got[0] - mean) < 1e-9, f"mean of {a} against {b}: {got}"
    assert got[1] is agree, f"do all seeds of {a} and {b} agree? {got}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: a table that cannot be trusted"
#     A report ranks taggers by `clinic_best(runs)`, which gets `{way: [(validation F1, test F1) of each seed]}` and
#     returns the name of the best way and the figure to report. It has two bugs that every field has: it chooses by the
#     wrong split, and it reports the luckiest seed. Mend it: choose by the mean on validation, report the mean on test.
#
# ??? hint "Hint"
#     Whatever a figure was used to choose no longer judges fairly.

# %%
def clinic_best(runs):
    """Name of the best way and the F1 to report. Two bugs."""
    best = max(runs, key=lambda way: max(test for _, test in runs[way]))
    return best, max(test for _, test in runs[best])


# %% tags=["solution"]
def clinic_best(runs):
    """Name of the best way and the F1 to report."""
    best = max(runs, key=lambda way: sum(validation for validation, _ in runs[way]) / len(runs[way]))
    return best, sum(test for _, test in runs[best]) / len(runs[best])


# %% tags=["check"]
reported = {"a": [(0.80, 0.70), (0.82, 0.74)], "b": [(0.70, 0.90), (0.84, 0.60)]}
got = clinic_best(reported)
assert got[0] == "a", f"{got[0]} was chosen: by which split, and by one seed or by all?"
assert abs(got[1] - 0.72) < 1e-9, f"{got[1]} is not the mean over the seeds"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# On a GPU the peak can be measured instead of added up, by `torch.cuda.max_memory_allocated()`. With a base a hundred
# times as large, weights and AdamW's means outweigh the activations of such short sentences, and there LoRA saves
# memory in earnest.
#
# ## Recap
#
# - Hold data, seeds, steps, batch and the size of the search equal; then a difference means something.
# - Report the spread of the seeds. A difference within it is noise.
# - `Trainer` and the loop are one method in two notations.
# - LoRA always saves disk, and memory where weights rather than activations fill it; whether it costs quality is for
#   the table to say.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Reimers and Gurevych (2017), *Reporting score distributions makes a difference: performance study of LSTM-networks
#   for sequence tagging*
# - Dodge et al. (2019), *Show your work: improved reporting of experimental results*
# - PEFT documentation, *Token classification*
