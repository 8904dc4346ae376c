# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Causal language modelling with LoRA
#     path: walkthrough
#     objectives:
#       lora-clm: "Put LoRA adapters on a GPT-2: choose target modules and rank, and count what is trained"
#       adapter-files: "Save, reload and merge an adapter, and prove that the outputs are equal"
#       lora-account: "Say what LoRA saved and what it cost, against full fine-tuning on the same steps"
#     meets: ["000#1", "000#10"]
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
#         lora_learning_rate: 5.0e-4
#         batch_size: 16
#         target_modules: [c_attn, c_proj, c_fc]
#         rank: 16
#         lora_alpha: 32
#       resources: {gpus: 1, memory_gb: 12, minutes: 20, timeout: 60}
# ---

# %% [markdown]
# # Causal language modelling with LoRA
#
# Full fine-tuning changes every weight and leaves you with a second model of the same size. LoRA leaves
# the model as it is and trains a small addition beside it. On this page you choose where it goes and how
# large it is, you train it, save it, fold it into the model, and you draw up the account: what it saved, and
# what it cost.

# %% [markdown]
# **New here?** [Causal language modelling with the Trainer](trainer.py) explains the task, the blocks,
# perplexity and the trigram model. This page has the same data, steps and batch. It mirrors the quick tour
# of the PEFT documentation. It differs in three places: full fine-tuning runs beside it on the same steps,
# the recovered share is measured, and saving and merging are checked by numbers.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/gpt-mini", "main"
dataset_id, dataset_revision = "pocket/pages", "main"
block_size = 128
max_steps, eval_steps = 160, 40
learning_rate, lora_learning_rate, batch_size = 2e-3, 5e-3, 4
target_modules = ["c_attn", "c_proj", "c_fc"]
rank, lora_alpha = 16, 32
seed = 0

# %% [markdown]
# ## The idea, on a matrix you can read
#
# A weight matrix of 4 × 6 holds 24 numbers. Suppose that fine-tuning would like to add the matrix below to
# it. Each of its rows is a multiple of one pattern, so it has **rank 1**: one column of 4 and one row of 6
# numbers say it all.

# %%
import torch

torch.manual_seed(seed)
b, a = torch.tensor([[1.0], [2.0], [0.0], [-1.0]]), torch.tensor([[1.0, 0, 3, 0, 1, 0]])
print(b @ a)
print(f"{(b @ a).numel()} numbers, told by {b.numel() + a.numel()}")

# %% [markdown]
# **LoRA** bets that what fine-tuning adds to a weight matrix *W* is nearly of low rank. It freezes *W* and
# learns two thin matrices *A* and *B*, so that the layer computes *W* + (α / r) · *BA*. The rank *r* sets how
# thin they are, α how strongly the addition counts.
#
# For one attention matrix of our model the numbers are:

# %%
from transformers import AutoModelForCausalLM, AutoTokenizer

pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
tokenizer = AutoTokenizer.from_pretrained(**pretrained)
base = AutoModelForCausalLM.from_pretrained(**pretrained)
for name, module in base.transformer.h[0].named_modules():
    if hasattr(module, "nf"):  # GPT-2's linear layers; nf is the number of outputs
        inputs, outputs = module.weight.shape
        added = rank * (inputs + outputs)
        print(f"{name:12} {inputs:4} → {outputs:4}  {inputs * outputs:7,} weights, LoRA {added:6,}")

# %% [markdown]
# These four matrices make up a layer: `attn.c_attn` makes queries, keys and values at once,
# `attn.c_proj` mixes the heads, `mlp.c_fc` and `mlp.c_proj` are the feed-forward part. LoRA's share shrinks as
# matrices grow: it is linear in their sides where the matrix is quadratic. In a small model like ours, it
# saves the least.
#
# ## Target modules: a name that does not exist
#
# Which matrices get an adapter is said by name. Most examples on the web are about Llama, whose layers have
# other names.

# %%
from peft import LoraConfig, get_peft_model

try:
    get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", target_modules=["q_proj"]))
