# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Translation with LoRA
#     path: walkthrough
#     objectives:
#       choose-adapter: "Say what rank and target modules decide, and count what is trained"
#       merge-adapter: "Save an adapter, reload it, merge it, and show that the outputs are equal"
#       weigh-lora: "Weigh what LoRA saves against what it loses, measured beside full fine-tuning"
#     meets: ["000#3", "000#10"]
#     minutes: 30
#     full:
#       parameters:
#         checkpoint: Helsinki-NLP/opus-mt-en-fr
#         dataset_id: Helsinki-NLP/kde4
#         revision: refs/convert/parquet
#         validation_size: 1000
#         test_size: 2000
#         max_steps: 3000
#         learning_rate: 2.0e-5
#         lora_rate: 5.0e-4
#         rank: 16
#         lora_alpha: 32
#         batch_size: 32
#         max_length: 128
#       resources: {gpus: 1, memory_gb: 10, minutes: 45, timeout: 90}
# ---

# %% [markdown]
# # Translation with LoRA
#
# Fine-tuning changes every weight, so every manual, every customer and every language needs a whole model
# of its own. **LoRA** leaves the model as it is and learns a small addition beside it. On this page you
# choose where the additions go, train them, save them in a small file, put them back, and melt them into
# the model. Then you weigh honestly what was saved and what was lost.

# %% [markdown]
# **New here?** [Translation with the Trainer](trainer.py) explains the data, the target side and BLEU.
# Data, cut, steps and batch size are the same as there. This page mirrors *LoRA* and *Model merging* in
# the documentation of `peft`, applied to translation; it differs in that full fine-tuning runs beside it
# on equal terms.
#
# ## A small addition to a large matrix
#
# A linear layer multiplies its input by a matrix *W*. Fine-tuning looks for a better matrix
# *W* + Δ*W*, where Δ*W* has as many numbers as *W*. LoRA writes the difference as a product of two thin
# matrices:
#
# $$W + \frac{\alpha}{r} B A$$
#
# *A* has *r* rows and *B* has *r* columns; *r* is the **rank**. *W* is frozen, only *A* and *B* learn. A
# tiny example makes the saving visible.

# %%
import torch

torch.manual_seed(0)
d, r = 96, 8
a, b = torch.randn(r, d), torch.randn(d, r)
delta = b @ a
print(f"the addition: {tuple(delta.shape)}, {delta.numel():,} numbers")
print(f"what is learnt: {a.numel() + b.numel():,} numbers")
print(f"rank of the addition: {torch.linalg.matrix_rank(delta)}")

# %% [markdown]
# The addition fills a whole matrix but is made from a sixth of its numbers. The price is in the last
# line: of all possible changes it can only be one of rank 8.
#
# ## The settings
#
# Everything that depends on scale stands in one cell.

# %% tags=["parameters"]
checkpoint = "pocket/marian-mini-en-fr"
dataset_id, dataset_config, revision = "pocket/en-fr-manuals", "en-fr", "main"
validation_size, test_size = 200, 400
max_steps, batch_size = 200, 16
learning_rate, lora_rate = 2e-3, 1e-2
rank, lora_alpha = 8, 16
target_modules = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
max_length = 64  # tokens, on either side
seed = 0

# %% [markdown]
# ## Data, model and metric, as before
#
# The same cut by the same seed.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

raw_datasets = load_dataset(dataset_id, dataset_config, revision=revision)
split = raw_datasets["train"].train_test_split(test_size=test_size, seed=seed)
raw_datasets["test"] = split["test"]
split = split["train"].train_test_split(test_size=validation_size, seed=seed)
raw_datasets["train"], raw_datasets["validation"] = split["train"], split["test"]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)


def preprocess(batch):
    sources = [pair["en"] for pair in batch["translation"]]
    targets = [pair["fr"] for pair in batch["translation"]]
    return tokenizer(sources, text_target=targets, truncation=True, max_length=max_length)


columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(preprocess, batched=True, remove_columns=columns)
tests = raw_datasets["test"]["translation"][:]
print(raw_datasets.num_rows, tests[0])

# %% [markdown]
# And the score of the untouched model, from which every gain on this page is counted.

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
# BLEU on the test split, and a base model that can be had fresh whenever we need one.

# %%
def bleu(predictions):
    references = [[pair["fr"]] for pair in tests]
    return sacrebleu.compute(predictions=predictions, references=references)["score"]


def new_base():
    return AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dropout=0.0).to(device)


english = [pair["en"] for pair in tests]
untouched = bleu(translate(new_base(), english))
print(f"untouched model on the test split: BLEU {untouched:.1f}")

# %% [markdown]
# ## Where the additions go
#
# LoRA goes beside linear layers. Which ones are there? Names repeat from layer to layer, so we count
# their last parts.

# %%
from collections import Counter

base = new_base()
linear = {n: m for n, m in base.named_modules() if isinstance(m, torch.nn.Linear)}
print(Counter(name.rpartition(".")[2] for name in linear))
everything = base.num_parameters()
embeddings = base.get_input_embeddings().weight.numel()
print(f"{everything:,} weights, {embeddings:,} of them in the embeddings")

# %% [markdown]
# `q_proj`, `k_proj`, `v_proj` and `out_proj` are the four matrices of an attention, in the encoder, in
# the decoder, and once more where the decoder looks at the encoder. `fc1` and `fc2` are the two of a
# feed-forward block. `lm_head` shares its weights with the embeddings; like them it stays frozen here.
#
# How much is trained depends on two choices, the modules and the rank. We compute it for two sets of
# modules.
#
# ??? predict "Predict first: with rank 8 beside all these matrices, which share of the weights is trained?"
#     Each matrix gets its two thin ones, and the embeddings, the largest single part of this model,
#     get none. It comes to less than a tenth. In a model ten times as wide the same rank gives a
#     share ten times smaller: the matrices grow with the square of the width, the thin ones only with
#     the width.

# %% alt="Two straight lines: share of trained weights against rank. Adapters beside all linear layers cost several times as much as beside queries and values only; a dashed line marks the chosen rank."
import matplotlib.pyplot as plt

from course_utils.lesson import use_plot_style

use_plot_style()


def trained(rank, modules):
    """Numbers in A and B together, beside every matrix of these names."""
    chosen = [m for name, m in linear.items() if name.rpartition(".")[2] in modules]
    return sum(rank * (m.in_features + m.out_features) for m in chosen)


fig, ax = plt.subplots(figsize=(7, 2.8))
ranks = range(1, 33)
for name, modules in {"all of them": target_modules, "q_proj, v_proj": ["q_proj", "v_proj"]}.items():
    ax.plot(ranks, [100 * trained(r, modules) / everything for r in ranks], label=name)
ax.axvline(rank, linestyle="--", color="C5", label="chosen")
ax.set(title="What LoRA trains", xlabel="rank", ylabel="% of all weights", ylim=(0, None))
ax.legend()
plt.show()

# %% [markdown]
# Beside queries and values only, the same budget would buy a higher rank. For a new domain, which needs
# new words and new forms, it is common to spread a small rank over all layers; that is what we do.
#
# ## The adapter
#
# `LoraConfig` says all this, and `get_peft_model` puts it in place. `lora_alpha` over the rank is the
# factor in front of the addition. Marian is not among the models for which `peft` knows good targets, so
# the list must be given.

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
model = get_peft_model(base, lora_config)
model.print_trainable_parameters()
assert model.get_nb_trainable_parameters()[0] == trained(rank, target_modules)

# %% [markdown]
# `peft` counts the adapter among all parameters, so its percentage is a little lower than ours further
# down, which is a share of the model's own weights. It starts every *B* at zero, so the addition is zero
# too and the model must translate exactly as before. That is a test that costs nothing.

# %%
batch = tokenizer(english[:8], text_target=[p["fr"] for p in tests[:8]], padding=True, return_tensors="pt")
batch = batch.to(device)
with torch.no_grad():
    before, now = (m.eval()(**batch).logits for m in (new_base(), model))
