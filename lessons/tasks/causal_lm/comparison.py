# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Causal language modelling, three ways compared
#     path: walkthrough
#     objectives:
#       fair-comparison: "Compare ways of training on matched data, seeds, steps, batch and search budget"
#       spread: "Report a mean with its spread, and tell a difference from noise"
#       choose-way: "Choose between Trainer, loop, LoRA and training from scratch, and say what decides"
#     meets: ["000#1", "003#11", "003#12"]
#     minutes: 25
#     full:
#       parameters:
#         checkpoint: distilbert/distilgpt2
#         checkpoint_revision: 2290a62682d06624634c1f46a6ad5be0f47f38aa
#         dataset_id: Salesforce/wikitext
#         dataset_revision: b08601e04326c79dfdd32d625aee71d232d685c3
#         block_size: 256
#         max_steps: 1000
#         search_steps: 200
#         batch_size: 16
#         full_rates: [2.0e-5, 5.0e-5, 1.0e-4]
#         lora_rates: [2.0e-4, 5.0e-4, 1.0e-3]
#         target_modules: [c_attn, c_proj, c_fc]
#         rank: 16
#         lora_alpha: 32
#       resources: {gpus: 1, memory_gb: 12, minutes: 60, timeout: 120}
# ---

# %% [markdown]
# # Causal language modelling, three ways compared
#
# Three walkthroughs trained the same model by `Trainer`, by a plain loop and by LoRA, each with one seed. One
# run proves little. Here we hold everything equal that can be held equal, run each way three times, add a model
# that starts from nothing, and put it all into one table.

# %% [markdown]
# **New here?** The three ways are [the Trainer](trainer.py), [plain PyTorch](pytorch.py) and
# [LoRA](peft.py). The documentation has no page like this one; comparisons on the web often differ in
# learning rate, batch or number of steps as well, and then nobody can tell what made the difference.
#
# ## What is held equal
#
# | | Trainer | plain loop | LoRA | from scratch |
# |---|---|---|---|---|
# | lines, blocks, test split | same | same | same | same |
# | seeds | same three | same three | same three | same three |
# | optimiser steps and batch | same | same | same | same |
# | learning rates tried | a list of its own | those of Trainer | a list as long | those of Trainer |
# | starts from | checkpoint | checkpoint | checkpoint | random weights |
# | what is trained | everything | everything | adapters | everything |
#
# The last two rows are what we compare; the others must not differ. A way that got a better-chosen learning
# rate than its rival would win for a reason that we did not mean to measure.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/gpt-mini", "main"
dataset_id, dataset_revision = "pocket/pages", "main"
block_size = 128
max_steps, search_steps, batch_size = 160, 30, 4
full_rates = [1e-3, 2e-3, 4e-3]
lora_rates = [2.5e-3, 5e-3, 1e-2]
target_modules = ["c_attn", "c_proj", "c_fc"]
rank, lora_alpha = 16, 32
seeds = [0, 1, 2]

# %% [markdown]
# The data and the trigram model are those of the walkthroughs; both cells are folded.

# %% tags=["hide-input"]
import math
from collections import Counter
from itertools import chain

from datasets import load_dataset
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, set_seed

pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
tokenizer = AutoTokenizer.from_pretrained(**pretrained)
raw_datasets = load_dataset(dataset_id, "wikitext-2-raw-v1", revision=dataset_revision)


def tokenize_and_group(batch):
    stream = list(chain.from_iterable(tokenizer(batch["text"])["input_ids"]))
    end = len(stream) // block_size * block_size
    blocks = [stream[i : i + block_size] for i in range(0, end, block_size)]
    return {"input_ids": blocks, "labels": [list(block) for block in blocks]}


tokenized_datasets = raw_datasets.map(tokenize_and_group, batched=True, remove_columns=["text"])
tokenized_datasets.num_rows

# %% tags=["hide-input"]
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


known, unknown = (list(chain(*tokenized_datasets[s]["input_ids"])) for s in ("train", "test"))
trigram = trigram_perplexity(known, unknown)
print(f"trigram model on the test split: perplexity {trigram:.2f}")

# %% [markdown]
# ## The ways, each as a function
#
# A model is made by its name. Adapters and random weights depend on the seed, so it is set first.

# %%
import torch
from peft import LoraConfig, get_peft_model

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
lora_config = LoraConfig(
    task_type="CAUSAL_LM",
    target_modules=target_modules,
    r=rank,
    lora_alpha=lora_alpha,
    fan_in_fan_out=True,
)


def make_model(way, seed):
    """A model ready to be trained in the way of that name."""
    set_seed(seed)
    if way == "from scratch":
        return AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(**pretrained))
    model = AutoModelForCausalLM.from_pretrained(**pretrained)
    return get_peft_model(model, lora_config) if way == "LoRA" else model