except ValueError as error:
    print(str(error)[:150])

# %% [markdown]
# An honest error: no module ends in this name. Worse is a list that matches *some* modules only, since it
# passes in silence. So print what is trained. `c_proj` matches two matrices in each layer.
#
# `fan_in_fan_out=True` says that GPT-2 stores its matrices as inputs × outputs; without it PEFT would set it
# for us, with a warning.

# %%
from transformers import set_seed


def lora_model():
    """The checkpoint with fresh, seeded adapters."""
    set_seed(seed)
    config = LoraConfig(
        task_type="CAUSAL_LM",
        target_modules=target_modules,
        r=rank,
        lora_alpha=lora_alpha,
        fan_in_fan_out=True,
    )
    return get_peft_model(AutoModelForCausalLM.from_pretrained(**pretrained), config)


model = lora_model()
model.print_trainable_parameters()
print(*sorted({n.split(".", 4)[-1] for n, p in model.named_parameters() if p.requires_grad})[:4], sep="\n")

# %% [markdown]
# Only the adapters are trained. The percentage counts the frozen weights and the adapters together.
#
# ??? predict "Predict first: the adapters are new and random. Before training, does the model answer like the base or worse?"
#     Exactly like the base. *A* starts at random but *B* starts at zero, so their product is zero.

# %%
ids = torch.tensor([tokenizer("The town lies on the river")["input_ids"]])
with torch.no_grad():
    difference = (model(input_ids=ids).logits - base(input_ids=ids).logits).abs().max().item()
print(f"largest difference of a logit before training: {difference}")

# %% [markdown]
# ## The task and its data
#
# The task is the one of the first walkthrough: after every token of an encyclopaedia page, predict the next one.
# A row of the dataset is a line of a page.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id, "wikitext-2-raw-v1", revision=dataset_revision)
lines = raw_datasets["train"][:7]["text"]
encoding = tokenizer(lines)
for line, ids in zip(lines, encoding["input_ids"]):
    print(f"{len(ids):3} tokens  {line[:60]!r}")

# %% [markdown]
# Lines are of all lengths, and the model reads blocks of one length. So the lines become one stream, the stream is
# cut into blocks, and the labels are a copy of the inputs. On the seven lines first:

# %%
from itertools import chain


def group_texts(batch, size=block_size):
    """Join the token lists of a batch and cut them into blocks of `size` tokens."""
    stream = list(chain.from_iterable(batch["input_ids"]))
    end = len(stream) // size * size
    blocks = [stream[i : i + size] for i in range(0, end, size)]
    return {"input_ids": blocks, "labels": [list(block) for block in blocks]}


blocks = group_texts(encoding, size=16)["input_ids"]
stream = list(chain.from_iterable(encoding["input_ids"]))
assert list(chain.from_iterable(blocks)) == stream[: 16 * len(blocks)]
for block in blocks[:3]:
    print(repr(tokenizer.decode(block)))

# %% [markdown]
# No token changed, so we `map` it over all splits, and look at a batch of two: its shapes and its first eight
# places.

# %%
from transformers import default_data_collator as data_collator


def tokenize_and_group(batch):
    return group_texts(tokenizer(batch["text"]))


