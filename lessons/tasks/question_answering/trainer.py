# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Question answering with the Trainer
#     path: walkthrough
#     objectives:
#       qa-format: "Name each key of a SQuAD row, and check that an answer stands where its row says"
#       label-windows: "Cut long contexts into windows, map an answer from characters to tokens, and test it on a row"
#       qa-metric: "Compute exact match and F1 by SQuAD's rules, and read them apart for rows with and without an answer"
#       decode-spans: "Turn start and end logits into an answer or none, by n-best spans and a threshold chosen on rows held out"
#     meets: [c67, "000#6", "000#8", "000#11", "003#16"]
#     minutes: 40
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
#         batch_size: 16
#       resources: {gpus: 1, memory_gb: 12, minutes: 60, timeout: 150}
# ---

# %% [markdown]
# # Question answering with the Trainer
#
# Somebody asks a question, you have a text that may hold the answer. On this page you teach a model to point at the
# answer, or to say that the text does not have one. Most of the bugs live where characters become tokens.

# %% [markdown]
# **New here?** [Tokenisation](../../inference/tokenization.py) explains offsets and pieces, and
# [Why pretraining pays](../../ecosystem/transfer_learning.py) shows why we start from a checkpoint. This walkthrough
# mirrors the page *Question answering* of the Transformers documentation. It differs in four places: questions
# without an answer stay in, the mapping to tokens is tested, a trivial rival is scored first, and we decode the answers
# ourselves, since Transformers 5 has no pipeline for it any more.
#
# ## The task in one sentence
#
# **Extractive question answering** finds the stretch of a given text that answers a given question.
#
# | context | question | answer |
# |---|---|---|
# | The mill was built by Ada Bell in 1902. Her brother Tom ran it. | Who built the mill? | Ada Bell |
# | | When was the mill built? | 1902 |
# | | Who sold the mill? | *none* |
#
# The model does not write the answer. It gives every token two scores: how likely the answer starts there, and how
# likely it ends there. [The comparison](comparison.py) sets a model beside it that does write.

# %% [markdown]
# ## The settings
#
# These values run on a laptop; at full scale the same code trains BERT on SQuAD 2.0.

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/bert-mini", "main"
dataset_id, dataset_revision = "pocket/reading", "main"
held_out = 400  # rows of the training split by which we choose
max_length, stride = 96, 32
longest = 12  # tokens of an answer
dropout = 0.0  # a training this short has no time to overfit
max_steps, eval_steps = 100, 25
learning_rate, batch_size = 1e-3, 16
example = 4  # the row that travels with us
seed = 0

# %% [markdown]
# ## One row, its features, each key explained
#
# The data have the format of SQuAD, which most question-answering datasets of the Hub share.

# %%
from datasets import DatasetDict, load_dataset

raw = load_dataset(dataset_id, revision=dataset_revision)
row = raw["train"][example]
print(raw.num_rows, raw["train"].features, "", sep="\n")
for key, value in row.items():
    print(f"{key:9} {value!r}")

# %% [markdown]
# | key | what it holds |
# |---|---|
# | `id` | a name of the row, by which predictions are matched with references |
# | `title` | what the passage is about; many rows share one |
# | `context` | the passage in which to look |
# | `question` | what is asked |
# | `answers["text"]` | a list of right answers, word for word as the context has them |
# | `answers["answer_start"]` | for each of them the place of its first *character* in the context |
#
# Both lists are empty where the context has no answer. The end is not stored: it is the start plus the length of the text.
# Our row, which will travel with us, names *two* winners, and only the question tells which one is meant.

# %%
begin, text = row["answers"]["answer_start"][0], row["answers"]["text"][0]
print(f"character {begin} to {begin + len(text)}: {row['context'][begin : begin + len(text)]!r}")
unanswered = sum(not answers["text"] for answers in raw["train"]["answers"])
print(f"{unanswered / raw['train'].num_rows:.0%} of the training rows have no answer")

# %% [markdown]
# SQuAD keeps its test split to itself. We judge on the validation split, so whatever we *choose*, a checkpoint or a
# threshold, must be chosen on other rows: the last of the training split.