# %% [markdown]
# Then two ways to train: `Trainer`, and the loop of the second walkthrough. Where many runs follow each other,
# we want neither progress bars nor logs, so `disable_tqdm` and `remove_callback` keep it silent.

# %%
from transformers import PrinterCallback, Trainer, TrainingArguments
from transformers import default_data_collator as data_collator


def train_by_trainer(model, rate, seed, steps):
    training_args = TrainingArguments(
        output_dir="run",
        max_steps=steps,
        learning_rate=rate,
        warmup_steps=0.1,
        per_device_train_batch_size=batch_size,
        logging_strategy="no",
        save_strategy="no",
        disable_tqdm=True,
        seed=seed,
    )
    trainer = Trainer(model, training_args, data_collator, tokenized_datasets["train"])
    trainer.remove_callback(PrinterCallback)
    trainer.train()


# %% [markdown]
# The loop differs in nothing but its notation, and in the order in which its generator draws the blocks.

# %%
from torch.utils.data import DataLoader
from transformers import get_linear_schedule_with_warmup


def train_by_loop(model, rate, seed, steps):
    optimizer = torch.optim.AdamW(model.to(device).parameters(), lr=rate, weight_decay=0.0)
    scheduler = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    order = torch.Generator().manual_seed(seed)
    data = tokenized_datasets["train"].with_format("torch")
    loader = DataLoader(data, batch_size, shuffle=True, generator=order, drop_last=True)
    endless = chain.from_iterable(loader for _ in range(steps))
    model.train()
    for _, batch in zip(range(steps), endless):
        model(**{name: tensor.to(device) for name, tensor in batch.items()}).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()


# %% [markdown]
# All are judged by the same function.

# %%
@torch.no_grad()
def losses_of(model, split):
    """Loss in nats of every token but the first of each block, [blocks, block - 1]."""
    model.eval()
    found = []
    for ids in torch.tensor(tokenized_datasets[split]["input_ids"][:]).split(16):
        logits = model(input_ids=ids.to(model.device)).logits[:, :-1].float()
        losses = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), ids[:, 1:].to(model.device), reduction="none"
        )
        found.append(losses.cpu())
    return torch.cat(found)


untouched = losses_of(make_model("Trainer", 0), "test").mean().exp().item()
print(f"untouched model on the test split: perplexity {untouched:,.0f}")

# %% [markdown]
# ## The search, equally large for both
#
# Three learning rates each, a short run, one seed, judged on the *validation* split. The loop takes the rate
# of `Trainer`, since it is the same method, and so does the model from scratch.
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
best_rate |= {"plain loop": best_rate["Trainer"], "from scratch": best_rate["Trainer"]}
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
    optimizer = torch.optim.AdamW(model.parameters())
    ids = torch.tensor(tokenized_datasets["train"][:batch_size]["input_ids"]).to(device)
    with torch.profiler.profile(profile_memory=True) as profile:
        for _ in range(2):
            model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    profile.export_chrome_trace("trace.json")
    events = json.loads(Path("trace.json").read_text())["traceEvents"]
    found = [(e["ts"], e["args"]) for e in events if e["name"] == "[memory]"]
    place = int(device.type == "cuda")  # the profiler's number: 0 is the processor, 1 a GPU
    changes = [a["Bytes"] for _, a in sorted(found, key=lambda f: f[0]) if a["Device Type"] == place]
    return (sum(p.nbytes for p in model.parameters()) + max(accumulate(changes))) / 1e6


# %% [markdown]
# ## Twelve runs
#
# Four ways, three seeds. The seed fixes the order of the batches, and for LoRA and the model from scratch the
# first weights too.

# %%
runs, models = {}, {}
for way in "Trainer", "plain loop", "LoRA", "from scratch":
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
# training: the trigram model and the untouched checkpoint.

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
for name, figure in {"trigram model": trigram, "untouched": untouched}.items():
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
# place, and that has not shrunk. The same holds for the seconds: a step still runs through the whole model,
# forward and backward, and only the gradients of frozen weights fall away.

# %%
against = {"baseline": trigram, "baseline_name": "trigram model", "higher_is_better": False}
results = []
for way in models:
    results += [
        Result(f"perplexity, {way}, mean", mean(scores[way]), **against),
        Result(f"perplexity, {way}, worst seed", max(scores[way]), **against),
    ]
gain = {way: mean(math.log(untouched / score) for score in scores[way]) for way in models}
trained_share = 100 * costs["LoRA"]["trained"] / costs["Trainer"]["trained"]
results += [
    Result("gain in nats that LoRA recovers", 100 * gain["LoRA"] / gain["Trainer"], "%"),
    Result("parameters that LoRA trains", trained_share, "%", higher_is_better=False),
]
show_results(results)

