# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Masked language modelling with LoRA
#     path: walkthrough
#     objectives:
#       lora-encoder: "Probe where a change has to go, put LoRA adapters on an encoder, and count what is trained"
#       adapter-round-trip: "Save, reload and merge an adapter, and prove that the outputs are equal"
#       lora-domain: "Say what LoRA recovers of full fine-tuning's gain on a new domain, what it saves, and what holds it back"
#     meets: ["000#2", "000#10"]
#     minutes: 35
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
#         eval_steps: 100
#         learning_rate: 5.0e-5
#         lora_learning_rate: 5.0e-4
#         batch_size: 64
#         rank: 16
#         lora_alpha: 32
#       resources: {gpus: 1, memory_gb: 16, minutes: 20, timeout: 60}
# ---

# %% [markdown]
# # Masked language modelling with LoRA
#
# Full fine-tuning changes every weight and leaves you with a second model of the same size. LoRA leaves
# the model as it is and trains a small addition beside it. On this page it meets a hard case, a domain whose very
# words are new. You choose what is trained, you save it, fold it into the model, and you draw up
# the account.

# %% [markdown]
# **New here?** [Masked language modelling with the Trainer](trainer.py) explains the task, whole words, fixed masks and
# perplexity. This page has the same reviews, steps and batch. It mirrors the guide *LoRA* of the PEFT documentation. It
# differs in three places: full fine-tuning runs beside it on the same steps, the recovered share
# is measured, and saving and merging are checked by numbers.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/bert-mini", "main"
dataset_id, dataset_revision = "pocket/film-reviews", "main"
chunk_size, mask_share = 64, 0.15
train_rows, test_rows = 2000, 250
max_steps, eval_steps, probe_steps = 120, 30, 30
learning_rate, lora_learning_rate, batch_size = 3e-3, 6e-3, 8
target_modules = "all-linear"
rank, lora_alpha, trained_tokens = 4, 8, 500
seed = 0

# %% [markdown]
# ## The idea, on a matrix you can read
#
# A weight matrix of 4 × 6 holds 24 numbers. Suppose that fine-tuning would like to add the matrix below to
# it. Each of its rows is a multiple of one pattern, so it has **rank 1**: one column of 4 and one row of 6
# numbers say it all.

# %%
import torch

b, a = torch.tensor([[1.0], [2.0], [0.0], [-1.0]]), torch.tensor([[1.0, 0, 3, 0, 1, 0]])
print(b @ a)
print(f"{(b @ a).numel()} numbers, told by {b.numel() + a.numel()}")

# %% [markdown]
# **LoRA** bets that what fine-tuning adds to a weight matrix *W* is nearly of low rank. It freezes *W* and
# learns two thin matrices *A* and *B*, so that the layer computes *W* + (α / r) · *BA*. The rank *r* sets how
# thin they are, α how strongly the addition counts.
#
# These are the matrices of one layer of our model, and those of its head:

# %%
from transformers import AutoModelForMaskedLM, AutoTokenizer

pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
tokenizer = AutoTokenizer.from_pretrained(**pretrained)
base = AutoModelForMaskedLM.from_pretrained(**pretrained)
for name, module in base.named_modules():
    if isinstance(module, torch.nn.Linear) and ("layer.0." in name or "layer." not in name):
        outputs, inputs = module.weight.shape
        added = f"LoRA {rank * (inputs + outputs):6,}"
        print(f"{name.split('layer.0.')[-1]:32} {inputs:4} → {outputs:5}  {inputs * outputs:9,} weights, {added}")

# %% [markdown]
# Queries, keys and values, the matrix that mixes the heads, and the two of the feed-forward part make up a layer. The last row
# is the decoder, which turns a vector into one score for each token of the vocabulary. It is the same tensor as the
# **embeddings**: the largest matrix of a small model, and the one that knows the words.
#
# ## Target modules
#
# Which matrices get an adapter is said by name, and names differ between models. These are Llama's:

# %%
from peft import LoraConfig, get_peft_model

try:
    get_peft_model(base, LoraConfig(target_modules=["q_proj", "v_proj"]))
except ValueError as error:
    print(str(error)[:120])

# %% [markdown]
# An honest error. Worse is a name that matches more or less than you meant, since it passes in silence: in a BERT
# `dense` is a part of the attention, of the feed-forward part and of the head. `"all-linear"` means every
# linear layer but the decoder, whatever its name.
#
# ## The task and its data
#
# Some words of a film review are hidden, and the model predicts them from both sides. Training and validation
# reviews come from the split without labels, the others from the split `test`.

# %%
from datasets import DatasetDict, load_dataset

raw = load_dataset(dataset_id, revision=dataset_revision)
unlabelled = raw["unsupervised"].shuffle(seed=0).remove_columns("label")
raw_datasets = DatasetDict(
    train=unlabelled.select(range(train_rows)),
    validation=unlabelled.select(range(train_rows, train_rows + test_rows)),
    test=raw["test"].shuffle(seed=0).remove_columns("label").select(range(test_rows)),
)
print(raw_datasets.num_rows, raw_datasets["train"][0]["text"][:60], "…")

# %% [markdown]
# A long word is several tokens, and if some of them stayed visible they would give the others away. So whole words are hidden:
# ones and zeros say where a word begins. The masks of a row follow from its number, so they never change.

# %%
def word_starts(word_ids):
    """1 where a word or a special token begins, 0 where a word goes on."""
    return [int(word is None or word != before) for before, word in zip([None, *word_ids], word_ids)]


