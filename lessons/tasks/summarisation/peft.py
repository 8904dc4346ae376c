# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Summarisation with LoRA
#     path: walkthrough
#     objectives:
#       choose-adapter: "Say what rank and target modules decide, and count what is trained"
#       merge-adapter: "Save an adapter, reload it, merge it, and show that the outputs are equal"
#       switch-adapters: "Put two adapters for two jobs on one base, and switch between them"
#     meets: ["000#4", "000#10"]
#     minutes: 30
#     full:
#       parameters:
#         checkpoint: google-t5/t5-small
#         dataset_id: FiscalNote/billsum
#         prefix: "summarize: "
#         test_size: 1000
#         max_steps: 2000
#         learning_rate: 5.0e-4
#         lora_rate: 1.0e-3
#         rank: 16
#         lora_alpha: 32
#         batch_size: 16
#         max_input: 512
#         max_summary: 256
#       resources: {gpus: 1, memory_gb: 16, minutes: 90, timeout: 150}
# ---

# %% [markdown]
# # Summarisation with LoRA
#
# Fine-tuning makes a whole new model for every job. **LoRA** leaves the model as it is and learns a small addition beside
# it. On this page one addition learns to summarise reports and a second one to write their headings, on the same base.
# You count what is trained, save it, put it back, switch between the two, and melt one into the model.

# %% [markdown]
# **New here?** [Summarisation with the Trainer](trainer.py) explains the data, the lengths and ROUGE. Data, cut, steps and
# batch size are the same as there. This page mirrors *LoRA* and *Model merging* in the documentation of `peft`, applied to
# summarisation; it differs in that full fine-tuning runs beside it on equal terms.
#
# ## A small addition to a large matrix
#
# A linear layer multiplies its input by a matrix *W*. Fine-tuning looks for a better matrix *W* + Δ*W*. LoRA writes
# the difference as a product of two thin matrices and trains only these:
#
# $$W + \frac{\alpha}{r} B A$$
#
# *A* has *r* rows and *B* has *r* columns; *r* is the **rank**. How many numbers is that, beside a matrix of 96 by 384?

# %%
import torch

rows, columns = 96, 384
for r in (1, 8, 64):
    thin = r * (rows + columns)
    print(f"rank {r:2}: {thin:6,} numbers, {100 * thin / (rows * columns):5.1f} % of the matrix's {rows * columns:,}")

# %% [markdown]
# The last line is a warning: at a high rank the thin matrices are not thin any more, and nothing is saved.
#
# ## The settings
#
# Everything that depends on scale stands in one cell. `all-linear` asks for an addition beside every linear layer except
# the output, whatever the layers are called in the model at hand.

# %% tags=["parameters"]
checkpoint, prefix = "pocket/pegasus-mini", ""
dataset_id, revision = "pocket/reports", "main"
test_size = 200
max_steps, batch_size = 100, 8
learning_rate, lora_rate = 3e-3, 2e-2
rank, lora_alpha, target_modules = 8, 16, "all-linear"
max_input, max_summary = 240, 64  # tokens
seed = 0

# %% [markdown]
# ## Data, model and metric, as before
#
# The same rows as there. One thing is new: `tokenize_for` can make labels of either column, `summary` or `title`,
# since the second adapter will want the other one.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

raw_datasets = load_dataset(dataset_id, revision=revision)
tests = raw_datasets["test"].select(range(test_size))
tokenizer = AutoTokenizer.from_pretrained(checkpoint)


def tokenize_for(column):
    def preprocess(batch):
        inputs = tokenizer([prefix + text for text in batch["text"]], truncation=True, max_length=max_input)
        labels = tokenizer(text_target=batch[column], truncation=True, max_length=max_summary)
        return inputs | {"labels": labels["input_ids"]}

    return raw_datasets["train"].map(
        preprocess, batched=True, remove_columns=raw_datasets["train"].column_names
    )


train_dataset = {column: tokenize_for(column) for column in ("summary", "title")}
print({column: data.num_rows for column, data in train_dataset.items()})
print("summary:", tests[0]["summary"], "\ntitle:  ", tests[0]["title"])

# %% [markdown]
# The base, made anew wherever we need an untouched one, and what a model writes of texts.

# %%
from transformers import AutoConfig, AutoModelForSeq2SeqLM

device = "cuda" if torch.cuda.is_available() else "cpu"
config = AutoConfig.from_pretrained(checkpoint)
config.dropout = config.dropout_rate = 0.0  # Pegasus' name and T5's