# %% [markdown]
# The gain is counted in nats below the untouched model, as in the LoRA walkthrough, where it says why such a share
# flatters.
#
# ## Quality against cost

# %% alt="Two scatter charts of test perplexity, against the number of trained parameters and against peak memory. LoRA trains far fewer parameters at a higher perplexity, and needs nearly as much memory; the trigram model is a dashed line."
import matplotlib.pyplot as plt

use_plot_style()
fig, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True)
for ax, cost, label in zip(axes, ("trained", "memory"), ("parameters trained", "peak memory, MB")):
    for way, marker in zip(models, "os^D"):
        ax.plot([costs[way][cost]] * len(seeds), scores[way], marker, alpha=0.8, label=way)
    ax.axhline(trigram, linestyle="--", color="C5", label="trigram model")
    ax.set(xlabel=label, yscale="log")
axes[0].set(ylabel="test perplexity", xscale="log")
axes[1].set_xlim(0, None)
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
plt.show()

# %% [markdown]
# Lower and further left is better. Each mark is a run, so the height of a cluster is its spread. Only one of
# the two panels shows LoRA far to the left of the others.
#
# ## Who looks back?
#
# A trigram model sees two tokens, a network the whole block. If it makes use of them, its loss must fall
# along the block.

# %% alt="Line chart of the mean loss by place in the block, for full fine-tuning, LoRA and the model from scratch."
fig, ax = plt.subplots(figsize=(7, 3))
width = 8
for way in "Trainer", "LoRA", "from scratch":
    by_place = torch.stack([runs[way, seed]["losses"] for seed in seeds]).mean((0, 1))
    bins = [part.mean().item() for part in by_place.split(width)]
    ax.plot([width * i + width / 2 for i in range(len(bins))], bins, label=way)
ax.axhline(math.log(trigram), linestyle="--", color="C5", label="trigram model")
ax.set(title="Loss by place in the block", xlabel="tokens before", ylabel="nats a token")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# The first places are the dearest for all: without a past even a good model has to guess. From there on, the
# further a curve falls the more its model uses what stands far back, such as the name of the page.
#
# ## From scratch, adapted: what they write
#
# Training a general model further on the plain text of one domain, as we did, is called **domain-adaptive
# pretraining** (DAPT). The model from scratch has had the same steps on the same pages, and nothing
# before.

# %%
lead = next(text for text in raw_datasets["test"]["text"][:] if text.startswith(" The "))
words = lead.split(" ")
prompt = tokenizer(" ".join(words[:6]), return_tensors="pt").to(device)
print(f"prompt        {' '.join(words[:6])}")
print(f"reference     {' '.join(words[6:24])!r}")
for way in "from scratch", "Trainer", "LoRA":
    set_seed(0)
    writer = models[way].to(device)
    said = writer.generate(
        **prompt, max_new_tokens=24, do_sample=True, top_p=0.9, pad_token_id=tokenizer.eos_token_id
    )
    print(f"{way:12}  {tokenizer.decode(said[0, prompt['input_ids'].shape[1] :])!r}")

# %% [markdown]
# One sample each shows a manner, not a ranking; the ranking is in the table.
#
# ## Adapt first, then supervise
#
# Adapting teaches a model how a domain writes, not what to do. The second stage, **supervised
# fine-tuning** (SFT), shows it prompts and answers and counts the loss of the answers only. Our prompt is the
# title of a page, the answer its first paragraph. There are few such pairs: does it help to have adapted
# first?

# %%
import re


def title_pairs(split):
    """Titles with the paragraph that follows, as ids and labels; the labels of the title are -100."""
    pairs, title = [], None
    for line in raw_datasets[split]["text"]:
        if re.fullmatch(r" = [^=].*[^=] = \n", line):
            title = line
        elif title and line.strip() and not line.startswith(" ="):
            asked, told = tokenizer([title, line])["input_ids"]
            ids, labels = asked + told, [-100] * len(asked) + told
            pairs.append((torch.tensor(ids[:block_size]), torch.tensor(labels[:block_size])))
            title = None
    return pairs


# %% [markdown]
# Pairs differ in length, so a batch is filled up; -100 marks what must not count.

# %%
from torch.nn.utils.rnn import pad_sequence


def padded(pairs):
    """A batch [pairs, longest], filled up on the right; the mask tells what is text."""
    ids, labels = zip(*pairs)
    columns = {"input_ids": ids, "attention_mask": map(torch.ones_like, ids), "labels": labels}
    return {
        name: pad_sequence(list(column), True, -100 if name == "labels" else 0).to(device)
        for name, column in columns.items()
    }


