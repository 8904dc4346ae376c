# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Token classification with LoRA
#     path: walkthrough
#     objectives:
#       lora-tagger: "Put LoRA adapters on a BERT tagger: choose target modules and rank, and count what is trained"
#       head-travels: "Say why a tagger's new layer must be trained and saved with the adapter, and show what happens if not"
#       adapter-account: "Save, reload and merge an adapter with equal outputs, and say what LoRA saved and cost"
#     meets: ["000#5", "000#10"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         dataset_id: leondz/wnut_17
#         revision: refs/convert/parquet
#         max_steps: 600
#         eval_steps: 100
#         learning_rate: 5.0e-5
#         lora_learning_rate: 5.0e-4
#         batch_size: 16
#         target_modules: [query, key, value, dense]
#         rank: 8
#         lora_alpha: 16
#       resources: {gpus: 1, memory_gb: 8, minutes: 15, timeout: 40}
# ---

# %% [markdown]
# # Token classification with LoRA
#
# One tagger for names, one for medicines, one for contract clauses: fully fine-tuned, each is a whole model.
# LoRA keeps one model and trains a small addition for each task. On this page you train such an addition,
# prove that it survives saving and merging, and lose it once on purpose, in the way in which most people lose
# theirs.

# %% [markdown]
# **New here?** [Token classification with the Trainer](trainer.py) explains BIO labels, the alignment and
# entity F1, on the same data, with the same steps, batch and seed. This page mirrors the guide *Token
# classification* of the PEFT documentation. It differs in three places: full fine-tuning runs beside
# it on the same steps, the new layer on top gets a section of its own, and saving and merging are checked
# by numbers.
#
# ## The task, briefly
#
# Every word gets a label. `B-` begins an entity, `I-` continues it, `O` is outside. An entity counts as found
# only if its type and both its ends are right.
#
# ## The settings

# %% tags=["parameters"]
checkpoint = "pocket/bert-mini"
dataset_id, revision = "pocket/entities", "main"
example = 23  # the row that travels with us
max_steps, eval_steps = 150, 30
learning_rate, lora_learning_rate, batch_size = 1e-3, 5e-3, 32
target_modules = ["query", "key", "value", "dense"]
rank, lora_alpha = 8, 16
seed = 0

# %% [markdown]
# ## The data, as before
#
# A row holds words and as many labels.

# %%
from datasets import load_dataset
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
raw_datasets = load_dataset(dataset_id, revision=revision)
label_names = raw_datasets["train"].features["ner_tags"].feature.names
row = raw_datasets["train"][example]
print(raw_datasets.num_rows)
print(*(f"{word}/{label_names[tag]}" for word, tag in zip(row["tokens"], row["ner_tags"])))

# %% [markdown]
# The model reads sub-words, so there are more tokens than labels. Paired in order, each label would slip to the
# left. The mend is that of the first walkthrough: the first piece of a word carries the label, every other token
# gets `-100`.

# %%
def align_labels(tags, word_ids):
    """Give each word's label to its first token and -100 to all other tokens."""
    labels, previous = [], None
    for word_id in word_ids:
        is_first_piece = word_id is not None and word_id != previous
        labels.append(tags[word_id] if is_first_piece else -100)
        previous = word_id
    return labels


encoding = tokenizer(row["tokens"], is_split_into_words=True)
labels = align_labels(row["ner_tags"], encoding.word_ids())
print(f"{len(row['ner_tags'])} labels, {len(labels)} tokens")
print(*(f"{t}/{'·' if k == -100 else label_names[k]}" for t, k in zip(encoding.tokens(), labels)))
assert [label for label in labels if label != -100] == row["ner_tags"]

# %% [markdown]
# Dots stand for `-100`. No label was lost and none slipped, so we `map` it over all rows and look at a batch of
# two.

# %%
from transformers import DataCollatorForTokenClassification


def tokenize_and_align(batch):
    encodings = tokenizer(batch["tokens"], is_split_into_words=True, truncation=True)
    encodings["labels"] = [
        align_labels(tags, encodings.word_ids(i)) for i, tags in enumerate(batch["ner_tags"])
    ]
    return encodings


columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(tokenize_and_align, batched=True, remove_columns=columns)
data_collator = DataCollatorForTokenClassification(tokenizer)
batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["labels"])