# %%
cut = raw["train"].num_rows - held_out
raw_datasets = DatasetDict(
    train=raw["train"].select(range(cut)),
    validation=raw["train"].select(range(cut, cut + held_out)),
    test=raw["validation"],
)
raw_datasets.num_rows

# %% [markdown]
# ## A text may be longer than the window
#
# The model reads question and context as one sequence: `[CLS] question [SEP] context [SEP]`. It reads at most
# `max_length` tokens. What if the text is longer? To see it on a short row we pretend that there is only room for 48.
#
# ??? predict "Predict first: the answer stands in the last sentence of our row. What happens to it if we cut the sequence after 48 tokens?"
#     It is gone. The row would be taken for one without an answer, and the model would learn to refuse.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint, revision=checkpoint_revision)
cut_off = tokenizer(row["question"], row["context"], truncation="only_second", max_length=48)
print(tokenizer.decode(cut_off["input_ids"])[-100:])
print(text in tokenizer.decode(cut_off["input_ids"], skip_special_tokens=True))

# %% [markdown]
# The mend is **windows**: several sequences for one row. Each repeats the question, and neighbours overlap by `stride`
# tokens, so that an answer cut in two by one window stands whole in the next.

# %%
def windows_of(batch, size=max_length, overlap=stride):
    how = {"truncation": "only_second", "max_length": size, "stride": overlap}
    how |= {"return_overflowing_tokens": True, "return_offsets_mapping": True}
    return tokenizer(batch["question"], batch["context"], **how)


windows = windows_of({name: [value] for name, value in row.items()}, size=48, overlap=16)
for ids in windows["input_ids"]:
    print(tokenizer.decode(ids[:12]), "…", tokenizer.decode(ids[-9:]))

# %% [markdown]
# ## From characters to tokens
#
# The answer is given in characters, the model needs tokens. `return_offsets_mapping` gives each token's first
# character and end, `sequence_ids` its part: 0 is the question, 1 the context, `None` a special token. Both ends of
# the last window:

# %%
tokens, parts = windows.tokens(2), windows.sequence_ids(2)
for i, offsets in enumerate(windows["offset_mapping"][2]):
    if i < 3 or i > len(tokens) - 5:
        print(f"{i:3} {tokens[i]:9} {offsets!s:11} part {parts[i]}")

# %% [markdown]
# !!! trap "An answer found in the question"
#     The offsets of the question's tokens count characters of the *question*. Without `sequence_ids`, an answer at
#     characters 4 to 7 also matches the question's token there, which comes first. No error tells you.
#
# So we forget the offsets outside the context. Then the answer starts at the token that covers its first character and ends
# at the one that covers its last. A window without one of them gets `(0, 0)`, the place of `[CLS]`: *nothing here*.

# %%
def answer_tokens(places, answers):
    """First and last token of the answer; (0, 0) where the window has not all of it."""
    for begin, text in zip(answers["answer_start"], answers["text"]):
        end = begin + len(text)
        first = [i for i, o in enumerate(places) if o and o[0] <= begin < o[1]]
        last = [i for i, o in enumerate(places) if o and o[0] < end <= o[1]]
        if first and last:
            return first[0], last[0]
    return 0, 0


def in_context(windows, i):
    return [o if p == 1 else None for o, p in zip(windows["offset_mapping"][i], windows.sequence_ids(i))]


for i, ids in enumerate(windows["input_ids"]):
    start, end = answer_tokens(in_context(windows, i), row["answers"])
    print(f"window {i}: {start:2} to {end:2}", tokenizer.decode(ids[start : end + 1]))

# %% [markdown]
# It holds on one row, so we `map` it over all. Do the tokens of every answer hold its text? The assertion asks.