tokenized_datasets = raw_datasets.map(tokenize_and_group, batched=True, remove_columns=["text"])
batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print(tokenized_datasets.num_rows, {name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["input_ids"][:, :8])

# %% [markdown]
# ## The metric, and the figure to beat
#
# The loss is the mean of the negative logarithms of the probabilities that the right tokens got, and
# **perplexity** its exponential. On three tokens:

# %%
import math

toys = {"sure and right": [0.99] * 3, "one in four": [0.25] * 3, "silly: sure and wrong": [1e-6] * 3}
for name, probabilities in toys.items():
    loss = -sum(math.log(p) for p in probabilities) / 3
    print(f"{name:22} {loss:5.2f} nats, perplexity {math.exp(loss):12,.2f}")

# %% [markdown]
# The figure to beat is the perplexity of a smoothed trigram model, which has read the same lines.

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
known, unknown = (list(chain(*tokenized_datasets[s]["input_ids"])) for s in ("train", "test"))
trigram = trigram_perplexity(known, unknown)
print(f"trigram model on the test split: perplexity {trigram:.2f}")

# %% [markdown]
# ## Train both
#
# A PEFT model goes into `Trainer` like any other. The one setting that differs is the learning rate: *B*
# starts at zero and few weights carry the change, so LoRA wants larger steps. Both rates won a search of
# the same size, which [the comparison](comparison.py) repeats.

# %%
from transformers import Trainer, TrainingArguments


def trainer_for(model, rate, folder):
    training_args = TrainingArguments(
        output_dir=folder,
        max_steps=max_steps,
        learning_rate=rate,
        warmup_steps=0.1,
        per_device_train_batch_size=batch_size,
        per_device_eval_batch_size=16,
        eval_strategy="steps",
        eval_steps=eval_steps,
        logging_steps=10,
        save_strategy="no",
        seed=seed,
    )
    splits = {f"{s}_dataset": tokenized_datasets[n] for s, n in {"train": "train", "eval": "validation"}.items()}
    return Trainer(model, training_args, data_collator, processing_class=tokenizer, **splits)


# %% [markdown]
# Before we train we score the untouched model. The first call of a model prints a note that its loss type is not
# recognised; it then takes the loss of causal models, the one we want.

# %%
@torch.no_grad()
def test_loss(model):
    """Mean loss of the test split in nats a token, each block counted once."""
    total = 0.0
    for ids in torch.tensor(tokenized_datasets["test"]["input_ids"][:]).to(model.device).split(16):
        total += model.eval()(input_ids=ids, labels=ids).loss.item() * len(ids)
    return total / len(tokenized_datasets["test"])


lora = trainer_for(model, lora_learning_rate, "lora")
untouched_loss = test_loss(model)
print(f"untouched model on the test split: {untouched_loss:.2f} nats, perplexity {math.exp(untouched_loss):,.0f}")

# %% [markdown]
# Now the adapters learn. The table shows the loss in nats.

# %%
_ = lora.train()

# %% [markdown]
# Beside it, full fine-tuning: all weights, the same steps, batches and seed.

# %%
full = trainer_for(AutoModelForCausalLM.from_pretrained(**pretrained), learning_rate, "full")
_ = full.train()

# %% [markdown]
# One panel tells more than two tables.

# %% alt="Line chart of validation perplexity over training steps for full fine-tuning and LoRA, with the trigram model as a dashed line: LoRA stays above full fine-tuning."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
fig, ax = plt.subplots(figsize=(7, 3))
for name, trainer in {"full fine-tuning": full, "LoRA": lora}.items():
    history = [e for e in trainer.state.log_history if e.get("step") and "eval_loss" in e]
    ax.plot([e["step"] for e in history], [math.exp(e["eval_loss"]) for e in history], marker="o", label=name)
ax.axhline(trigram, linestyle="--", color="C5", label="trigram model, test")
ax.set(title="Validation perplexity", xlabel="step", yscale="log")
ax.legend()
plt.show()

# %% [markdown]
# ## How much of the gain does LoRA recover?
#
# We compare on the test split. *Gain* is how far the loss falls below that of the untouched model. We
# count it in nats, not in perplexity: from a perplexity in the thousands, nearly any training would
# "recover" 99 %, and the figure would say nothing.

# %%
full_loss, lora_loss = test_loss(full.model), test_loss(model)
recovered = (untouched_loss - lora_loss) / (untouched_loss - full_loss)
trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
share = trained / base.num_parameters()
against = {"baseline": trigram, "baseline_name": "trigram model", "higher_is_better": False}
show_results(
    [
        Result("perplexity, full fine-tuning", math.exp(full_loss), seed=seed, **against),
        Result("perplexity, LoRA", math.exp(lora_loss), seed=seed, **against),
        Result("share of the gain recovered", 100 * recovered, "%", seed=seed),
        Result("share of the parameters trained", 100 * share, "%", higher_is_better=False),
    ]
)

# %% [markdown]
# The usual hope is nine tenths of the gain for a tenth of the parameters, and here LoRA keeps it. But its share
# flatters: most of the gain is the layout of the pages, which is learnt first and easily. So hold the two
# perplexities side by side as well. Both beat the trigram model, and full fine-tuning does so by far more.
#
# What may hold LoRA back here? Our pages differ from what the checkpoint has read in their very tokens: `@-@`,
# line breaks, a space before each full stop. Two likely reasons: much of such a change would lie in the
# embeddings, which LoRA leaves frozen; and our matrices are small, so that the rank is not thin at all. Both
# change with a large model whose text is closer to the target. To test the first, train the embeddings too:
# `LoraConfig` has `modules_to_save` for that.
#
# ## Save and reload
#
# `save_pretrained` on a PEFT model writes the adapter only.

# %%
from pathlib import Path


def saved(model, folder):
    """Save the model; the size of its weights in megabytes."""
    model.save_pretrained(folder)
    return sum(p.stat().st_size for p in Path(folder).glob("*.safetensors")) / 1e6


sizes = {"full": saved(full.model, "whole"), "LoRA": saved(model, "adapter")}
print(*sorted(p.name for p in Path("adapter").iterdir()))

# %% [markdown]
# So here is the account. For each trained weight the program holds a gradient and two running means of AdamW, so
# these come to three times the trained weights.

# %%
import pandas as pd

account = {}
for name, trainer in {"full": full, "LoRA": lora}.items():
    count = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)
    account[name] = {
        "parameters trained": f"{count:,}",
        "gradients and means, MB": f"{3 * 4 * count / 1e6:.2f}",  # 4 bytes each
        "file, MB": f"{sizes[name]:.2f}",
        "training, s": f"{trainer.state.log_history[-1]['train_runtime']:.1f}",
    }