# %% [markdown]
# Both are as long as the longer of the two, and padding carries `-100`. The metric is tried on toys first, a silly
# one among them.

# %%
from seqeval.metrics import accuracy_score, f1_score

toy = ["B-PER", "I-PER", "O", "B-ORG", "I-ORG", "O", "B-LOC", "O"]
one_short = toy[:4] + ["O"] + toy[5:]
for name, guess in {"perfect": toy, "one short": one_short, "silly": ["O"] * 8}.items():
    accuracy, f1 = (f([toy], [guess]) for f in (accuracy_score, lambda *a: f1_score(*a, zero_division=0)))
    print(f"{name:10} accuracy {accuracy:.2f}   F1 {f1:.2f}")

# %% [markdown]
# A tagger that says `O` to everything keeps some accuracy and has no F1. The figure to beat is that of the
# look-up table: each word's most frequent label, `O` for words never seen.

# %%
from collections import Counter, defaultdict

seen = defaultdict(Counter)
for sentence in raw_datasets["train"]:
    for word, tag in zip(sentence["tokens"], sentence["ner_tags"]):
        seen[word][label_names[tag]] += 1
table = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}
looked_up = [[table.get(word, "O") for word in words] for words in raw_datasets["test"]["tokens"]]
references = [[label_names[tag] for tag in tags] for tags in raw_datasets["test"]["ner_tags"]]
baseline = f1_score(references, looked_up, zero_division=0)
print(f"look-up table on the test split: entity F1 {baseline:.3f}")

# %% [markdown]
# ## The idea, and where it goes
#
# Fine-tuning adds something to each weight matrix *W*. **LoRA** bets that this something is nearly of low rank: it
# freezes *W* and learns two thin matrices *A* and *B*, so that the layer computes *W* + (α / r) · *BA*. The rank *r*
# sets how thin they are, α how strongly the addition counts.
#
# Which matrices there are, a layer of the model says itself.

# %%
import torch
from transformers import AutoModelForTokenClassification, set_seed


def new_model(head_seed=seed):
    """The checkpoint with a fresh layer on top, drawn with `head_seed`."""
    set_seed(head_seed)
    return AutoModelForTokenClassification.from_pretrained(
        checkpoint,
        id2label=dict(enumerate(label_names)),
        label2id={name: i for i, name in enumerate(label_names)},
    )


base = new_model()
assert base.config.num_labels == len(label_names)
for name, module in base.base_model.encoder.layer[0].named_modules():
    if isinstance(module, torch.nn.Linear):
        inputs, outputs = module.in_features, module.out_features
        added = f"LoRA {rank * (inputs + outputs):6,}"
        print(f"{name:24} {inputs:4} → {outputs:4}  {inputs * outputs:7,} weights, {added}")

# %% [markdown]
# The load report is the one from before: the layer on top is new. Each line below it compares a whole matrix with its
# two thin ones. Target modules are chosen by the last part of the name: `dense` occurs three times in
# a layer and stands for all three. Adapters on `query` and `value` alone are the usual start; on every matrix they
# can change more, and still cost little.
#
# ## The layer on top is no adapter
#
# LoRA freezes whatever it does not adapt. Our top layer is random, and a frozen random layer is no use to anybody.
# `task_type="TOKEN_CLS"` tells PEFT so: it trains that layer whole and saves it with the adapter.

# %%
from peft import LoraConfig, get_peft_model
from transformers.utils import logging

logging.set_verbosity_error()  # we have read the load report
adapters = {"target_modules": target_modules, "r": rank, "lora_alpha": lora_alpha}
model = get_peft_model(new_model(), LoraConfig(task_type="TOKEN_CLS", **adapters))
model.print_trainable_parameters()
trained = {name: p.numel() for name, p in model.named_parameters() if p.requires_grad}
print(*sorted(name.split(".", 2)[-1] for name in trained if "layer" not in name or ".0." in name), sep="\n")

# %% [markdown]
# Print what is trained, always: a name that matches too little passes in silence. Here you see the pairs *A* and *B* of
# the first layer, and the classifier with its bias. The percentage counts frozen weights and adapters together.
#
# ??? predict "Predict first: the adapters are new and random. Before training, does the model answer like the base or worse?"
#     Exactly like the base. *A* starts at random but *B* starts at zero, so their product is zero.