# %%
def to_windows(batch):
    windows = windows_of(batch)
    rows = windows.pop("overflow_to_sample_mapping")
    windows["row_id"] = [batch["id"][row] for row in rows]
    windows["offset_mapping"] = [in_context(windows, i) for i in range(len(rows))]
    spans = [answer_tokens(o, batch["answers"][row]) for o, row in zip(windows["offset_mapping"], rows)]
    for (start, end), row, places in zip(spans, rows, windows["offset_mapping"]):
        if start:
            found = batch["context"][row][places[start][0] : places[end][1]]
            assert batch["answers"][row]["text"][0] in found, found
    windows["start_positions"], windows["end_positions"] = map(list, zip(*spans))
    return windows


columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(to_windows, batched=True, remove_columns=columns)
tokenized_datasets.num_rows

# %% [markdown]
# ## A batch of two
#
# `DataCollatorWithPadding` pads the inputs to the longest of the batch. The labels are two numbers a window.

# %%
from transformers import DataCollatorWithPadding

data_collator = DataCollatorWithPadding(tokenizer)
kept = [*tokenizer.model_input_names, "start_positions", "end_positions"]
batch = data_collator([{k: tokenized_datasets["train"][i][k] for k in kept} for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["input_ids"][:, :8], batch["start_positions"], batch["end_positions"], sep="\n")

# %% [markdown]
# ## The metric, on answers you can judge yourself
#
# SQuAD has two figures. **Exact match** asks whether the answers are the same once capitals, punctuation and articles
# are gone. **F1** counts shared words: the harmonic mean of the share of the said words that are right and the
# share of the right words that were said. Both run from 0 to 100.
#
# ??? predict "Predict first: a silly model always answers with the whole context. What are its exact match and F1?"
#     Exact match is 0. F1 is small but not 0: all right words are among the many.

# %%
import evaluate
import numpy as np

squad_v2 = evaluate.load("squad_v2")


def score(predictions, rows, threshold=0.0):
    references = [{"id": row["id"], "answers": row["answers"]} for row in rows]
    said = {"predictions": predictions, "references": references}
    return squad_v2.compute(**said, no_answer_threshold=threshold)


toys = {"right": text, "dressed up": f"The {text}!", "its last word": text.split()[-1]}
toys |= {"silly: all of it": row["context"], "nothing": ""}
for name, said in toys.items():
    toy = {"id": row["id"], "prediction_text": said, "no_answer_probability": 0.0}
    scores = score([toy], [row])
    print(f"{name:17} exact match {scores['exact']:5.1f}   F1 {scores['f1']:5.1f}")

# %% [markdown]
# `no_answer_probability` is any figure that grows with doubt. Above `no_answer_threshold` the answer counts as *none*,
# whatever the text says. We shall choose that threshold.
#
# ## The figure to beat
#
# The trivial rival says a **random name** of the context, or a number where the question asks for one. It never refuses.
# [The comparison](comparison.py) sets a stronger rule beside it.

# %%
import re


def names_in(text, question):
    """Names or, where the question asks for them, numbers of a text that the question has not."""
    number = re.search(r"year|when|how many", question, re.IGNORECASE)
    pattern = r"\d[\d,.]*\d|\d" if number else r"[A-Z][\w'-]+(?: (?:de )?[A-Z][\w'-]+)*"
    known = set(re.findall(r"\w+", f"{question} A The It Its In"))
    return [n for n in re.findall(pattern, text) if not set(re.findall(r"\w+", n)) <= known] or [""]


rng, test = np.random.default_rng(0), raw_datasets["test"]
texts = [str(rng.choice(names_in(row["context"], row["question"]))) for row in test]
sure = {"no_answer_probability": 0.0}
by_chance = [{"id": row["id"], "prediction_text": text, **sure} for row, text in zip(test, texts)]
chance = score(by_chance, test)
print(f"random name: F1 {chance['HasAns_f1']:.1f} where there is an answer, {chance['f1']:.1f} over all")

# %% [markdown]
# `HasAns` is the metric's name for rows that have an answer. The first of the two is the figure to beat.
#
# ## From logits to an answer
#
# Of the likeliest start and the likeliest end, each taken for itself, the end may stand before the start. So we score
# *pairs*: of the best starts and ends, those that lie in the context, in order, and not too far apart. On made-up scores:

# %%
def spans_of(starts, ends, places, n_best=10):
    """The best spans of a window as (score, first character, end), best first."""
    found = [
        (float(starts[s] + ends[e]), places[s][0], places[e][1])
        for s in np.argsort(starts[: len(places)])[-n_best:]
        for e in np.argsort(ends[: len(places)])[-n_best:]
        if places[s] and places[e] and s <= e < s + longest
    ]
    return sorted(found, reverse=True)


tokens = ["[CLS]", "who", "[SEP]", "Ada", "met", "Bo", "[SEP]"]
starts, ends = np.array([0, 1, 0, 2, 0, 3, 0]), np.array([0, 0, 0, 4, 0, 2, 0])
print("likeliest start", tokens[starts.argmax()], "· likeliest end", tokens[ends.argmax()])
places = [None, None, None, (0, 3), (4, 7), (8, 10), None]
print([(total, "Ada met Bo"[first:end]) for total, first, end in spans_of(starts, ends, places)])

# %% [markdown]
# Over a whole split, each row takes the best span of all its windows. The score of *no answer* is that of the pair
# `[CLS]`, `[CLS]`, and of several windows the lowest counts: a row has no answer only if no window has one. Their
# difference is our doubt.

# %%
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


def compute_metrics(eval_prediction):
    predictions = answers_of("validation", eval_prediction.predictions)
    scores = score(predictions, raw_datasets["validation"])
    return {"f1": scores["best_f1"], "exact": scores["best_exact"]}


# %% [markdown]
# `best_f1` is F1 at the best of all thresholds, so that the choice of the checkpoint does not hang on one of them.
#
# ## The model, and a score before training
#
# `AutoModelForQuestionAnswering` puts a layer with two outputs on top of the pretrained body. The load report lists it
# as newly initialised, and the old masked-word head as unused; we want both.

# %%
from transformers import AutoModelForQuestionAnswering, Trainer, TrainingArguments, set_seed

set_seed(seed)
off = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
model = AutoModelForQuestionAnswering.from_pretrained(checkpoint, revision=checkpoint_revision, **off)
training_args = TrainingArguments(
    output_dir="reader",
    max_steps=max_steps,
    learning_rate=learning_rate,
    warmup_steps=0.1,
    per_device_train_batch_size=batch_size,
    per_device_eval_batch_size=50,
    eval_strategy="steps",
    eval_steps=eval_steps,
    save_strategy="steps",
    save_steps=eval_steps,
    save_total_limit=1,
    load_best_model_at_end=True,
    metric_for_best_model="f1",
    logging_steps=10,
    seed=seed,
)

# %% [markdown]
# `load_best_model_at_end` brings back the checkpoint with the best `metric_for_best_model`; `warmup_steps=0.1` lets the
# learning rate rise over the first tenth of the steps. The test windows get no labels, else `Trainer` would compute our
# validation metric on them.

# %%
trainer = Trainer(
    model=model,
    args=training_args,
    train_dataset=tokenized_datasets["train"],
    eval_dataset=tokenized_datasets["validation"],
    data_collator=data_collator,
    processing_class=tokenizer,
    compute_metrics=compute_metrics,
)
test_windows = tokenized_datasets["test"].remove_columns(["start_positions", "end_positions"])
untouched = score(answers_of("test", trainer.predict(test_windows).predictions), test)
print(f"untouched: F1 where there is an answer {untouched['HasAns_f1']:.1f}")

# %% [markdown]
# ## Train
#
# One call. The table fills as evaluation follows evaluation.

# %%
_ = trainer.train()

# %% [markdown]
# F1 on the held-out rows, beside that of random names on the test rows:

# %% alt="Two panels over training steps: the training loss falls; F1 on the held-out rows rises far above the dashed line of random names."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
history = trainer.state.log_history
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(*zip(*[(e["step"], e["loss"]) for e in history if "loss" in e]))
left.set(title="Training loss", xlabel="step", ylabel="nats", ylim=(0, None))
right.plot(*zip(*[(e["step"], e["eval_f1"]) for e in history if "eval_f1" in e]), marker="o", color="C2")
right.axhline(chance["f1"], linestyle="--", color="C5", label="random name")
right.set(title="F1, rows held out", xlabel="step", ylim=(0, 100))
right.legend()
plt.show()

# %% [markdown]
# ## Choose the threshold on the rows held out
#
# How much doubt is too much? The metric reports the threshold with the best F1. We take it from the held-out rows.

# %%
logits = trainer.predict(tokenized_datasets["validation"]).predictions
threshold = score(answers_of("validation", logits), raw_datasets["validation"])["best_f1_thresh"]
predictions = answers_of("test", trainer.predict(test_windows).predictions)
refused = 100 * np.mean([p["no_answer_probability"] > threshold for p in predictions])
print(f"above a doubt of {threshold:.2f} the model refuses: {refused:.1f} % of the test rows")

# %% [markdown]
# ## The verdict
#
# The test rows have chosen nothing. We report the two kinds of rows apart, since one figure over all could be
# bought by refusing. For the refusals the trivial rival refuses *just as often*, but at random.
#
# Which rows are hard? The ids of the pocket data name what makes them so: *role* tells the asked relation of one subject,
# *distractor* of two, *missing* of nobody, and *other* only of the subject that the question does not ask about.

# %%
def kind_of(row):
    told = row["id"].split("-")
    return told[2] if len(told) == 4 else "answerable" if row["answers"]["text"] else "unanswerable"


def exact_by_kind(predictions, threshold=0.0):
    found = {}
    for said, row in zip(predictions, test):
        found.setdefault(kind_of(row), []).append((said, row))
    return {kind: score(*map(list, zip(*both)), threshold)["exact"] for kind, both in sorted(found.items())}


tuned = score(predictions, test, threshold)
named = {"baseline_name": "random name", "seed": seed}
f1 = {"baseline": chance["HasAns_f1"], **named}
none = {"baseline": refused, "baseline_name": "as often, at random", "seed": seed}
results = [
    Result("F1 where there is an answer, fine-tuned", tuned["HasAns_f1"], **f1),
    Result("F1 where there is an answer, untouched", untouched["HasAns_f1"], **f1),
    Result("rightly refused", tuned["NoAns_exact"], "%", **none),
]
ours, theirs = exact_by_kind(predictions, threshold), exact_by_kind(by_chance)
results += [Result(f"exact match, {k}", ours[k], baseline=theirs[k], **named) for k in ours]
show_results(results)

# %% [markdown]
# Our model has learnt to tell a founder from a seat or a year. It has hardly learnt to tell *whose*: where two
# subjects have the relation, picking either would be right half of the time, and where only the other subject has it,
# the model mostly answers all the same. The card of `pocket/bert-mini-reading`, the same model after a far longer
# training, tells of the same weakness.
#
# ## Ask it something new
#
# For new text we make rows of our own and go the same way.

# %%
from datasets import Dataset

mills = "Eastlow Mills was founded in 1911 by Ewan Stanridge. Its main rival was founded by Dorothea Bramlow."
curie = "Marie Curie was born in Warsaw. She married Pierre Curie in 1895."
asked = {"When was Eastlow Mills founded?": mills, "Who founded Eastlow Mills?": mills, "Who leads Eastlow Mills?": mills}
asked |= {"Where was Marie Curie born?": curie, "When was Marie Curie born?": curie}
empty = {"title": "", "answers": {"text": [], "answer_start": []}}
own = [{"id": question, "question": question, "context": asked[question], **empty} for question in asked]
raw_datasets["own"] = Dataset.from_list(own)
tokenized_datasets["own"] = raw_datasets["own"].map(to_windows, batched=True, remove_columns=columns)
own_windows = tokenized_datasets["own"].remove_columns(["start_positions", "end_positions"])
for said in answers_of("own", trainer.predict(own_windows).predictions):
    doubt = said["no_answer_probability"]
    verdict = "refused" if doubt > threshold else "answered"
    print(f"{said['id']:32} {said['prediction_text']:16} doubt {doubt:5.1f}, {verdict}")

# %% [markdown]
# Check each line yourself: which are right, and which two questions have no answer? The second text is about real people,
# whose names the model has hardly met; nothing it says of them should be believed.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · How many windows?"
#     Write `window_count(tokens, room, overlap)`: how many windows a context of so many tokens needs, if each has room for
#     `room` of them and neighbours share `overlap`.
#
# ??? hint "Hint"
#     Every window after the first brings `room - overlap` new tokens. The case that fails in most first attempts: a context that
#     just fits needs one window, not two.

# %%
def window_count(tokens, room, overlap):
    """Number of windows for a context of `tokens` tokens."""
    ...


# %% tags=["solution"]
def window_count(tokens, room, overlap):
    """Number of windows for a context of `tokens` tokens."""
    return 1 + max(0, -((room - tokens) // (room - overlap)))


# %% tags=["check"]
asked, told = (len(tokenizer(row[part])["input_ids"]) - 2 for part in ("question", "context"))
for size, overlap in (48, 16), (40, 5), (asked + told + 3, 8), (asked + told + 2, 8):
    tiny = windows_of({name: [value] for name, value in row.items()}, size, overlap)["input_ids"]
    got = window_count(told, size - asked - 3, overlap)
    assert got == len(tiny), f"{told} tokens, room for {size - asked - 3}: {got}, should be {len(tiny)}"

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: three planted bugs"
#     A colleague's model points at question words, cuts the last piece off long answers, and learns half answers as if
#     they were whole. All three come from `clinic_tokens`, whose offsets still hold the question. Mend it.
#
# ??? hint "Hint"
#     `parts` is never looked at. Is `begin + len(text) - 1` the end of a Python slice? And what should a window say that
#     holds only the first half?

# %%
def clinic_tokens(offsets, parts, begin, text):
    """First and last token of the answer, or (0, 0). Three bugs."""
    end = begin + len(text) - 1
    inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > begin]
    return (inside[0], inside[-1]) if inside else (0, 0)


# %% tags=["solution"]
def clinic_tokens(offsets, parts, begin, text):
    """First and last token of the answer, or (0, 0)."""
    end = begin + len(text)
    inside = [i for i, (a, b) in enumerate(offsets) if parts[i] == 1 and a < end and b > begin]
    if not inside or offsets[inside[0]][0] > begin or offsets[inside[-1]][1] < end:
        return 0, 0
    return inside[0], inside[-1]


# %% tags=["check"]
toy_parts = [None, 0, 0, None, 1, 1, 1, None]
toy_offsets = [(0, 0), (0, 3), (4, 8), (0, 0), (0, 3), (4, 8), (8, 9), (0, 0)]  # Who left? | Ada Bells
assert clinic_tokens(toy_offsets, toy_parts, 0, "Ada") == (4, 4), "that is a token of the question"
assert clinic_tokens(toy_offsets, toy_parts, 0, "Ada Bells") == (4, 6), "the last token is missing"
assert clinic_tokens(toy_offsets, toy_parts, 4, "Bells of") == (0, 0), "only half of it is in this window"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# The Hugging Face course reports an F1 of 88.7 for the same checkpoint on SQuAD 1.1, where all questions have an answer; on
# SQuAD 2.0 expect less. Our passages are written by a program: a pocket result says nothing about real ones.
#
# ## Recap
#
# - A row gives the answer by characters. Offsets and `sequence_ids` turn them into tokens, and a test on all rows shows that
#   they do.
# - Long contexts become overlapping windows. A window without the whole answer points at `[CLS]`.
# - Decode pairs, not two separate maxima, and compare the best with the score of none.
# - The threshold is chosen on rows held out. Report rows with and without an answer apart.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Transformers documentation, *Question answering*, and Hugging Face LLM Course, chapter 7, *Question answering*
# - Rajpurkar et al. (2018), *Know what you don't know: unanswerable questions for SQuAD*
# - Ram et al. (2021), *Few-shot question answering by pretraining span selection*