print(f"largest difference before training: {(before - now).abs().max():.6f}")

# %% [markdown]
# ## Train both ways
#
# One function trains either model, so that nothing but the weights that may move and the learning rate
# differs. `label_names` is needed because `Trainer` cannot see through the wrapper which inputs are
# labels.

# %%
from transformers import DataCollatorForSeq2Seq, Seq2SeqTrainer, Seq2SeqTrainingArguments


def arguments(rate, folder):
    return Seq2SeqTrainingArguments(
        output_dir=folder,
        max_steps=max_steps,
        learning_rate=rate,
        warmup_steps=0.1,  # a share of max_steps
        per_device_train_batch_size=batch_size,
        train_sampling_strategy="group_by_length",
        label_names=["labels"],
        save_strategy="no",
        logging_steps=50,
        seed=seed,
    )


# %% [markdown]
# The rest is the same for either model, too.

# %%
def train(model, rate, folder):
    """Fine-tune what may move in `model`; return the trainer."""
    trainer = Seq2SeqTrainer(
        model=model,
        args=arguments(rate, folder),
        train_dataset=tokenized_datasets["train"],
        data_collator=DataCollatorForSeq2Seq(tokenizer),
        processing_class=tokenizer,
    )
    trainer.train()
    return trainer


# %% [markdown]
# LoRA usually wants a far higher learning rate than full fine-tuning: *A* and *B* start small and must
# grow. Both rates here come from a search of equal size, which the [comparison](comparison.py) shows.

# %%
lora_trainer = train(model, lora_rate, "lora")
set_seed(seed)
full_trainer = train(new_base(), learning_rate, "full")

# %% [markdown]
# Two tables are hard to compare, so we draw both losses into one panel.

# %% alt="Training loss over steps for full fine-tuning and LoRA: both fall; the curve of LoRA lies above that of full fine-tuning at the end."
fig, ax = plt.subplots(figsize=(7, 2.8))
for name, trainer in {"LoRA": lora_trainer, "full": full_trainer}.items():
    history = [(e["step"], e["loss"]) for e in trainer.state.log_history if "loss" in e]
    ax.plot(*zip(*history), label=name)
ax.set(title="Training loss", xlabel="step", ylabel="nats a token", ylim=(0, None))
ax.legend()
plt.show()

# %% [markdown]
# ## How much of the gain is left?
#
# The fair question is not whether LoRA beats the untouched model, but which share of full fine-tuning's
# gain it recovers.

# %%
from course_utils.lesson import Result, show_results

lora_texts = translate(lora_trainer.model, english)
full_texts = translate(full_trainer.model, english)
lora_bleu, full_bleu = bleu(lora_texts), bleu(full_texts)
recovered = 100 * (lora_bleu - untouched) / (full_bleu - untouched)
against = {"baseline": untouched, "baseline_name": "untouched checkpoint", "seed": seed}
show_results(
    [
        Result("BLEU, full fine-tuning", full_bleu, **against),
        Result("BLEU, LoRA", lora_bleu, **against),
        Result("gain recovered by LoRA", recovered, unit="%", seed=seed),
        Result("weights trained by LoRA", 100 * trained(rank, target_modules) / everything, unit="%"),
    ]
)

# %% [markdown]
# Read the last two rows together: this share of the gain for that share of the weights. One seed is no
# proof, so the comparison asks again with three.
#
# ## Where does the rest go?
#
# Two things tie LoRA's hands: its additions have a low rank, and the embeddings are frozen. A manual is
# full of words that the checkpoint has hardly met, and they keep the vectors they had. Which of the
# two matters more? We can take them apart: full fine-tuning, every matrix at full rank, but with frozen
# embeddings.
#
# ??? predict "Predict first: where will it land, near LoRA, near full fine-tuning, or between?"
#     Near full fine-tuning would mean that embeddings hardly matter and that the rank is to blame. Near LoRA
#     would mean that rank hardly matters. Between means both, and the distances say how much of each.