# %%
@torch.no_grad()
def logits_of(some_model):
    """Logits [2, tokens, labels] of the first two test sentences."""
    batch = data_collator([tokenized_datasets["test"][i] for i in range(2)]).to(some_model.device)
    return some_model.eval()(**batch).logits.cpu()


difference = (logits_of(model) - logits_of(base)).abs().max().item()
print(f"largest difference of a logit before training: {difference}")

# %% [markdown]
# ## Train both
#
# A PEFT model goes into `Trainer` like any other, with the arguments of the first walkthrough. What differs is the
# learning rate: *B* starts at zero and few weights carry the change, so LoRA wants larger steps. How large,
# [the comparison](comparison.py) searches with equal effort for both.

# %%
import numpy as np
from transformers import Trainer, TrainingArguments


def to_names(logits, labels):
    best, keep = np.argmax(logits, axis=-1), labels != -100
    guesses = [[label_names[i] for i in row[k]] for row, k in zip(best, keep)]
    truths = [[label_names[i] for i in row[k]] for row, k in zip(labels, keep)]
    return truths, guesses


def compute_metrics(eval_prediction):
    pair = to_names(eval_prediction.predictions, eval_prediction.label_ids)
    return {"f1": f1_score(*pair, zero_division=0)}


# %% [markdown]
# The arguments stand in a function, since we need them again and again.

# %%
def trainer_for(model, rate, folder):
    training_args = TrainingArguments(
        output_dir=folder,
        max_steps=max_steps,
        learning_rate=rate,
        per_device_train_batch_size=batch_size,
        per_device_eval_batch_size=64,
        eval_strategy="steps",
        eval_steps=eval_steps,
        save_strategy="steps",
        save_steps=eval_steps,
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="f1",
        label_names=["labels"],
        logging_steps=10,
        disable_tqdm=False,  # the table, though warnings are silenced
        seed=seed,
    )
    splits = {"train_dataset": tokenized_datasets["train"], "eval_dataset": tokenized_datasets["validation"]}
    helpers = {"processing_class": tokenizer, "compute_metrics": compute_metrics}
    return Trainer(model, training_args, data_collator, **splits, **helpers)


# %% [markdown]
# The untouched model first.

# %%
lora = trainer_for(model, lora_learning_rate, "lora")
untouched = lora.predict(tokenized_datasets["test"]).metrics["test_f1"]
print(f"untouched model on the test split: entity F1 {untouched:.3f}")

# %% [markdown]
# Now the adapters and the top layer learn.

# %%
lora_run = lora.train()

# %% [markdown]
# Beside it, full fine-tuning: all weights, the same steps, batches and seed.

# %%
full = trainer_for(new_model(), learning_rate, "full")
full_run = full.train()

# %% [markdown]
# One panel tells more than two tables.

# %% alt="Line chart of validation entity F1 over training steps for full fine-tuning and LoRA, with the look-up table as a dashed line far below both."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
fig, ax = plt.subplots(figsize=(7, 3))
for name, trainer in {"full fine-tuning": full, "LoRA": lora}.items():
    history = [entry for entry in trainer.state.log_history if "eval_f1" in entry and entry["step"]]
    ax.plot([e["step"] for e in history], [e["eval_f1"] for e in history], marker="o", label=name)
ax.axhline(baseline, linestyle="--", color="C5", label="look-up table, test")
ax.set(title="Validation entity F1", xlabel="step", ylim=(0, 1))
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# ## The account
#
# We compare on the test split. *Gain* is how far F1 rises above that of the untouched model.

# %%
lora_test, full_test = (trainer.predict(tokenized_datasets["test"]) for trainer in (lora, full))
lora_f1, full_f1 = lora_test.metrics["test_f1"], full_test.metrics["test_f1"]
share = sum(trained.values()) / base.num_parameters()
against = {"baseline": baseline, "baseline_name": "look-up table", "seed": seed}
show_results(
    [
        Result("entity F1, full fine-tuning", full_f1, **against),
        Result("entity F1, LoRA", lora_f1, **against),
        Result("share of the gain recovered", 100 * (lora_f1 - untouched) / (full_f1 - untouched), "%", seed=seed),
        Result("share of the parameters trained", 100 * share, "%", higher_is_better=False),
        Result("training, full", full_run.metrics["train_runtime"], "s", kind="cost"),
        Result("training, LoRA", lora_run.metrics["train_runtime"], "s", kind="cost"),
    ]
)