def hide_words(row):
    """Hide whole words of a row with ids and starts [tokens]: inputs and labels [tokens]."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + int(row["row"]))
    ids, words = row["input_ids"], row["starts"].cumsum(0)
    hidden = torch.rand(len(ids) + 1, generator=generator)[words] < mask_share
    hidden &= ~torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    inputs, labels = ids.masked_fill(hidden, tokenizer.mask_token_id), ids.masked_fill(~hidden, -100)
    return {"input_ids": inputs, "labels": labels}


encoding = tokenizer("The cinematography of this whodunit is a marvel.")
ids, starts = torch.tensor(encoding["input_ids"]), torch.tensor(word_starts(encoding.word_ids()))
for number in range(200):
    hidden = hide_words({"input_ids": ids, "starts": starts, "row": number})["labels"] != -100
    states = set(zip(encoding.word_ids(), hidden.tolist()))
    assert len(states) == len(set(encoding.word_ids())), "a word is hidden in part"
print(tokenizer.convert_ids_to_tokens(ids))

# %% [markdown]
# No word is hidden in part. The words of this sentence also show the trouble ahead: the jargon of films is not in
# the vocabulary and comes in pieces. Now all reviews are tokenised, joined and cut into chunks. A note says
# that a text is longer than the model can read; it is about to be cut.

# %%
from itertools import chain

from transformers import default_data_collator


def tokenize_and_group(batch):
    encoding = tokenizer(batch["text"])
    starts = [word_starts(encoding.word_ids(i)) for i in range(len(batch["text"]))]
    joined = {"input_ids": list(chain(*encoding["input_ids"])), "starts": list(chain(*starts))}
    end = len(joined["starts"]) // chunk_size * chunk_size
    cuts = range(0, end, chunk_size)
    return {name: [column[i : i + chunk_size] for i in cuts] for name, column in joined.items()}


def data_collator(rows):
    return default_data_collator([hide_words(row) for row in rows])


tokenized_datasets = raw_datasets.map(tokenize_and_group, batched=True, remove_columns=["text"])
tokenized_datasets = tokenized_datasets.map(lambda _, i: {"row": i}, with_indices=True).with_format("torch")
batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print(tokenized_datasets.num_rows, {name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["input_ids"][:, :8], batch["labels"][:, :8], sep="\n")

# %% [markdown]
# ## Where does the change have to go?
#
# LoRA on the linear layers leaves the embeddings frozen. Is that wise for a domain whose words are new? A probe tells: two
# short runs, one of which may change the layers only, all of their weights, and the other the embeddings only.
#
# ??? predict "Predict first: reviews of films in the English of the checkpoint. Layers or embeddings?"
#     The embeddings. The sentences are built as the model knows them; the words are what it does not know. And since the
#     decoder is the same tensor, only there can it learn which pieces to say at all.

# %%
def load_model():
    """The checkpoint, without dropout: no chunk is seen twice, so none can be learnt by heart."""
    model = AutoModelForMaskedLM.from_pretrained(**pretrained)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model.to("cuda" if torch.cuda.is_available() else "cpu")


def on_device(model, rows):
    """A batch of rows, where the model is."""
    return {name: tensor.to(model.device) for name, tensor in data_collator(list(rows)).items()}


# %% [markdown]
# Both probes start from the checkpoint, see the same chunks and are judged on the same ones.

# %%
def probe(model, part, rate=3e-3):
    """Train what has `part` in its name for a few steps; the loss on 60 validation chunks."""
    weights = [p for name, p in model.named_parameters() if part in name]
    optimizer = torch.optim.AdamW(weights, lr=rate)
    for step in range(probe_steps):
        rows = tokenized_datasets["train"].select(range(step * batch_size, (step + 1) * batch_size))
        model(**on_device(model, rows)).loss.backward()
        optimizer.step()
        model.zero_grad()
    with torch.no_grad():
        return model(**on_device(model, tokenized_datasets["validation"].select(range(60)))).loss.item()


for part in "layer.", "word_embeddings":
    count = sum(p.numel() for name, p in base.named_parameters() if part in name)
    print(f"{part:16} {count:9,} weights, loss after {probe_steps} steps {probe(load_model(), part):.2f}")

# %% [markdown]
# Adapters on the layers cannot do more than the layers can, however large their rank: what the embeddings would have to
# learn is out of their reach. So some embeddings have to come along, but which? All of them are most of the model. Text
# is kinder than that:

# %%
counts = torch.bincount(tokenized_datasets["train"][:]["input_ids"].flatten(), minlength=len(tokenizer))
counts[tokenizer.all_special_ids] = 0
token_indices = sorted(counts.topk(trained_tokens).indices.tolist())
covered = (counts[token_indices].sum() / counts.sum()).item()
print(f"{trained_tokens} of {len(tokenizer):,} tokens make up {covered:.0%} of the training text")

# %% [markdown]
# `trainable_token_indices` trains the embeddings of chosen tokens beside the adapters, in the decoder too, which shares them. The
# adapters are random at first, so we set the seed before they are made.

# %%
from transformers import set_seed


def lora_model():
    """The checkpoint with fresh, seeded adapters and trained rows for the commonest tokens."""
    set_seed(seed)
    adapters = {"target_modules": target_modules, "r": rank, "lora_alpha": lora_alpha}
    return get_peft_model(load_model(), LoraConfig(trainable_token_indices=token_indices, **adapters))


model = lora_model()
model.print_trainable_parameters()
print(*sorted(n.split("layer.")[-1] for n, p in model.named_parameters() if p.requires_grad)[:3], sep="\n")

# %% [markdown]
# ??? predict "Predict first: the adapters are new and random. Before training, does the model answer like the base or worse?"
#     Exactly like the base, it should. *A* starts at random but *B* starts at zero, so their product is zero, and the trained
#     rows start as copies of the base's. Whether it does takes three lines to find out.

# %%
@torch.no_grad()
def logits_of(some):
    """Logits [2, tokens, vocabulary] of the batch of two."""
    return some.eval()(**{name: tensor.to(some.device) for name, tensor in batch.items()}).logits.cpu()


base = load_model()
print(f"largest difference of a logit: {(logits_of(model) - logits_of(base)).abs().max():.3f}")

# %% [markdown]
# That is not zero. Where tokens are trained, PEFT 0.21 computes the logits without the **bias** of the decoder (issue 3649 of its
# repository). Llama's decoder has none, but BERT's has one: training would begin from a worse model, and no
# error would say so. The mend is a hook that adds the bias, unless the adapter is switched off or merged; then PEFT leaves
# the layer as it was.

# %%
def mend(model):
    """Add the decoder's bias, which PEFT leaves out where tokens are trained."""

    def add_bias(layer, inputs, logits):
        return logits if layer.disable_adapters or layer.merged else logits + layer.base_layer.bias

    model.get_output_embeddings().token_adapter.register_forward_hook(add_bias)
    return model