def new_base():
    return AutoModelForSeq2SeqLM.from_pretrained(checkpoint, config=config).to(device)


@torch.no_grad()
def write(model, texts, size=64):
    """What the model writes of each text, greedily, `size` texts at a time."""
    model.eval()
    found = []
    for i in range(0, len(texts), size):
        inputs = [prefix + text for text in texts[i : i + size]]
        inputs = tokenizer(inputs, truncation=True, max_length=max_input, padding=True, return_tensors="pt")
        output = model.generate(**inputs.to(device), max_length=max_summary)
        found += tokenizer.batch_decode(output, skip_special_tokens=True)
    return found


# %% [markdown]
# And the score of the untouched model, from which every gain on this page is counted.

# %%
import evaluate
import numpy as np

rouge = evaluate.load("rouge")


def rouge_2(predictions, column="summary"):
    options = {"rouge_types": ["rouge2"], "use_stemmer": True, "use_aggregator": False}
    found = rouge.compute(predictions=predictions, references=tests[column][:], **options)
    return float(100 * np.mean(found["rouge2"]))


texts = tests["text"][:]
untouched = rouge_2(write(new_base(), texts))
print(f"untouched model on the test split: ROUGE-2 {untouched:.1f}")

# %% [markdown]
# ## The adapter
#
# `get_peft_model` freezes the base and puts the additions in place. `lora_alpha` over the rank is the factor in front of
# them.

# %%
from peft import LoraConfig, get_peft_model
from transformers import set_seed

lora_config = LoraConfig(
    task_type="SEQ_2_SEQ_LM",
    r=rank,
    lora_alpha=lora_alpha,
    target_modules=target_modules,
    lora_dropout=0.0,
)
set_seed(seed)
model = get_peft_model(new_base(), lora_config, adapter_name="summary")
model.print_trainable_parameters()

# %% [markdown]
# Where are the additions? We count them by part of the model and by kind of layer.

# %% alt="A stacked bar for encoder and decoder: how many numbers LoRA trains beside each kind of linear layer. The decoder has more, since it also looks at the encoder; the feed-forward layers have the largest share."
import matplotlib.pyplot as plt
import pandas as pd

from course_utils.lesson import use_plot_style

use_plot_style()
places = []
for name, parameter in model.named_parameters():
    if "lora_" in name:
        part = "decoder" if ".decoder." in name else "encoder"
        places.append((part, name.split(".lora_")[0].rpartition(".")[2], parameter.numel()))
table = pd.DataFrame(places, columns=["part", "layer", "numbers"])
table = table.pivot_table(index="part", columns="layer", values="numbers", aggfunc="sum")
ax = table.plot.barh(stacked=True, figsize=(8, 2.4))
ax.set(title="What LoRA trains", xlabel="numbers", ylabel="")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# The decoder has more of them than the encoder, since each of its layers has a second attention with which it looks at
# the encoder. For a summariser that is the place where facts are picked. The embeddings, the largest single part of this
# model, get nothing.
#
# `peft` starts every *B* at zero, so the addition is zero too, and the model must write exactly as before. That is a test
# that costs nothing.

# %%
from transformers import DataCollatorForSeq2Seq

data_collator = DataCollatorForSeq2Seq(tokenizer)
batch = data_collator([train_dataset["summary"][i] for i in range(8)]).to(device)
with torch.no_grad():
    before, now = (m.eval()(**batch).logits for m in (new_base(), model))
print(f"largest difference before training: {(before - now).abs().max():.6f}")

# %% [markdown]
# ## Train both ways
#
# One function trains either model, so that nothing differs but the weights that may move and the learning rate.
# `label_names` is needed because `Trainer` cannot see through the wrapper which inputs are labels.

# %%
from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments


def train(model, rate, column, folder):
    """Fine-tune what may move in `model`; return the trainer."""
    training_args = Seq2SeqTrainingArguments(
        output_dir=folder,
        max_steps=max_steps,
        learning_rate=rate,
        warmup_steps=0.1,  # a share of max_steps
        per_device_train_batch_size=batch_size,
        label_names=["labels"],
        save_strategy="no",
        logging_steps=20,
        seed=seed,
    )
    trainer = Seq2SeqTrainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset[column],
        data_collator=data_collator,
        processing_class=tokenizer,
    )
    trainer.train()
    return trainer