# %% [markdown]
# One seed each: a gap of a point between the two would prove nothing, [the comparison](comparison.py) has three. Why does
# so small an addition go so far? The checkpoint already knows which words are names of what; the adapters
# need to bring this out, not to teach it.
#
# Look at the seconds as well. A step still runs through the whole model, forward and backward, and the adapters come on
# top. What shrinks is what belongs to trained weights: gradients, the two running means of AdamW, and the file.
#
# ## Save and reload
#
# `save_pretrained` on a PEFT model writes the adapter and the top layer, nothing else.

# %%
from pathlib import Path

from peft import PeftModel

model.save_pretrained("adapter")
full.model.save_pretrained("whole")
for folder in "adapter", "whole":
    (size,) = (p.stat().st_size for p in Path(folder).iterdir() if p.suffix == ".safetensors")
    print(f"{folder:8} {size / 1e3:7,.0f} kB")

# %% [markdown]
# To use it one needs both: the base from the Hub and the adapter from the folder. For the reload we draw the top layer
# with *another* seed, as would happen on another day, and compare logits.

# %%
trained_logits = logits_of(model)
reloaded = PeftModel.from_pretrained(new_model(seed + 1), "adapter")
print(f"reloaded differs by {(logits_of(reloaded) - trained_logits).abs().max():.1e}")
assert torch.allclose(logits_of(reloaded), trained_logits, atol=1e-3)

# %% [markdown]
# Nothing was lost: the random layer was replaced by the trained one.
#
# ## An adapter without its head
#
# Now the wrong way. One argument is missing, `task_type`, and the top layer stays frozen. Somebody notices and unfreezes it
# by hand. It raises no error, and it trains.
#
# ??? predict "Predict first: what is F1 after training, and after saving and reloading?"
#     After training it is good, since everything that has to learn could learn. But PEFT was never told of the top layer, so
#     it saves the adapters only. After reloading there is a new random layer, and nothing below it helps.

# %%
headless = get_peft_model(new_model(), LoraConfig(**adapters))
for parameter in headless.base_model.model.classifier.parameters():
    parameter.requires_grad = True  # by hand
headless_trainer = trainer_for(headless, lora_learning_rate, "headless")
_ = headless_trainer.train()
headless.save_pretrained("headless-adapter")

# %% [markdown]
# We score it as it stands, then reload both adapters on a base with a new random layer.

# %%
def test_f1(some_model):
    return trainer_for(some_model, 0.0, "scores").predict(tokenized_datasets["test"]).metrics["test_f1"]


def reload(folder):
    return PeftModel.from_pretrained(new_model(seed + 1), folder)


print(f"without head: F1 {test_f1(headless):.3f}, reloaded {test_f1(reload('headless-adapter')):.3f}")
print(f"with head:    F1 {test_f1(model):.3f}, reloaded {test_f1(reload('adapter')):.3f}")

# %% [markdown]
# !!! trap "It worked until I loaded it again"
#     If a tagger or classifier is fine in the training session and talks nonsense afterwards, look into the saved
#     file for `classifier`. `task_type` puts it there; so does `modules_to_save=["classifier"]`.
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
# The difference is rounding: the same sum in another order. The merged model goes into a pipeline like any
# other. On new sentences, beside full fine-tuning:

# %%
from transformers import pipeline

taggers = {
    name: pipeline("token-classification", model=m, tokenizer=tokenizer, aggregation_strategy="first")
    for name, m in {"full": full.model, "LoRA": merged}.items()
}
for sentence in [
    "Henrietta Claycott left Eastlow to work at Jubin Dairies .",
    "henrietta claycott left eastlow to work at jubin dairies .",
    "The shares of Jubin Dairies fell after Claycott had left .",
]:
    print(sentence)
    for name, tagger in taggers.items():
        print(f"   {name:5}", *(f"{e['word']}/{e['entity_group']}" for e in tagger(sentence)), sep="  ")

# %% [markdown]
# Mark the three yourself and compare; the second has lost its capitals, and most of its names with them. Do the two fail
# on the same sentences of the test split?