# %% [markdown]
# Both models take the same few steps on the same pairs: one starts from the checkpoint, the other from the model
# that `Trainer` has adapted.

# %%
@torch.no_grad()
def answer_perplexity(model):
    return math.exp(model.eval()(**padded(title_pairs("test"))).loss)


def supervise(model):
    """Fine-tune on the answers; return their perplexity before and after."""
    before, pairs = answer_perplexity(model.to(device)), title_pairs("train")
    optimizer = torch.optim.AdamW(model.parameters(), lr=best_rate["Trainer"] / 5)
    loader = DataLoader(pairs, batch_size, True, generator=torch.manual_seed(0), collate_fn=padded)
    model.train()
    for _, batch in zip(range(search_steps), chain.from_iterable(loader for _ in range(99))):
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return before, answer_perplexity(model)


print(f"{len(title_pairs('train'))} pairs to learn from, {len(title_pairs('test'))} to judge by")
starts = {"SFT alone": make_model("Trainer", 0), "DAPT, then SFT": models["Trainer"]}
for name, model in starts.items():
    before, after = supervise(model)
    print(f"{name:15} perplexity of answers {before:9,.2f} before, {after:6.2f} after")

# %% [markdown]
# The plain text of all pages was there anyway and needed no pairing. Compare the two right-hand figures: what the
# few pairs alone could not teach, the many lines had. One seed only, so a small gap would prove nothing.
#
# And what do the two answer? A title of the test split goes in, and each model writes a first paragraph.

# %%
ids, labels = title_pairs("test")[0]
title, answer = ids[labels == -100], ids[labels != -100]
print(f"{'title':15} {tokenizer.decode(title)!r}")
print(f"{'reference':15} {tokenizer.decode(answer)!r}")
asked = {"input_ids": title[None].to(device), "attention_mask": torch.ones_like(title)[None].to(device)}
for name, model in starts.items():
    said = model.generate(**asked, max_new_tokens=40, do_sample=False, pad_token_id=tokenizer.eos_token_id)
    print(f"{name:15} {tokenizer.decode(said[0, len(title) :])!r}")

# %% [markdown]
# Judge them as in the first walkthrough: by layout, by sentence, and by whether the text is about its title at
# all.
#
# ## When to choose which
#
# - **`Trainer`**, unless there is a reason against it: least code, and logging, resuming and several devices are in it.
# - **A loop of your own** when the step itself is what you want to change: two losses, several models, unusual
#   batches. It costs you the bugs that `Trainer` no longer has.
# - **LoRA** when memory or storage decides: a base too large to be trained whole, or many tasks on one base. In a
#   model as small as ours, on text as foreign as ours, it gives away quality and saves little but disk.
# - **From scratch** only if no checkpoint knows anything of your text, and there is much more of it than here.
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
# !!! exercise "Exercise 2 · The clinic: an unfair comparison"
#     A report says that LoRA beats full fine-tuning. Here are the settings of its two runs. Write
#     `unfair(one, other, meant)`: the sorted names of all settings that differ or are missing on one side, apart from
#     those in `meant`, the differences that the comparison is about.
#
# ??? hint "Hint"
#     Take the names of both sides together. The case that fails in most first attempts: a setting that
#     only one of the two has.

# %%
report_full = {"steps": 100, "batch": 8, "rates_tried": 1, "seeds": 1, "trained": "all"}
report_lora = {"steps": 300, "batch": 8, "rates_tried": 6, "seeds": 1, "trained": "adapters", "rank": 8}


def unfair(one, other, meant):
    """Names of the settings that differ though they should not."""
    ...


# %% tags=["solution"]
def unfair(one, other, meant):
    """Names of the settings that differ though they should not."""
    names = (one.keys() | other.keys()) - set(meant)
    return sorted(name for name in names if one.get(name) != other.get(name))


# %% tags=["check"]
got = unfair(report_full, report_lora, meant={"trained", "rank"})
assert got == ["rates_tried", "steps"], got
assert unfair({"a": 1}, {"b": 1}, meant=set()) == ["a", "b"], "missing on one side is a difference"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# On a GPU the peak is the figure to look at first: it decides what fits. There `torch.cuda.max_memory_allocated()`
# tells it without a profiler.
#
# ## Recap
#
# - Hold data, seeds, steps, batch and the size of the search equal; then a difference means something.
# - Report the spread of the seeds. A difference within it is noise.
# - `Trainer` and the loop are one method in two notations.
# - LoRA's share of the parameters and its share of the gain are two figures: give both, beside a
#   baseline.
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