# %% [markdown]
# LoRA usually wants a higher learning rate than full fine-tuning: *A* and *B* start small and must grow. Both rates here
# come from a search of equal size, which the [comparison](comparison.py) shows.
#
# ??? predict "Predict first: with a tenth of the weights, how much of full fine-tuning's gain will LoRA reach: a tenth, about half, or nearly all?"
#     Nearly all, or more. The share of weights says little about the share of the gain. What has to be learnt here, the
#     form of a summary and where to look, is a small change to a model that can read and write already.

# %%
lora_trainer = train(model, lora_rate, "summary", "lora")
set_seed(seed)
full_trainer = train(new_base(), learning_rate, "summary", "full")

# %% [markdown]
# The fair question is not whether LoRA beats the untouched model, but which share of full fine-tuning's gain it recovers.

# %%
from course_utils.lesson import Result, show_results

lora_texts = write(lora_trainer.model, texts)
full_texts = write(full_trainer.model, texts)
lora_score, full_score = rouge_2(lora_texts), rouge_2(full_texts)
recovered = 100 * (lora_score - untouched) / (full_score - untouched)
trainable, everything = lora_trainer.model.get_nb_trainable_parameters()
against = {"baseline": untouched, "baseline_name": "untouched checkpoint", "seed": seed}
show_results(
    [
        Result("ROUGE-2, full fine-tuning", full_score, **against),
        Result("ROUGE-2, LoRA", lora_score, **against),
        Result("gain recovered by LoRA", recovered, unit="%", seed=seed),
        Result("trained by LoRA", 100 * trainable / (everything - trainable), unit="%"),
    ]
)

# %% [markdown]
# Read the last two rows together: this share of the gain for that share of the weights. And compare with the last
# lines of the two tables of losses: on the reports that both have read, full fine-tuning is ahead by far. On towns that
# neither has met, it is not. What LoRA cannot learn by heart, it cannot confuse with what it should copy either. One seed
# is no proof, so the comparison asks again with three.
#
# ## What it saves
#
# AdamW keeps two numbers for every weight that learns, and each such weight has a gradient. On disk, the adapter is all
# there is to save.

# %%
from pathlib import Path

lora_trainer.model.save_pretrained("adapter")
full_trainer.model.save_pretrained("whole")
for name, trainer, folder in (("LoRA", lora_trainer, "adapter"), ("full", full_trainer, "whole")):
    states = trainer.optimizer.state.values()
    moments = sum(t.nbytes for s in states for t in s.values() if t.dim())
    gradients = sum(p.nbytes for p in trainer.model.parameters() if p.requires_grad)
    disk = sum(path.stat().st_size for path in Path(folder).rglob("*.safetensors"))
    row = {"moments": moments, "gradients": gradients, "file": disk}
    print(f"{name:5}", ", ".join(f"{key} {value / 2**20:5.2f} MiB" for key, value in row.items()))

# %% [markdown]
# Most of it is saved. Two things are not: the frozen weights must be in memory all the same, and the activations of the
# long texts are kept for the way back, since the gradient passes through frozen layers to reach the additions.
#
# ## A second job on the same base
#
# Now the heading. A second adapter goes onto the same base; the first stays where it is, switched off.

# %%
model = lora_trainer.model
model.add_adapter("title", lora_config)
model.set_adapter("title")
title_trainer = train(model, lora_rate, "title", "titles")

# %% [markdown]
# One model in memory, two jobs. `set_adapter` chooses which addition is added.

# %%
for adapter in ("summary", "title"):
    model.set_adapter(adapter)
    print(f"{adapter:8}", *write(model, texts[1:2]))
    print(f"{'':8}", tests[1][adapter], "(reference)")

# %% [markdown]
# Has the second training changed the first job? It must not have: base and first adapter were frozen.

# %%
model.set_adapter("title")
titles = write(model, texts)
model.set_adapter("summary")
same = sum(a == b for a, b in zip(write(model, texts), lora_texts))
print(f"{same} of {len(texts)} summaries are the same as before the second training")
copied = rouge_2([text.partition(". ")[0] for text in texts], "title")
against = {"baseline": copied, "baseline_name": "first sentence", "seed": seed}
show_results([Result("ROUGE-2 of titles, second adapter", rouge_2(titles, "title"), **against)])

# %% [markdown]
# Full fine-tuning for titles would have forgotten the summaries, or needed a second model. Here the second job costs one
# small file.
#
# ## Reload, and merge
#
# On another day, in another process: load the base, then the adapter onto it. `save_pretrained` put each adapter into a
# folder of its name.

# %%
from peft import PeftModel