model = mend(model)
difference = (logits_of(model) - logits_of(base)).abs().max().item()
print(f"largest difference of a logit: {difference}")
assert difference < 1e-4, "the wrapped model does not start from the base"

# %% [markdown]
# ## The metric, and the figures to beat
#
# The loss is the mean of the negative logarithms of the probabilities that the hidden tokens got, and
# **perplexity** its exponential. On three tokens:

# %%
import math

toys = {"sure and right": [0.99] * 3, "one in four": [0.25] * 3, "silly: sure and wrong": [1e-6] * 3}
for name, probabilities in toys.items():
    loss = -sum(math.log(p) for p in probabilities) / 3
    print(f"{name:22} {loss:5.2f} nats, perplexity {math.exp(loss):12,.2f}")

# %% [markdown]
# Two figures come before any training: the perplexity of the untouched model, and that of **unigram frequencies**, the share
# that each token has in the training chunks.

# %%
@torch.no_grad()
def test_loss(model):
    """Mean loss in nats of all hidden tokens of the test split."""
    total = count = 0
    for i in range(0, len(tokenized_datasets["test"]), 32):
        rows = tokenized_datasets["test"].select(range(i, min(i + 32, len(tokenized_datasets["test"]))))
        batch = on_device(model, rows)
        hidden = (batch["labels"] != -100).sum().item()
        loss = model.eval()(**batch).loss
        total, count = total + loss.item() * hidden, count + hidden
    return total / count


shares = (counts + 1) / (counts + 1).sum()
labels = data_collator(list(tokenized_datasets["test"]))["labels"]
unigram = math.exp(-shares[labels[labels != -100]].log().mean())
untouched_loss = test_loss(base)
print(f"test split: unigram frequencies {unigram:.2f}, untouched model {math.exp(untouched_loss):.2f}")

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
        per_device_eval_batch_size=32,
        eval_strategy="steps",
        eval_steps=eval_steps,
        logging_steps=10,
        save_strategy="no",
        remove_unused_columns=False,
        label_names=["labels"],
        seed=seed,
    )
    splits = {f"{s}_dataset": tokenized_datasets[n] for s, n in {"train": "train", "eval": "validation"}.items()}
    return Trainer(model, training_args, data_collator, processing_class=tokenizer, **splits)


lora = trainer_for(model, lora_learning_rate, "lora")
_ = lora.train()

# %% [markdown]
# `label_names` is said aloud because `Trainer` cannot read it off a model that is wrapped by PEFT. Now full
# fine-tuning: all weights, the same steps, batches, masks and seed.

# %%
full = trainer_for(load_model(), learning_rate, "full")
_ = full.train()

# %% [markdown]
# One panel tells more than two tables.

# %% alt="Line chart of validation perplexity over training steps for full fine-tuning and LoRA, with the unigram frequencies as a dashed line: both fall far below it."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
fig, ax = plt.subplots(figsize=(7, 3))
for name, trainer in {"full fine-tuning": full, "LoRA": lora}.items():
    history = [e for e in trainer.state.log_history if "eval_loss" in e]
    ax.plot([e["step"] for e in history], [math.exp(e["eval_loss"]) for e in history], marker="o", label=name)