pd.DataFrame(account)

# %% [markdown]
# LoRA saves what belongs to trained weights: gradients, means, the file. Do not expect the seconds to shrink in
# that proportion: every step still runs through the whole model, forward and backward. Only the gradients of
# the frozen weights need not be computed. [The comparison](comparison.py) also measures the peak of the memory.
#
# To use the adapter one needs both: the base from the Hub and the adapter from the folder. We prove that
# nothing was lost by comparing all logits of a test block.

# %%
from peft import PeftModel


@torch.no_grad()
def logits_of(some_model):
    """Logits [1, tokens, vocabulary] of the first test block."""
    block = torch.tensor([tokenized_datasets["test"][0]["input_ids"]])
    return some_model.eval()(input_ids=block.to(some_model.device)).logits.cpu()


trained_logits = logits_of(model)
reloaded = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(**pretrained), "adapter")
print(f"reloaded differs by {(logits_of(reloaded) - trained_logits).abs().max():.1e}")
with reloaded.disable_adapter():
    print(f"switched off, it differs from the base by {(logits_of(reloaded) - logits_of(base)).abs().max():.1e}")

# %% [markdown]
# The second line is what full fine-tuning cannot offer: the base is still there, untouched, and one base can
# carry many adapters.
#
# ## Merge
#
# Two more multiplications in every layer cost time. `merge_and_unload` adds (α / r) · *BA* to *W* once and
# returns a plain model again, of the usual size and speed.

# %%
merged = reloaded.merge_and_unload()
difference = (logits_of(merged) - trained_logits).abs().max().item()
print(type(merged).__name__, f"{merged.num_parameters():,} parameters, differs by {difference:.1e}")
assert difference < 1e-3

# %% [markdown]
# The difference is rounding: the same sum in another order. What does the merged model write?

# %%
leads = [text for text in raw_datasets["test"]["text"][:] if text.startswith(" The ")][:3]
for text in leads:
    words = text.split(" ")
    prompt = tokenizer(" ".join(words[:8]), return_tensors="pt")
    print(f"prompt     {' '.join(words[:8])}")
    print(f"reference  {' '.join(words[8:24])!r}")
    for name, writer in {"full": full.model.cpu(), "LoRA": merged.cpu()}.items():
        said = writer.generate(**prompt, max_new_tokens=20, do_sample=False, pad_token_id=tokenizer.eos_token_id)
        print(f"{name:10} {tokenizer.decode(said[0, prompt['input_ids'].shape[1] :])!r}")
    print()