# %%
frozen = new_base()
frozen.get_input_embeddings().requires_grad_(False)
set_seed(seed)
frozen_bleu = bleu(translate(train(frozen, learning_rate, "frozen").model, english))
show_results([Result("BLEU, full with frozen embeddings", frozen_bleu, **against)])

# %% [markdown]
# From LoRA up to this figure is what the low rank costs, at these rates and steps; from here up to full
# fine-tuning is what the frozen embeddings cost. Whoever expects LoRA to bring a new domain's *words* should
# remember the second distance.
#
# Where do the two differ on the page? We look at lines that one gets right and the other does not.

# %%
for name, right, other in (("full", full_texts, lora_texts), ("LoRA", lora_texts, full_texts)):
    only = [i for i, p in enumerate(tests) if right[i] == p["fr"] != other[i]]
    print(f"only {name} equals the reference: {len(only)} lines of {len(tests)}")
    for i in only[:3]:
        print(f"   {right[i]}   ·   not: {other[i]}")

# %% [markdown]
# Two lists of like length would mean two different translators. Where the second is much shorter, LoRA is
# simply behind.
#
# ## Save the adapter
#
# `save_pretrained` on the wrapped model writes the additions and nothing else. We save the fully tuned
# model as well and compare.

# %%
from pathlib import Path

lora_trainer.model.save_pretrained("adapter")
full_trainer.model.save_pretrained("whole")
for folder in ("adapter", "whole"):
    for path in sorted(Path(folder).iterdir()):
        print(f"{folder:8} {path.name:28} {path.stat().st_size / 1024:8.1f} KiB")

# %% [markdown]
# The adapter is a fraction of the model, and useless without it: `adapter_config.json` names the
# checkpoint it belongs to. Ten manuals need ten adapters and *one* base.
#
# What about memory in training? AdamW keeps two numbers for every weight that learns, and each such
# weight has a gradient.

# %%
for name, trainer in {"LoRA": lora_trainer, "full": full_trainer}.items():
    states = trainer.optimizer.state.values()
    moments = sum(t.numel() * t.element_size() for s in states for t in s.values() if t.dim())
    gradients = sum(4 * p.numel() for p in trainer.model.parameters() if p.requires_grad)
    print(f"{name:5} optimiser {moments / 2**20:5.2f} MiB, gradients {gradients / 2**20:5.2f} MiB")

# %% [markdown]
# Here LoRA saves most of it. It does not save everything: the frozen weights must be in memory, and the
# activations between them are kept for the way back, since the gradient passes through frozen layers to
# reach the additions below. For the same reason a step takes about as long as before, and the thin matrices
# come on top.
#
# ## Reload, and merge
#
# On another day, in another process: load the base, then the adapter onto it.

# %%
from peft import PeftModel

reloaded = PeftModel.from_pretrained(new_base(), "adapter")
merged = PeftModel.from_pretrained(new_base(), "adapter").merge_and_unload()
with torch.no_grad():
    wanted = lora_trainer.model.eval()(**batch).logits
    for name, each in {"reloaded": reloaded, "merged": merged, "base alone": new_base()}.items():
        difference = (each.eval()(**batch).logits - wanted).abs().max()
        print(f"{name:11} differs by at most {difference:.6f}")
print(type(merged).__name__, f"with {merged.num_parameters():,} weights")

# %% [markdown]
# The reloaded model is the trained one. The merged model differs by rounding only: `merge_and_unload` has
# added (α / r) · *BA* to every *W* and thrown the thin matrices away. What is left is an ordinary
# Marian, as large and as fast as the first, and it needs no `peft`. The last comparison shows that the
# test can fail.
#
# Logits are one thing, text another. We check that all test translations are the same.

# %%
same = sum(a == b for a, b in zip(translate(merged, english), lora_texts))
print(f"{same} of {len(english)} translations are the same after merging")