ax.axhline(unigram, linestyle="--", color="C5", label="unigram, test")
ax.set(title="Validation perplexity", xlabel="step", yscale="log")
ax.legend()
plt.show()

# %% [markdown]
# ## How much of the gain does LoRA recover?
#
# We compare on the test split. *Gain* is how far the loss falls below that of the untouched model, in nats.

# %%
full_loss, lora_loss = test_loss(full.model), test_loss(model)
recovered = (untouched_loss - lora_loss) / (untouched_loss - full_loss)
trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
share = trained / base.num_parameters()
start = {"baseline": math.exp(untouched_loss), "baseline_name": "untouched checkpoint", "higher_is_better": False}
show_results(
    [
        Result("perplexity, full fine-tuning", math.exp(full_loss), seed=seed, **start),
        Result("perplexity, LoRA", math.exp(lora_loss), seed=seed, **start),
        Result("share of the gain recovered", 100 * recovered, "%", seed=seed),
        Result("share of the parameters trained", 100 * share, "%", higher_is_better=False),
    ]
)

# %% [markdown]
# Read the last two rows together: which share of the gain for which share of the parameters. Most of what is trained are the
# rows of the tokens; the adapters themselves are thin. (PEFT's own percentage above divides by base *and* adapter.) A domain that is written in words the model knows asks less of the
# embeddings, and adapters alone may do.
#
# ## Save and reload
#
# `save_pretrained` on a PEFT model writes the adapter only: the thin matrices and the trained rows.

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
# LoRA saves what belongs to trained weights: gradients, means, the file. It saves no time worth mentioning, since every step
# still runs through the whole model, forward and backward, and through the adapters on top. [The comparison](comparison.py) also
# measures the peak of the memory.
#
# To use the adapter one needs both: the base from the Hub and the adapter from the folder. We prove that
# nothing was lost by comparing all logits of a batch.

# %%
from peft import PeftModel

trained_logits = logits_of(model)
reloaded = mend(PeftModel.from_pretrained(load_model(), "adapter"))
print(f"reloaded differs by {(logits_of(reloaded) - trained_logits).abs().max():.1e}")
with reloaded.disable_adapter():
    print(f"switched off, it differs from the base by {(logits_of(reloaded) - logits_of(base)).abs().max():.1e}")

# %% [markdown]
# The second line is what full fine-tuning cannot offer: the base is still there, untouched, and one base can
# carry many adapters.
#
# ## Merge
#
# `merge_and_unload` adds (α / r) · *BA* to *W* once, puts the trained rows in their place, and returns a plain model again, of the usual size and speed.

# %%
merged = reloaded.merge_and_unload()
difference = (logits_of(merged) - trained_logits).abs().max().item()
print(type(merged).__name__, f"{merged.num_parameters():,} parameters, differs by {difference:.1e}")
assert difference < 1e-3

# %% [markdown]
# The difference is rounding: the same sum in another order. What does the merged model fill in, beside the
# fully tuned and the untouched one?

# %%
@torch.no_grad()
def fills(some, text):
    """The four likeliest tokens for the gap of a text, with their probabilities."""
    encoding = tokenizer(text, return_tensors="pt")
    place = (encoding["input_ids"][0] == tokenizer.mask_token_id).nonzero().item()
    best = some.eval().cpu()(**encoding).logits[0, place].softmax(-1).topk(4)
    return [f"{tokenizer.decode(i)} {p:.2f}" for p, i in zip(best.values, best.indices)]


gaps = ["This is a [MASK] movie!", "I will remember the [MASK] for years."]
gaps += ["The cinema[MASK] of the film was dull.", "Bring a [MASK] and a handkerchief."]
for text in gaps:
    print(text)
    for name, some in {"untouched": base, "full": full.model, "LoRA": merged}.items():
        print(f"  {name:10}", ", ".join(fills(some, text)))