reloaded = PeftModel.from_pretrained(new_base(), "adapter/summary")
merged = PeftModel.from_pretrained(new_base(), "adapter/summary").merge_and_unload()
with torch.no_grad():
    wanted = model.eval()(**batch).logits
    for name, each in {"reloaded": reloaded, "merged": merged, "base alone": new_base()}.items():
        difference = (each.eval()(**batch).logits - wanted).abs().max()
        print(f"{name:11} differs by at most {difference:.6f}")
same = sum(a == b for a, b in zip(write(merged, texts), lora_texts))
print(f"{same} of {len(texts)} summaries are the same after merging")

# %% [markdown]
# The reloaded model is the trained one. The merged model differs by rounding: `merge_and_unload` has added
# (α / r) · *BA* to every *W* and thrown the thin matrices away. What is left is an ordinary Pegasus that needs no
# `peft`, and that can do one job only. The line *base alone* shows that the test can fail.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · The clinic: the wrong job"
#     In a service that writes both, a colleague calls `heading` for a title and gets summaries now and then. It depends on
#     who called before. Mend `heading`, and leave the model as you found it.
#
# ??? hint "Hint"
#     `model.active_adapter` tells which addition is on. The case that fails: after the call the adapter that was active
#     before must be active again.

# %%
def heading(model, text):
    """A title for one text, whatever adapter is active; it stays active."""
    return write(model, [text])[0]


# %% tags=["solution"]
def heading(model, text):
    """A title for one text, whatever adapter is active; it stays active."""
    before = model.active_adapter
    model.set_adapter("title")
    title = write(model, [text])[0]
    model.set_adapter(before)
    return title


# %% tags=["check"]
for active in ("title", "summary"):
    model.set_adapter(active)
    got, after = heading(model, texts[0]), model.active_adapter
    model.set_adapter("summary")
    assert got == titles[0], f"with {active!r} active: {got!r}"
    assert after == active, f"{active!r} was active before, {after!r} is now"

# %% [markdown]
# !!! exercise "Exercise 2 · How small an addition is"
#     Write `relative_size(layer)`: the Frobenius norm of the addition (α / r) · *BA* over that of *W*, for one
#     LoRA layer of the reloaded model. `layer.base_layer.weight` is *W*; `layer.lora_A["default"]` and
#     `layer.lora_B["default"]` are linear layers with a `weight`.
#
# ??? hint "Hint"
#     `torch.linalg.matrix_norm` gives the norm. The case that fails in most first attempts: the factor `lora_alpha / rank`.

# %%
def relative_size(layer):
    """Norm of what LoRA adds, over the norm of the frozen matrix."""
    ...


# %% tags=["solution"]
def relative_size(layer):
    """Norm of what LoRA adds, over the norm of the frozen matrix."""
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    added = lora_alpha / rank * b @ a
    return (torch.linalg.matrix_norm(added) / torch.linalg.matrix_norm(layer.base_layer.weight)).item()


# %% tags=["check"]
layers = {n: m for n, m in reloaded.named_modules() if hasattr(m, "lora_A") and hasattr(m, "base_layer")}
for name in list(layers)[:3]:
    got = relative_size(layers[name])
    assert got is not None, "nothing is returned yet"
    old, new = layers[name].base_layer.weight, merged.get_submodule(name.removeprefix("base_model.model.")).weight
    expected = ((new - old).norm() / old.norm()).item()
    assert abs(got - expected) < 1e-3, f"{name}: {got:.3f}, but merging changed it by {expected:.3f}"

# %% [markdown]
# !!! exercise "Exercise 3 · Rank one"
#     Set `rank` to 1 and `lora_alpha` to 2 and train again. Guess first how much ROUGE-2 is lost with an eighth of the
#     numbers. There is no check for this one.
#
# ## At full scale
#
# The same file runs with a real checkpoint on real bills, whose titles serve the second adapter. Only the values of the
# settings cell change.
#
# <!-- course:full-scale -->
#
# Shares do not carry over from our pocket model: in a wide model the same rank is a far smaller share of the weights.
# What carries over are the steps: count, train, save, reload, switch, merge, compare.
#
# ## Recap
#
# - LoRA freezes *W* and learns (α / r) · *BA*; rank and target modules decide how much is trained.
# - It starts as the untouched model, exactly. Test that.
# - One base serves many jobs, and learning one does not harm another; mind which adapter is active.
# - Merged, it is an ordinary model with the same outputs, for one job.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hu et al. (2021), *LoRA: low-rank adaptation of large language models*
# - PEFT documentation, *LoRA*, *Model merging* and *Mixed adapter types*
# - Biderman et al. (2024), *LoRA learns less and forgets less*