# %%
truths, full_said = to_names(full_test.predictions, full_test.label_ids)
_, lora_said = to_names(lora_test.predictions, lora_test.label_ids)
right = Counter((f == t, lo == t) for t, f, lo in zip(truths, full_said, lora_said))
print(f"both right {right[True, True]}, both wrong {right[False, False]}, ", end="")
print(f"only full right {right[True, False]}, only LoRA right {right[False, True]}\n")
differ = [i for i, (f, lo) in enumerate(zip(full_said, lora_said)) if f != lo]
for i in differ[:2]:
    for name, labels in {"right": truths[i], "full": full_said[i], "LoRA": lora_said[i]}.items():
        words = raw_datasets["test"][i]["tokens"]
        print(f"{name:5}", *(w if label == "O" else f"{w}/{label}" for w, label in zip(words, labels)))
    print()

# %% [markdown]
# Where both are wrong, the sentence or the data is hard; where only one is, chance has a large part in it.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Count before you train"
#     Write `lora_parameters(model, targets, r)`: how many parameters are trained if every `nn.Linear` whose name ends in
#     one of `targets` gets an adapter of rank `r` and the layer `classifier` is trained whole.
#
# ??? hint "Hint"
#     `model.named_modules()` gives pairs of dotted name and module; the last part of the name decides. The case that
#     fails in most first attempts: the classifier has a bias.

# %%
def lora_parameters(model, targets, r):
    """Number of parameters that LoRA of rank r trains, head included."""
    ...


# %% tags=["solution"]
def lora_parameters(model, targets, r):
    """Number of parameters that LoRA of rank r trains, head included."""
    found = [
        module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.split(".")[-1] in targets
    ]
    head = sum(p.numel() for p in model.classifier.parameters())
    return head + sum(r * (module.in_features + module.out_features) for module in found)


# %% tags=["check"]
for targets, r in (["query"], 4), (["dense"], 2), (["query", "value", "dense"], 8):
    config = LoraConfig(task_type="TOKEN_CLS", target_modules=targets, r=r)
    counted, _ = get_peft_model(new_model(), config).get_nb_trainable_parameters()
    got = lora_parameters(base, targets, r)
    assert got == counted, f"{targets} at rank {r}: {got}, should be {counted}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: an adapter that does not learn"
#     A colleague's tagger starts worse than the base, its loss never moves, and its file lacks the classifier. Each
#     symptom has one cause in `clinic_config`. Mend it.
#
# ??? hint "Hint"
#     One argument belongs to later use, not to training. One makes *B* random. One is missing.

# %%
def clinic_config():
    """A LoRA config for a tagger. Three bugs."""
    return LoraConfig(
        target_modules=["query", "value"], r=4, inference_mode=True, init_lora_weights=False
    )


# %% tags=["solution"]
def clinic_config():
    """A LoRA config for a tagger."""
    return LoraConfig(task_type="TOKEN_CLS", target_modules=["query", "value"], r=4)


# %% tags=["check"]
patient = get_peft_model(new_model(), clinic_config())
learns = [name for name, p in patient.named_parameters() if p.requires_grad]
assert any("lora_A" in name for name in learns), "no adapter is trained"
assert any("classifier" in name for name in learns), "the top layer is neither trained nor saved"
assert torch.equal(logits_of(patient), logits_of(base)), "it does not start from the base"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# BERT is about a hundred times as large as our pocket model, so the same rank is a far smaller share of it. And its
# pretraining text is not about the names in noisy posts: whether LoRA keeps up there is for that run to show.
#
# ## Recap
#
# - LoRA freezes *W* and learns (α / r) · *BA* beside it; *B* starts at zero, so training starts from the base.
# - Target modules are chosen by name: print what is trained.
# - The new layer on top must be trained and saved too: `task_type` sees to both, and a layer that was trained only is lost
#   when the adapter is loaded again.
# - Reloaded and merged, the model gives the same outputs, up to rounding. The file shrinks with what is
#   trained; the time of a step does not.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - PEFT documentation, *Token classification* and *LoRA*
# - Hu et al. (2022), *LoRA: Low-rank adaptation of large language models*
# - Biderman et al. (2024), *LoRA learns less and forgets less*