# %% [markdown]
# The first two gaps ask for a kind of word. The third is meant for the rest of one, but the model reads `cinema` and
# `[MASK]` with nothing to say that they belong together, and it was trained on words hidden as a whole, so whole words
# come out. The fourth asks for what nothing in the sentence tells: there no training helps, and an even spread is the best
# answer.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Count before you train"
#     Write `trained_parameters(model, r)`: how many parameters are trained if every linear layer but the decoder gets an
#     adapter of rank `r`, without building it.
#
# ??? hint "Hint"
#     `model.modules()` holds all modules, `model.get_output_embeddings()` is the decoder, and the `weight.shape` of a linear layer gives both
#     sides. The case that fails in most first attempts: the decoder counted as well.

# %%
def trained_parameters(model, r):
    """Number of parameters that are trained."""
    ...


# %% tags=["solution"]
def trained_parameters(model, r):
    """Number of parameters that are trained."""
    decoder = model.get_output_embeddings()
    linear = [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not decoder]
    return sum(r * sum(m.weight.shape) for m in linear)


# %% tags=["check"]
for r in 2, 5:
    config = LoraConfig(target_modules="all-linear", r=r)
    counted, _ = get_peft_model(load_model(), config).get_nb_trainable_parameters()
    got = trained_parameters(base, r)
    assert got == counted, f"rank {r}: {got}, should be {counted}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: a merge that changes the model"
#     A colleague merges by hand, and the merged model fills in nonsense. `clinic_merge` has two bugs: one
#     is about α, one about the order of the product. Mend it.
#
# ??? hint "Hint"
#     PEFT's *A* has the shape [r, inputs] and *B* [outputs, r]; a linear layer of PyTorch keeps its weight as
#     [outputs, inputs]. Where inputs and outputs are equally many, the second bug raises no error.

# %%
def clinic_merge(weight, a, b, alpha, r):
    """Weight [outputs, inputs] with the adapter added. Two bugs."""
    return weight + alpha * (a.T @ b.T)


# %% tags=["solution"]
def clinic_merge(weight, a, b, alpha, r):
    """Weight [outputs, inputs] with the adapter added."""
    return weight + alpha / r * (b @ a)


# %% tags=["check"]
name, layer = next((n, m) for n, m in model.named_modules() if hasattr(m, "lora_A") and "layer.0" in n)
a, b = layer.lora_A["default"].weight.detach().cpu(), layer.lora_B["default"].weight.detach().cpu()
got = clinic_merge(layer.base_layer.weight.detach().cpu(), a, b, lora_alpha, rank)
want = merged.get_submodule(name.removeprefix("base_model.model.")).weight.detach()
assert torch.allclose(got, want, atol=1e-5), f"differs from PEFT's merge by {(got - want).abs().max():.3f}"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# DistilBERT has met the words of film reviews before. How much of the change has to go to the embeddings there is
# for that run to show; the probe is part of it.
#
# ## Recap
#
# - LoRA freezes *W* and learns (α / r) · *BA* beside it; *B* starts at zero, so training starts from the base.
# - Ask first where the change has to go. For new words that is the embeddings, which LoRA on the linear layers leaves
#   alone, whatever its rank; the rows of the commonest tokens can be trained beside it.
# - Check that a wrapped model equals its base before training. Here it did not, and nothing else said so.
# - The adapter is a small file; base and adapter together give the same outputs, and so does the merged
#   model, up to rounding.
# - LoRA saves gradients, means and disk. It saves hardly any time.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - PEFT documentation, *LoRA*
# - Hu et al. (2022), *LoRA: Low-rank adaptation of large language models*
# - Biderman et al. (2024), *LoRA learns less and forgets less*