# %% [markdown]
# ??? predict "When to merge, and when not?"
#     Merge to serve *one* manual: no extra multiplication at each step. Keep the adapter apart to
#     serve many from one base, to switch between them, or to be able to go back: a merged model does
#     not remember what it was.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · The clinic: a deployment that forgets"
#     A colleague ships the adapter. No error, no warning, and customers get the French of the
#     untouched model. Mend `for_serving`: it must return a plain model, not a `PeftModel`, that
#     translates as the trained one does.
#
# ??? hint "Hint"
#     `unload` takes the additions *off*. The case that fails: the result must be a plain model *and*
#     give the trained logits.

# %%
def for_serving(base, folder):
    """Return a plain model with the adapter in `folder` melted into `base`."""
    model = PeftModel.from_pretrained(base, folder)
    return model.unload()


# %% tags=["solution"]
def for_serving(base, folder):
    """Return a plain model with the adapter in `folder` melted into `base`."""
    model = PeftModel.from_pretrained(base, folder)
    return model.merge_and_unload()


# %% tags=["check"]
served = for_serving(new_base(), "adapter")
assert not isinstance(served, PeftModel), "customers have no peft installed"
with torch.no_grad():
    difference = (served.eval()(**batch).logits - wanted).abs().max().item()
assert difference < 1e-2, f"logits differ by up to {difference:.2f} from the trained model"

# %% [markdown]
# !!! exercise "Exercise 2 · Merge one layer by hand"
#     Write `merged_weight(layer)`: the matrix *W* + (α / r) · *BA* of one LoRA layer of the
#     reloaded model. The frozen layer is `layer.base_layer`; the thin ones are
#     `layer.lora_A["default"]` and `layer.lora_B["default"]`, both linear layers with a `weight`.
#
# ??? hint "Hint"
#     Look at the shapes before you multiply. The case that fails in most first attempts: the factor
#     `lora_alpha / rank`.

# %%
def merged_weight(layer):
    """Return the matrix into which `layer` and its addition melt."""
    ...


# %% tags=["solution"]
def merged_weight(layer):
    """Return the matrix into which `layer` and its addition melt."""
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    return layer.base_layer.weight + lora_alpha / rank * b @ a


# %% tags=["check"]
layers = dict(reloaded.base_model.model.named_modules())
for place in ("model.decoder.layers.0.encoder_attn.q_proj", "model.encoder.layers.1.fc1"):
    got = merged_weight(layers[place])
    assert got is not None, "nothing is returned yet"
    truth = merged.get_submodule(place).weight
    assert torch.allclose(got, truth, atol=1e-4), f"{place}: off by {(got - truth).abs().max():.3f}"

# %% [markdown]
# !!! exercise "Exercise 3 · A rank of your own"
#     Quarter the rank, or put the additions beside `q_proj` and `v_proj` only. Guess first what each costs in
#     BLEU, then try both, each with three learning rates. Or let the vectors of the new words learn as
#     well: `trainable_token_indices` of `LoraConfig` frees chosen rows of an embedding. Beware of what is
#     tied: print which parameters are trained, and test that merging still changes nothing. There is no
#     check for this one.
#
# ## At full scale
#
# The same file runs with a real checkpoint on real manuals. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# Shares do not carry over from our pocket model: in a wide model the same rank is a far smaller share of
# the weights, and a large checkpoint has met most words of a manual before. What carries over are the steps: count,
# train, save, reload, merge, compare.
#
# ## Recap
#
# - LoRA freezes *W* and learns (α / r) · *BA*; rank and target modules decide how much is trained.
# - It starts as the untouched model, exactly. Test that.
# - An adapter is a small file that needs its base; merged, it is an ordinary model with the same outputs.
# - It saves optimiser memory and disk, not activations, and hardly any time. What it loses has to be measured.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Hu et al. (2021), *LoRA: low-rank adaptation of large language models*
# - PEFT documentation, *LoRA* and *Model merging*
# - Biderman et al. (2024), *LoRA learns less and forgets less*
# - Transformers documentation, *PEFT*