# %% [markdown]
# Both have the layout and the words of such a page. Read how long each keeps to what its prompt is about, and
# where it makes up a name. Neither can know the facts of the reference.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Count before you train"
#     Write `lora_parameters(model, targets, r)`: how many parameters LoRA of rank `r` adds to a GPT-2 whose
#     linear layers have one of the names in `targets`, without building it.
#
# ??? hint "Hint"
#     `model.named_modules()` gives pairs of dotted name and module; the last part of the name decides, and a
#     module's `weight.shape` gives both sides. The case that fails in most first attempts: `c_proj` occurs
#     twice in each layer, with different shapes.

# %%
def lora_parameters(model, targets, r):
    """Number of parameters that LoRA of rank r adds."""
    ...


# %% tags=["solution"]
def lora_parameters(model, targets, r):
    """Number of parameters that LoRA of rank r adds."""
    found = [m for name, m in model.named_modules() if name.split(".")[-1] in targets]
    return sum(r * sum(module.weight.shape) for module in found)


# %% tags=["check"]
for targets, r in (["c_attn"], 4), (["c_proj"], 2), (["c_attn", "c_proj", "c_fc"], 8):
    config = LoraConfig(task_type="CAUSAL_LM", target_modules=targets, r=r, fan_in_fan_out=True)
    counted, _ = get_peft_model(AutoModelForCausalLM.from_pretrained(**pretrained), config).get_nb_trainable_parameters()
    got = lora_parameters(base, targets, r)
    assert got == counted, f"{targets} at rank {r}: {got}, should be {counted}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: a merge that changes the model"
#     A colleague merges by hand, and the merged model writes nonsense. `clinic_merge` has two bugs: one
#     is about α, one about the way in which GPT-2 stores its matrices. Mend it.
#
# ??? hint "Hint"
#     PEFT's *A* has the shape [r, inputs] and *B* [outputs, r]; *BA* is [outputs, inputs]. `merged` shows
#     what should come out. Where inputs and outputs are equally many, the second bug raises no error.

# %%
def clinic_merge(weight, a, b, alpha, r):
    """Weight [inputs, outputs] with the adapter added. Two bugs."""
    return weight + alpha * (b @ a).reshape(weight.shape)


# %% tags=["solution"]
def clinic_merge(weight, a, b, alpha, r):
    """Weight [inputs, outputs] with the adapter added."""
    return weight + alpha / r * (b @ a).T


# %% tags=["check"]
layer = model.base_model.model.transformer.h[0].attn.c_attn
a, b = layer.lora_A["default"].weight.detach().cpu(), layer.lora_B["default"].weight.detach().cpu()
got = clinic_merge(base.transformer.h[0].attn.c_attn.weight.detach(), a, b, lora_alpha, rank)
want = merged.transformer.h[0].attn.c_attn.weight.detach()
assert torch.allclose(got, want, atol=1e-5), f"differs from PEFT's merge by {(got - want).abs().max():.3f}"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# DistilGPT-2 is about 90 times as large as our pocket model and has read far more kinds of text.
# Whether LoRA comes closer there is for that run to show.
#
# ## Recap
#
# - LoRA freezes *W* and learns (α / r) · *BA* beside it; *B* starts at zero, so training starts from the base.
# - Target modules are chosen by name: print what is trained, since a name that matches too little is silent.
# - The adapter is a small file; base and adapter together give the same outputs, and so does the merged
#   model, up to rounding.
# - Count what LoRA recovers in nats, and beside a baseline: a share of a huge gain flatters.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - PEFT documentation, *Quicktour* and *LoRA*
# - Hu et al. (2022), *LoRA: Low-rank adaptation of large language models*
# - Biderman et al. (2024), *LoRA learns less and forgets less*
