# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Question answering with LoRA
#     path: walkthrough
#     objectives:
#       lora-qa: "Put LoRA adapters on a BERT that answers questions, and see that its new head is trained and saved too"
#       lora-rank: "Measure how low the rank of what fine-tuning adds really is"
#       qa-adapter: "Save, reload and merge an adapter with its head, and prove that the answers are equal"
#       qa-account: "Say what LoRA saved and what it cost, against full fine-tuning on the same steps"
#     meets: ["000#6", "000#10"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: google-bert/bert-base-cased
#         checkpoint_revision: cd5ef92a9fb2f889e972770a36d4ed042daf221e
#         dataset_id: rajpurkar/squad_v2
#         dataset_revision: 3ffb306f725f7d2ce8394bc1873b24868140c412
#         held_out: 3000
#         max_length: 384
#         stride: 128
#         longest: 30
#         dropout: 0.1
#         max_steps: 8000
#         eval_steps: 2000
#         learning_rate: 3.0e-5
#         lora_learning_rate: 3.0e-4
#         batch_size: 16
#         target_modules: [query, key, value, dense]
#         rank: 16
#         lora_alpha: 32
#       resources: {gpus: 1, memory_gb: 12, minutes: 110, timeout: 240}
# ---

# %% [markdown]
# # Question answering with LoRA
#
# Full fine-tuning changes every weight and leaves you with a second model of the same size. LoRA freezes the model and
# trains a small addition beside it. On this page you put it on a BERT that answers questions, where one part must *not*
# be frozen: the head is new. You check that bet of low rank on real weights, and you draw up the account.

# %% [markdown]
# **New here?** [Question answering with the Trainer](trainer.py) explains the rows, the windows, the metric and the
# decoding, with the same data, steps and batch. This page mirrors the quick tour of the PEFT documentation. It differs in
# four places: full fine-tuning runs beside it on the same steps, the rank of what it adds is measured, a head left
# frozen is shown as the bug it is, and saving and merging are checked by numbers.
#
# ## The settings

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/bert-mini", "main"
dataset_id, dataset_revision = "pocket/reading", "main"
held_out = 400  # rows of the training split by which we choose
max_length, stride = 96, 32
longest = 12  # tokens of an answer
dropout = 0.0  # a training this short has no time to overfit
max_steps, eval_steps = 100, 25
learning_rate, lora_learning_rate, batch_size = 1e-3, 5e-3, 16
target_modules = ["query", "key", "value", "dense"]
rank, lora_alpha = 16, 32
example = 4  # the row to look at
seed = 0

# %% [markdown]
# ## What LoRA adds
#
# A linear layer computes *Wx*. LoRA leaves *W* as it is and adds (α / r) · *BAx*, where *A* is [r, inputs] and *B* is
# [outputs, r]. If the rank *r* is small, the two thin matrices hold far fewer numbers than *W*. For the matrices of
# one layer of our model:

# %%
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, set_seed

pretrained = {"pretrained_model_name_or_path": checkpoint, "revision": checkpoint_revision}
tokenizer = AutoTokenizer.from_pretrained(**pretrained)


def new_model():
    """The checkpoint with a new, seeded head."""
    set_seed(seed)
    off = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    return AutoModelForQuestionAnswering.from_pretrained(**pretrained, **off)


base = new_model()
for name, module in base.bert.encoder.layer[0].named_modules():
    if isinstance(module, torch.nn.Linear):
        added = rank * (module.in_features + module.out_features)
        print(f"{name:24} {module.in_features:4} → {module.out_features:4}  {module.weight.numel():9,} weights, LoRA {added:6,}")

# %% [markdown]
# The load report lists the head as newly initialised; keep that in mind. `query`, `key` and `value` make the attention,
# three layers end in `dense`: the mixing of the heads and the two halves of the feed-forward part. LoRA's share shrinks
# as matrices grow, so in a small model like ours it saves the least.
#
# ## Target modules, and a head that must not freeze
#
# Which matrices get an adapter is said by name. Names of another family raise an honest error:

# %%
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

transformers.logging.set_verbosity_error()  # the load report has been read once
try:
    get_peft_model(new_model(), LoraConfig(target_modules=["q_proj", "v_proj"]))
except ValueError as error:
    print(str(error)[:120])

# %% [markdown]
# The next mistake is silent. The head is new: its weights are random numbers. LoRA freezes everything that it does not name,
# *and the random head with it*. `modules_to_save` names what is trained in full and saved with the adapters.
#
# ??? predict "Predict first: we print what is trained outside the adapters, without `modules_to_save` and with it. What is the difference?"
#     With it the head, `qa_outputs`, is trained; without it nothing but adapters is, and they have to work around a random
#     head.

# %%
def lora_model(**head):
    """The checkpoint with fresh, seeded adapters."""
    config = LoraConfig(target_modules=target_modules, r=rank, lora_alpha=lora_alpha, **head)
    return get_peft_model(new_model(), config)


for head in {}, {"modules_to_save": ["qa_outputs"]}:
    model = lora_model(**head)
    others = [name for name, p in model.named_parameters() if p.requires_grad and "lora_" not in name]
    print(head or "no head named", "→", *(others or ["nothing but adapters"]), sep="\n   ")
model.print_trainable_parameters()

# %% [markdown]
# !!! trap "A task type that drops an input"
#     `task_type="QUESTION_ANS"` trains the head too. But in PEFT 0.21 its `forward` does not hand `token_type_ids` on, by which BERT
#     tells question from context. Trained without them and merged, the model gets them again, and answers otherwise.
#
# So print what is trained, always. *A* starts at random but *B* at zero, so before training the model answers exactly like
# the one without adapters:

# %%
inputs = tokenizer("Who built the mill?", "The mill was built by Ada Bell in 1902.", return_tensors="pt")
with torch.no_grad():
    difference = (model.eval()(**inputs).start_logits - base.eval()(**inputs).start_logits).abs().max()
print(f"largest difference of a logit before training: {difference.item()}")
assert difference < 1e-5, "an input got lost on its way"

# %% [markdown]
# ## The data, in short
#
# The task is that of the first walkthrough: point at the stretch of a context that answers a question, or at `[CLS]`
# where nothing does. A row gives the answer by its text and its first character.

# %%
from datasets import DatasetDict, load_dataset

raw = load_dataset(dataset_id, revision=dataset_revision)
cut = raw["train"].num_rows - held_out
raw_datasets = DatasetDict(
    train=raw["train"].select(range(cut)),
    validation=raw["train"].select(range(cut, cut + held_out)),
    test=raw["validation"],
)
raw_datasets.num_rows

# %% [markdown]
# The tokenizer's offsets say which token covers which characters: the answer starts at the one that covers its first and ends
# at the one that covers its last. Contexts that are too long become several windows, and one without the whole answer
# points at `[CLS]`. Both functions are explained in the first walkthrough.

# %% tags=["hide-input"]
def answer_tokens(places, answers):
    """First and last token of the answer; (0, 0) where the window has not all of it."""
    for begin, text in zip(answers["answer_start"], answers["text"]):
        end = begin + len(text)
        first = [i for i, o in enumerate(places) if o and o[0] <= begin < o[1]]
        last = [i for i, o in enumerate(places) if o and o[0] < end <= o[1]]
        if first and last:
            return first[0], last[0]
    return 0, 0


# %% tags=["hide-input"]
def to_windows(batch):
    """Windows, and in each the first and last token of the answer; (0, 0) where it is not whole."""
    windows = tokenizer(
        batch["question"],
        batch["context"],
        truncation="only_second",
        max_length=max_length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    rows = windows.pop("overflow_to_sample_mapping")
    windows["row_id"] = [batch["id"][row] for row in rows]
    windows["start_positions"], windows["end_positions"] = [], []
    for i, row in enumerate(rows):
        parts = windows.sequence_ids(i)
        places = [o if p == 1 else None for o, p in zip(windows["offset_mapping"][i], parts)]
        windows["offset_mapping"][i] = places
        start, end = answer_tokens(places, batch["answers"][row])
        windows["start_positions"].append(start)
        windows["end_positions"].append(end)
    return windows


# %% [markdown]
# On one row, which the computer checks:

# %%
row = raw_datasets["train"][example]
windows = to_windows({name: [value] for name, value in row.items()})
start, end = windows["start_positions"][0], windows["end_positions"][0]
print(row["question"], row["answers"], windows.tokens(0)[start : end + 1], sep="\n")
places = windows["offset_mapping"][0]
assert row["context"][places[start][0] : places[end][1]] in row["answers"]["text"]

# %% [markdown]
# It holds, so we `map` it over all splits.

# %%
columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(to_windows, batched=True, remove_columns=columns)
tokenized_datasets.num_rows

# %% [markdown]
# A batch of two, padded to the longer:

# %%
from transformers import DataCollatorWithPadding

data_collator = DataCollatorWithPadding(tokenizer)
kept = [*tokenizer.model_input_names, "start_positions", "end_positions"]
two = data_collator([tokenized_datasets["train"].select_columns(kept)[i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in two.items()})
print(two["input_ids"][:, :8], two["start_positions"], two["end_positions"], sep="\n")

# %% [markdown]
# ## The metric, and the figure to beat
#
# Decoding and scoring are those of the first walkthrough and folded here: the best pair of places, the score of none, the
# metric of SQuAD 2.0.

# %% tags=["hide-input"]
import evaluate
import numpy as np

squad_v2 = evaluate.load("squad_v2")


def score(predictions, rows, threshold=0.0):
    references = [{"id": row["id"], "answers": row["answers"]} for row in rows]
    said = {"predictions": predictions, "references": references}
    return squad_v2.compute(**said, no_answer_threshold=threshold)


def spans_of(starts, ends, places, n_best=10):
    """The best spans of a window as (score, first character, end), best first."""
    found = [
        (float(starts[s] + ends[e]), places[s][0], places[e][1])
        for s in np.argsort(starts[: len(places)])[-n_best:]
        for e in np.argsort(ends[: len(places)])[-n_best:]
        if places[s] and places[e] and s <= e < s + longest
    ]
    return sorted(found, reverse=True)


# %% tags=["hide-input"]
def answers_of(split, logits):
    """For each row of a split the best answer, and by how much *none* beats it."""
    best, none, windows = {}, {}, tokenized_datasets[split]
    for row, places, starts, ends in zip(windows["row_id"], windows["offset_mapping"], *logits):
        best[row] = max([best.get(row, (-1e4, 0, 0)), *spans_of(starts, ends, places)[:1]])
        none[row] = min(none.get(row, 1e4), float(starts[0] + ends[0]))
    found = []
    for row in raw_datasets[split]:
        total, first, end = best[row["id"]]
        doubt = {"no_answer_probability": none[row["id"]] - total}
        found.append({"id": row["id"], "prediction_text": row["context"][first:end], **doubt})
    return found


# %% [markdown]
# On toys first. The third is silly: it answers with everything.

# %%
answer = row["answers"]["text"][0]
for name, said in {"right": answer, "half": answer.split()[-1], "silly: all of it": row["context"]}.items():
    scores = score([{"id": row["id"], "prediction_text": said, "no_answer_probability": 0.0}], [row])
    print(f"{name:16} exact match {scores['exact']:5.1f}   F1 {scores['f1']:5.1f}")

# %% [markdown]
# A trivial rival says a random name of the context, or a number where the question asks for one, and never refuses.

# %% tags=["hide-input"]
import re


def names_in(text, question):
    """Names or, where the question asks for them, numbers of a text that the question has not."""
    number = re.search(r"year|when|how many", question, re.IGNORECASE)
    pattern = r"\d[\d,.]*\d|\d" if number else r"[A-Z][\w'-]+(?: (?:de )?[A-Z][\w'-]+)*"
    known = set(re.findall(r"\w+", f"{question} A The It Its In"))
    return [n for n in re.findall(pattern, text) if not set(re.findall(r"\w+", n)) <= known] or [""]


# %% [markdown]
# On the test rows:

# %%
rng, test = np.random.default_rng(0), raw_datasets["test"]
texts = [str(rng.choice(names_in(row["context"], row["question"]))) for row in test]
sure = {"no_answer_probability": 0.0}
by_chance = [{"id": row["id"], "prediction_text": text, **sure} for row, text in zip(test, texts)]
chance = score(by_chance, test)
print(f"random name: F1 {chance['HasAns_f1']:.1f} where there is an answer, {chance['f1']:.1f} over all")

# %% [markdown]
# ## Train both
#
# A PEFT model goes into `Trainer` like any other. The one setting that differs is the learning rate: *B* starts at zero and
# few weights carry the change, so LoRA wants larger steps. [The comparison](comparison.py) tries two rates for each.

# %%
from transformers import Trainer, TrainingArguments


def compute_metrics(eval_prediction):
    return {"f1": score(answers_of("validation", eval_prediction.predictions), raw_datasets["validation"])["best_f1"]}


def trainer_for(model, rate, folder):
    training_args = TrainingArguments(
        output_dir=folder,
        max_steps=max_steps,
        learning_rate=rate,
        warmup_steps=0.1,
        per_device_train_batch_size=batch_size,
        per_device_eval_batch_size=50,
        eval_strategy="steps",
        eval_steps=eval_steps,
        logging_steps=10,
        save_strategy="no",
        label_names=["start_positions", "end_positions"],
        disable_tqdm=False,
        seed=seed,
    )
    data = {"train_dataset": tokenized_datasets["train"], "eval_dataset": tokenized_datasets["validation"]}
    return Trainer(model, training_args, data_collator, **data, compute_metrics=compute_metrics)


# %% [markdown]
# `label_names` says which columns are labels; of a plain model `Trainer` finds that out, of a wrapped one it should be told.
# `disable_tqdm=False` keeps its table, which would go with the reports we switched off.
# All models are judged by one function: the threshold from the held-out rows, the scores from the test rows.

# %%
test_windows = tokenized_datasets["test"].remove_columns(["start_positions", "end_positions"])


def judged(trainer):
    """Scores of the test split, at the threshold that suits the held-out rows best."""
    on_validation = trainer.predict(tokenized_datasets["validation"]).predictions
    threshold = score(answers_of("validation", on_validation), raw_datasets["validation"])["best_f1_thresh"]
    predictions = answers_of("test", trainer.predict(test_windows).predictions)
    return predictions, threshold, score(predictions, test, threshold)


lora = trainer_for(model, lora_learning_rate, "lora")
untouched = score(answers_of("test", lora.predict(test_windows).predictions), test)
print(f"untouched: F1 where there is an answer {untouched['HasAns_f1']:.1f}")

# %% [markdown]
# Now the adapters learn, and the head.

# %%
_ = lora.train()

# %% [markdown]
# Beside it, full fine-tuning: all weights, the same steps, batches and seed.

# %%
full = trainer_for(new_model(), learning_rate, "full")
_ = full.train()

# %% [markdown]
# One panel tells more than two tables.

# %% alt="Line chart of F1 on the held-out rows over training steps for full fine-tuning and LoRA: both stand above 50 after a quarter of the steps and change little from there."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
fig, ax = plt.subplots(figsize=(7, 2.8))
for name, trainer in {"full fine-tuning": full, "LoRA": lora}.items():
    history = [e for e in trainer.state.log_history if e.get("step") and "eval_f1" in e]
    ax.plot([e["step"] for e in history], [e["eval_f1"] for e in history], marker="o", label=name)
ax.set(title="F1 on the rows held out, at the best threshold", xlabel="step", ylim=(0, 100))
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# ## How much of the gain does LoRA recover?
#
# *Gain* is how far F1 over all test rows rises above that of the untouched model.

# %%
predictions, threshold, by_lora = judged(lora)
_, _, by_full = judged(full)
recovered = (by_lora["f1"] - untouched["f1"]) / (by_full["f1"] - untouched["f1"])
trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
against = {"baseline": chance["HasAns_f1"], "baseline_name": "random name", "seed": seed}
refused = 100 * np.mean([p["no_answer_probability"] > threshold for p in predictions])
none = {"baseline": refused, "baseline_name": "as often, at random", "seed": seed}
show_results(
    [
        Result("F1 where there is an answer, full fine-tuning", by_full["HasAns_f1"], **against),
        Result("F1 where there is an answer, LoRA", by_lora["HasAns_f1"], **against),
        Result("rightly refused, LoRA", by_lora["NoAns_exact"], "%", **none),
        Result("share of the gain recovered", 100 * recovered, "%", seed=seed),
        Result("share of the parameters trained", 100 * trained / base.num_parameters(), "%", higher_is_better=False),
    ]
)

# %% [markdown]
# One seed proves little, and a share above 100 % would not make LoRA the better way; [the comparison](comparison.py) has
# three seeds. Why can so little suffice? Most of what is needed, such as what a name is and what it stands beside, the
# pretraining may have taught already, and fine-tuning only has to say *which* of it is wanted.
#
# ## Was the bet right?
#
# LoRA bets that what fine-tuning adds to a matrix is of low rank. We have a model whose matrices were free to change, so
# we can look. We subtract the weights of the base from the fully tuned ones and ask how much of the change the largest *k*
# singular values hold.

# %% alt="Line chart of the share of the squared change held by the largest k singular values, for four matrices of the first layer; a dashed vertical line marks the rank of the adapters."
fig, ax = plt.subplots(figsize=(7, 3))
before, after = base.bert.encoder.layer[0], full.model.cpu().bert.encoder.layer[0]
for name in "attention.self.query", "attention.self.value", "attention.output.dense", "output.dense":
    change = after.get_submodule(name).weight - before.get_submodule(name).weight
    energy = torch.linalg.svdvals(change.detach().float()).square().cumsum(0)
    ax.plot(range(1, len(energy) + 1), energy / energy[-1], label=name)
ax.axvline(rank, linestyle="--", color="C5", label="rank of the adapters")
ax.set(title="How concentrated is the change?", xlabel="k largest singular values", ylabel="share of the change", ylim=(0, 1.02))
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# Where the curves cross the dashed line you read what share of the full change an adapter of that rank could hold at
# best. What it cannot hold was not needed for the score.
#
# ## Save: the account
#
# `save_pretrained` on a PEFT model writes the adapters and the trained head.

# %%
from pathlib import Path

import pandas as pd


def saved(model, folder):
    """Save the model; the size of its weights in megabytes."""
    model.save_pretrained(folder)
    return sum(p.stat().st_size for p in Path(folder).glob("*.safetensors")) / 1e6


sizes = {"full": saved(full.model, "whole"), "LoRA": saved(model, "adapter")}
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
# For each trained weight the program holds a gradient and two running means of AdamW: these shrink, and so does the file. The
# time hardly does, since every step still runs through the whole model.
#
# ## Reload
#
# To use the adapter one needs the base from the Hub and the folder. The base comes with a *random* head; the saved one must
# replace it. We prove it by comparing the logits of a test row.

# %%
@torch.no_grad()
def logits_of(some_model):
    """Start and end logits of the first test row, [2, tokens]."""
    encoding = tokenizer(test[0]["question"], test[0]["context"], truncation="only_second", max_length=max_length, return_tensors="pt")
    output = some_model.eval().cpu()(**encoding)
    return torch.cat([output.start_logits, output.end_logits])


trained_logits = logits_of(model)
set_seed(seed + 1)  # another random head than the one that training started from
other = AutoModelForQuestionAnswering.from_pretrained(**pretrained)
print(f"base with a random head differs by {(logits_of(other) - trained_logits).abs().max():.1e}")
reloaded = PeftModel.from_pretrained(other, "adapter")
print(f"reloaded differs by                {(logits_of(reloaded) - trained_logits).abs().max():.1e}")

# %% [markdown]
# ## Merge
#
# Two more multiplications in every layer cost time. `merge_and_unload` adds (α / r) · *BA* to *W* once and returns a plain
# model of the usual size and speed.

# %%
merged = reloaded.merge_and_unload()
difference = (logits_of(merged) - trained_logits).abs().max().item()
print(type(merged).__name__, f"{merged.num_parameters():,} parameters, differs by {difference:.1e}")
assert difference < 1e-3

# %% [markdown]
# The difference is rounding. What do the adapters say to the first test rows, whose names and passages are new to them?

# %%
for row, said in list(zip(test, predictions))[:7]:
    got = said["prediction_text"] if said["no_answer_probability"] <= threshold else "none"
    print(f"{row['question']}\n   said {got!r}, should be {(row['answers']['text'] or ['none'])[0]!r}")

# %% [markdown]
# Sort them: which are right, and which are of the right type but belong to another subject?
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Count before you train"
#     Write `lora_parameters(model, targets, r)`: how many parameters LoRA of rank `r` adds to a model whose linear layers
#     have one of the names in `targets` as the last part of their name, without building it. The head does not
#     count.
#
# ??? hint "Hint"
#     `model.named_modules()` gives pairs of dotted name and module. The case that fails in most first attempts: `dense`
#     occurs three times in each layer, with different shapes.

# %%
def lora_parameters(model, targets, r):
    """Number of parameters that LoRA of rank r adds."""
    ...


# %% tags=["solution"]
def lora_parameters(model, targets, r):
    """Number of parameters that LoRA of rank r adds."""
    found = [m for name, m in model.named_modules() if name.split(".")[-1] in targets]
    return sum(r * (module.in_features + module.out_features) for module in found)


# %% tags=["check"]
for targets, r in (["query"], 4), (["dense"], 2), (["query", "key", "value", "dense"], 8):
    config = LoraConfig(target_modules=targets, r=r)
    counted, _ = get_peft_model(new_model(), config).get_nb_trainable_parameters()
    got = lora_parameters(new_model(), targets, r)
    assert got == counted, f"{targets} at rank {r}: {got}, should be {counted}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: an adapter that forgot its head"
#     A colleague writes the adapters to a file by hand. After reloading, the model answers at random. `clinic_state` should
#     return, by name, every trained tensor of a PEFT model and nothing else, cut off from further training. It has three bugs: it
#     forgets a part that is trained, keeps one that is not, and hands out tensors that change when training goes on.
#
# ??? hint "Hint"
#     Ask a parameter whether it is trained instead of asking its name. `detach()` shares the memory of the original.

# %%
def clinic_state(peft_model):
    """Trained tensors by name. Three bugs."""
    named = peft_model.named_parameters()
    return {name: p.detach() for name, p in named if "lora_" in name or "original_module" in name}


# %% tags=["solution"]
def clinic_state(peft_model):
    """Trained tensors by name."""
    named = peft_model.named_parameters()
    return {name: p.detach().clone() for name, p in named if p.requires_grad}


# %% tags=["check"]
got, trained_parts = clinic_state(model), {n: p for n, p in model.named_parameters() if p.requires_grad}
assert set(trained_parts) <= set(got), "the trained head is missing"
assert set(got) <= set(trained_parts), "a frozen part is in it"
assert all(got[n].data_ptr() != p.data_ptr() for n, p in trained_parts.items()), "they would change with training"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# ## Recap
#
# - LoRA freezes *W* and learns (α / r) · *BA* beside it; *B* starts at zero.
# - A new head must be trained and saved with the adapters: `modules_to_save` sees to it, and printing what is trained shows it.
# - Base, adapter and head together give the same answers after reloading, and after merging up to rounding.
# - Count what LoRA recovers beside a baseline and over more than one seed.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - PEFT documentation, *Quicktour* and *LoRA*, with the section on `modules_to_save`
# - Hu et al. (2022), *LoRA: Low-rank adaptation of large language models*
# - Aghajanyan et al. (2021), *Intrinsic dimensionality explains the effectiveness of language model fine-tuning*
