# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Translation with the Trainer
#     path: walkthrough
#     objectives:
#       target-side: "Tokenise the target side, and say what the decoder reads and what it must write"
#       read-bleu: "Score translations with SacreBLEU, beside copying and a dictionary"
#       train-seq2seq: "Adapt a translation model with Seq2SeqTrainer, generating in evaluation"
#       read-translations: "Read translations beside their references, and say what adapting changed"
#     meets: [c72, "000#3", "000#8", "000#11"]
#     minutes: 35
#     full:
#       parameters:
#         checkpoint: Helsinki-NLP/opus-mt-en-fr
#         dataset_id: Helsinki-NLP/kde4
#         revision: refs/convert/parquet
#         validation_size: 1000
#         test_size: 2000
#         max_steps: 3000
#         eval_steps: 500
#         learning_rate: 2.0e-5
#         batch_size: 32
#         max_length: 128
#       resources: {gpus: 1, memory_gb: 10, minutes: 25, timeout: 60}
# ---

# %% [markdown]
# # Translation with the Trainer
#
# You have a model that translates everyday English into French, and manuals that nobody has translated
# yet. The model has met few manuals. By the end of this page it has learnt how menus and instructions
# are put in French, you know how much better it is than a dictionary, and you have read the lines that it
# still gets wrong.

# %% [markdown]
# **New here?** [Tokenisation](../../inference/tokenization.py) explains the pieces that text is cut into,
# and [Why pretraining pays](../../ecosystem/transfer_learning.py) shows why we start from a pretrained
# checkpoint. This walkthrough mirrors the page *Translation* of the Transformers documentation. It
# differs in four places: we score a dictionary and the untouched model before we train, we test the
# target side on one row, we keep the best checkpoint, and we end on `generate()`, since Transformers 5
# has no translation pipeline any more.
#
# ## The task in one sentence
#
# A translation model reads a whole sentence and writes another one, token by token. The reader is called
# the **encoder**, the writer the **decoder**. At each step the decoder looks at the English sentence and
# at what it has written so far:
#
# | step | the encoder has read | the decoder has written | it must write next |
# |---|---|---|---|
# | 1 | Delete file | (start) | Supprimer |
# | 2 | Delete file | (start) Supprimer | le |
# | 3 | Delete file | (start) Supprimer le | fichier |
# | 4 | Delete file | (start) Supprimer le fichier | (end) |
#
# Two English words became three French ones. *le* translates nothing: French wants an article there.
# Whoever translates word by word gets this wrong, and we shall measure how wrong.

# %% [markdown]
# ## The settings
#
# Everything that depends on scale stands in one cell. These values run on one core of a laptop; at full
# scale the same code adapts a real translation model to the manuals of the KDE desktop.

# %% tags=["parameters"]
checkpoint = "pocket/marian-mini-en-fr"
dataset_id, dataset_config, revision = "pocket/en-fr-manuals", "en-fr", "main"
validation_size, test_size = 200, 400
example = 6  # the row that travels with us
max_steps, eval_steps = 200, 50
learning_rate, batch_size = 2e-3, 16
max_length = 64  # tokens, on either side
seed = 0

# %% [markdown]
# ## Look at the data before anything else
#
# Translation data come as pairs. A pair is one column, `translation`, with a text for each language.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id, dataset_config, revision=revision)
print(raw_datasets.num_rows)
for row in raw_datasets["train"].select(range(4)):
    print(row["translation"])

# %% [markdown]
# There is one split only, as is usual for translation data. So we cut it ourselves, twice: a test split
# for the verdict, and a validation split for the choices on the way. The seed makes everybody's cut the
# same.

# %%
split = raw_datasets["train"].train_test_split(test_size=test_size, seed=seed)
raw_datasets["test"] = split["test"]
split = split["train"].train_test_split(test_size=validation_size, seed=seed)
raw_datasets["train"], raw_datasets["validation"] = split["train"], split["test"]
print(raw_datasets.num_rows)

pair = raw_datasets["train"][example]["translation"]
print(pair)

# %% [markdown]
# The last line is the row that will travel with us through every step below. But first, a question that a
# random cut always raises: how many test sentences have we seen in training?

# %%
for language in ("en", "fr"):
    known = {pair[language] for pair in raw_datasets["train"]["translation"]}
    tests = [pair[language] for pair in raw_datasets["test"]["translation"]]
    print(f"{language}: {sum(text in known for text in tests)} of {len(tests)} test texts are in training too")

# %% [markdown]
# No English text comes twice. Some French ones do, because *Delete file* and *Delete the file* have the
# same translation. What a random cut cannot hold out are the **patterns**: our test sentences are new
# combinations of known words in known forms. Keep that in mind when the score looks good.
#
# ## A metric, tried on toys
#
# **BLEU** counts how many words, and runs of two, three and four words, a translation shares with the
# reference; a translation that is too short is fined. `sacrebleu` does it in the standard way, from 0 to
# 100. We try it on one sentence before we trust it.
#
# ??? predict "Predict first: the reference is *Cliquez sur le bouton pour fermer la fenêtre.* Rank these: the same words in another order; *le* eight times; and *Appuyez sur le bouton pour fermer la fenêtre.*, which means the same."
#     The last shares all but its first word with the reference and scores high, but not 100, though a
#     reader would accept it. Words in a wrong order share words but hardly any runs. *le* eight times
#     shares one word, and only once: repeating it does not pay, since each word of the reference
#     counts once.

# %%
import evaluate

sacrebleu = evaluate.load("sacrebleu")
reference = "Cliquez sur le bouton pour fermer la fenêtre."
toys = {
    "the reference": reference,
    "another verb": "Appuyez sur le bouton pour fermer la fenêtre.",
    "words in disorder": "Fenêtre la fermer le sur bouton pour cliquez.",
    "le, eight times": "le le le le le le le le",
    "the English": "Click on the button to close the window.",
}
for name, text in toys.items():
    score = sacrebleu.compute(predictions=[text], references=[[reference]])["score"]
    print(f"{name:18} {score:5.1f}")

# %% [markdown]
# A good translation lost points for another verb: BLEU compares with *one* translation, not with French.
# It is useful for comparing systems on the same test, and useless as a mark from 0 to 100. The references
# are a list of lists, because a sentence may have several.
#
# ## Two baselines to beat
#
# The first is to copy the English. The second is a dictionary: for each English word the French word that
# keeps its company. Two words go together if they occur in the same pairs and hardly elsewhere; Dice's
# coefficient says it in one number.

# %%
import re
from collections import Counter

WORD = r"[\w-]+'?"


def words(text):
    return re.findall(WORD, text.lower())


english, french, together = Counter(), Counter(), Counter()
for en_fr in raw_datasets["train"]["translation"]:
    en, fr = set(words(en_fr["en"])), set(words(en_fr["fr"]))
    english.update(en)
    french.update(fr)
    together.update((e, f) for e in en for f in fr)

dictionary = {}
for (e, f), count in together.items():
    dice = 2 * count / (english[e] + french[f])
    dictionary[e] = max(dictionary.get(e, (0, e)), (dice, f))
for word in words(pair["en"]):
    print(f"{word:15} {dictionary[word][1]:15} {dictionary[word][0]:.2f}")

# %% [markdown]
# The last column is the coefficient: 1 means that the two always occur together. We translate the test
# split word by word, in the order of the English, and score both baselines.

# %%
def look_up(text):
    found = re.sub(WORD, lambda word: dictionary.get(word[0].lower(), (0, word[0]))[1], text)
    return found.replace("' ", "'").capitalize()


def bleu(predictions, references):
    return sacrebleu.compute(predictions=predictions, references=[[r] for r in references])["score"]


tests = raw_datasets["test"]["translation"][:]
references = [t["fr"] for t in tests]
copied = bleu([t["en"] for t in tests], references)
baseline = bleu([look_up(t["en"]) for t in tests], references)
print(pair["en"], "→", look_up(pair["en"]))
print(f"copying the English: BLEU {copied:.1f}\ndictionary: BLEU {baseline:.1f}")

# %% [markdown]
# Copying scores next to nothing. The dictionary is a rival to take seriously: it has learnt the words of
# *these* manuals, of which our checkpoint has seen few. What it lacks is grammar. On our row it says *été*
# twice, since *has* and *been* both keep its company, and *le image* where French wants *l'image*.
#
# ## The target side
#
# Now the step on which most first attempts at translation break. The English goes to the encoder; where
# does the French go? The obvious call passes both texts to the tokenizer.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint)
both = tokenizer(pair["en"], pair["fr"])
print(list(both))
print(tokenizer.convert_ids_to_tokens(both["input_ids"]))

# %% [markdown]
# No error, and yet all wrong: a second text is taken for a continuation of the first. The encoder would
# read the answer, and there are no labels to learn from. The mend is a named argument: **`text_target`**
# marks the text to be written.

# %%
encoding = tokenizer(pair["en"], text_target=pair["fr"])
for name in ("input_ids", "labels"):
    print(f"{name:10}", tokenizer.convert_ids_to_tokens(encoding[name]))

# %% [markdown]
# Two sequences now, of different lengths, each with an end sign `</s>`. (`▁` marks the beginning of a
# word; one that the tokenizer does not have whole, like *partagée* here, is cut into pieces.) Our
# checkpoint has one set of pieces for both languages. Others, the original `opus-mt` among them, have one
# for each, and there `text_target` also chooses the right one.
#
# Back to the table at the top. Its last two columns are the same French, shifted by one place. The model
# makes the first from the second: it puts a start sign in front and drops the end. We let it do so, on
# our row. (Dropout is off: in a run this short there is little danger of learning by heart.)

# %%
import torch
from transformers import AutoModelForSeq2SeqLM, set_seed

set_seed(seed)
model = AutoModelForSeq2SeqLM.from_pretrained(checkpoint, dropout=0.0)
labels = torch.tensor([encoding["labels"]])
decoder_input_ids = model.prepare_decoder_input_ids_from_labels(labels)
read = tokenizer.convert_ids_to_tokens(decoder_input_ids[0])
for before, after in zip(read, tokenizer.convert_ids_to_tokens(labels[0])):
    print(f"has just read {before:15} must write {after}")

# %% [markdown]
# Line by line: what must be written in one line is what has been read in the next. This checkpoint uses
# `<pad>` as its start sign. During training the decoder reads the *reference*, not its own guesses, so
# all steps are computed at once; that is called **teacher forcing**.
#
# We let the computer check what we have just read, then wrap the call in a function and `map` it over all
# rows.

# %%
assert decoder_input_ids[0, 0] == model.config.decoder_start_token_id
assert decoder_input_ids[0, 1:].tolist() == encoding["labels"][:-1]
assert encoding["labels"][-1] == tokenizer.eos_token_id


def preprocess(batch):
    sources = [pair["en"] for pair in batch["translation"]]
    targets = [pair["fr"] for pair in batch["translation"]]
    return tokenizer(sources, text_target=targets, truncation=True, max_length=max_length)


columns = raw_datasets["train"].column_names
tokenized_datasets = raw_datasets.map(preprocess, batched=True, remove_columns=columns)
assert tokenized_datasets["train"][example]["labels"] == encoding["labels"]
tokenized_datasets["train"].column_names

# %% [markdown]
# How long are the two sides, and does `max_length` cut anything off? We look.

# %% alt="Two histograms of lengths in tokens, English and French: both peak at short texts and have a tail; the French is longer. A dashed line at the right marks the longest length that is kept."
import matplotlib.pyplot as plt

from course_utils.lesson import use_plot_style

use_plot_style()
fig, ax = plt.subplots(figsize=(7, 2.8))
for name, label in {"input_ids": "English", "labels": "French"}.items():
    lengths = [len(ids) for ids in tokenized_datasets["train"][name]]
    ax.hist(lengths, bins=range(0, max_length + 2, 2), histtype="step", linewidth=2, label=label)
ax.axvline(max_length, linestyle="--", color="C5", label="max_length")
ax.set(title="Length of the training texts", xlabel="tokens", ylabel="texts")
ax.legend(loc=(0.68, 0.55))
plt.show()

# %% [markdown]
# Most texts are short. In a batch the short ones are padded to the longest, so lengths matter for speed.
#
# ## A batch of two
#
# `DataCollatorForSeq2Seq` pads both sides, but not with the same thing: inputs get the padding id, labels
# get `-100`, the value that cross-entropy skips. Given the model, it also shifts the labels for the
# decoder.

# %%
from transformers import DataCollatorForSeq2Seq

data_collator = DataCollatorForSeq2Seq(tokenizer, model=model)
batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["labels"])
print(batch["decoder_input_ids"])

# %% [markdown]
# The shorter row of the labels ends in a run of `-100`; in the decoder's inputs, which must be real ids,
# the same places hold padding. If the labels were padded with the padding id as well, the loss would
# count padding as text:

# %%
padded = batch["labels"].masked_fill(batch["labels"] == -100, tokenizer.pad_token_id)
with torch.no_grad():
    for name, labels in {"padding skipped": batch["labels"], "padding counted": padded}.items():
        print(f"{name}: loss {model(**(dict(batch) | {'labels': labels})).loss:.2f}")

# %% [markdown]
# The second figure is another quantity: it also asks what the model writes where nothing should be
# written. An untrained model is surprised by that, a trained one soon is not, and then the figure looks far
# too good. Exercise 1 is about somebody who trains on it.
#
# ## The metric, for the Trainer
#
# A translation is judged by what the model *generates*, not by the loss. `Seq2SeqTrainer` hands generated
# ids and labels to this function. Both hold `-100` where they were padded, and no tokenizer can decode
# that.

# %%
import numpy as np


def to_texts(ids):
    ids = np.where(ids != -100, ids, tokenizer.pad_token_id)
    return tokenizer.batch_decode(ids, skip_special_tokens=True)


def compute_metrics(eval_prediction):
    predictions, labels = eval_prediction
    return {"bleu": bleu(to_texts(predictions), to_texts(labels))}


round_trip = to_texts(np.array(encoding["labels"]).reshape(1, -1))[0]
print(round_trip, "|", round_trip == pair["fr"])

# %% [markdown]
# The references come back from the labels unharmed, so BLEU sees the true text. That is worth a check: a
# tokenizer that loses a space or an accent would lower every score.
#
# ## The arguments, one by one
#
# Three arguments belong to translation: `predict_with_generate=True` makes evaluation write translations
# instead of only computing the loss, `generation_max_length` bounds them, and `generation_num_beams=1`
# takes the likeliest token at each step. `train_sampling_strategy` puts texts of like length into a batch,
# which saves padding. `load_best_model_at_end` brings back the checkpoint with the best validation BLEU.

# %%
from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments

training_args = Seq2SeqTrainingArguments(
    output_dir="manual-translator",
    max_steps=max_steps,
    learning_rate=learning_rate,
    warmup_steps=0.1,  # a share of max_steps
    per_device_train_batch_size=batch_size,
    per_device_eval_batch_size=100,
    train_sampling_strategy="group_by_length",
    predict_with_generate=True,
    generation_max_length=max_length,
    generation_num_beams=1,
    eval_strategy="steps",
    eval_steps=eval_steps,
    save_strategy="steps",
    save_steps=eval_steps,
    save_total_limit=1,
    load_best_model_at_end=True,
    metric_for_best_model="bleu",
    logging_steps=10,
    seed=seed,
)

# %% [markdown]
# `Seq2SeqTrainer` brings everything together. Before we train, we score the untouched model.

# %%
trainer = Seq2SeqTrainer(
    model=model,
    args=training_args,
    train_dataset=tokenized_datasets["train"],
    eval_dataset=tokenized_datasets["validation"],
    data_collator=data_collator,
    processing_class=tokenizer,
    compute_metrics=compute_metrics,
)
untouched = trainer.predict(tokenized_datasets["test"])
print(f"untouched model on the test split: BLEU {untouched.metrics['test_bleu']:.1f}")
print("reference:", to_texts(untouched.label_ids)[0])
print("model:    ", to_texts(untouched.predictions)[0])

# %% [markdown]
# That is what it makes of a line of a manual: the frame of the sentence stands, the rest is French of a
# kind. The checkpoint was trained on everyday sentences and a few hundred lines of *other* manuals, as
# large collections have a little of everything. So it is ahead of the dictionary before it starts, and the
# score to beat is its own.
#
# ## Train
#
# One call. The table fills as evaluation follows evaluation. The notice at its end, when the best
# checkpoint is brought back, names weights that no file holds: embeddings shared by encoder, decoder and
# output are stored once, and the table of positions is computed.

# %%
_ = trainer.train()

# %% [markdown]
# Numbers in a table hide their shape, so we draw them.

# %% alt="Two panels over training steps: the training loss falls; validation BLEU starts below the dashed line of the untouched model, rises with every evaluation and ends far above it."
history = trainer.state.log_history
losses = [(entry["step"], entry["loss"]) for entry in history if "loss" in entry]
scores = [(entry["step"], entry["eval_bleu"]) for entry in history if "eval_bleu" in entry]
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(*zip(*losses))
left.set(title="Training loss", xlabel="step", ylabel="nats a token", ylim=(0, None))
right.plot(*zip(*scores), marker="o", color="C2")
right.axhline(untouched.metrics["test_bleu"], linestyle="--", color="C5", label="untouched (test)")
right.set(title="Validation BLEU", xlabel="step", ylim=(0, 100))
right.legend(loc="upper left")
plt.show()

# %% [markdown]
# Look at the first dot on the right: after a quarter of the steps the model translates *worse* than before
# it was touched. Large steps upset what was there, until the new takes its place. Whoever stops there
# concludes that fine-tuning harms. At its end the curve still rises: this run is short on purpose. (The waves
# on the left come from the lengths; the next page shows how.)
#
# ## The verdict
#
# The test split has not been used for any choice so far. We use it once.

# %%
from course_utils.lesson import Result, show_results

test = trainer.predict(tokenized_datasets["test"])
guesses, truths = to_texts(test.predictions), to_texts(test.label_ids)
exact = np.mean([guess == truth for guess, truth in zip(guesses, truths)])
rivals = {"untouched checkpoint": untouched.metrics["test_bleu"], "dictionary": baseline}
better = max(rivals, key=rivals.get)
against = {"baseline": rivals[better], "baseline_name": better, "seed": seed}
show_results(
    [
        Result("BLEU, fine-tuned", test.metrics["test_bleu"], **against),
        Result("BLEU, dictionary", baseline, seed=seed),
        Result("same as the reference", 100 * float(exact), unit="%", seed=seed),
    ]
)

# %% [markdown]
# The last row is the strictest score of all: the share of test lines that equal their reference,
# character by character.
#
# We compared the guesses with `test.label_ids` and not with the rows of the test split. There is a
# reason.

# %%
print("first row of the split:", tests[0]["fr"])
print("first label predicted: ", truths[0])

# %% [markdown]
# !!! trap "Predictions come in another order"
#     `group_by_length` groups the *test* rows too, so the predictions come back in the order in which they were
#     dealt. BLEU over the whole split does not mind, since labels travel along. Whoever puts predictions beside
#     the rows of the dataset compares sentences that have nothing to do with each other.
#
# ## Use it, and read its mistakes
#
# For new text we call `generate()` ourselves. Tokenise, generate, decode: these three lines are what the
# old translation pipeline did.

# %%
def translate(model, sentences, **options):
    inputs = tokenizer(sentences, padding=True, return_tensors="pt").to(model.device)
    output = model.generate(**inputs, max_length=max_length, **options)
    return tokenizer.batch_decode(output, skip_special_tokens=True)


before = AutoModelForSeq2SeqLM.from_pretrained(checkpoint).to(model.device)
sentences = [
    "Delete the picture",
    "Do you want to run the program?",
    "The old man found the picture on the table.",
]
for sentence in sentences:
    print(sentence)
    print("   before:", *translate(before, [sentence]))
    print("   after: ", *translate(trainer.model, [sentence]))

# %% [markdown]
# The first two are manual language; compare the two lines, and judge each *after* as a reader of the manual
# would. The third is an everyday sentence, with a word that manuals translate differently: a *picture* is a
# painting at home and an image on a screen. Has the model kept its everyday French? What a model loses while it learns something new is called
# **catastrophic forgetting**, and one sentence is enough to make you look for it.
#
# Now the test split. Which lines are wrong, and in which way?

# %%
english_of = {pair["fr"]: pair["en"] for pair in tests}
wrong = [(guess, truth) for guess, truth in zip(guesses, truths) if guess != truth]
print(f"{len(wrong)} of {len(truths)} test lines differ from their reference\n")
for guess, truth in wrong[:: max(1, len(wrong) // 8)]:
    print(english_of.get(truth, "(cut off)"))
    print("   model:    ", guess)
    print("   reference:", truth)

# %% [markdown]
# Sort them as you read. Is a *word* wrong, or misspelt because it had to be put together from pieces? Is
# the *grammar* wrong: article, gender, agreement? Or is the translation good, and only not the one in the
# reference? BLEU fines all three alike.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · The clinic: a loss that is too good"
#     A colleague pads all texts to one length so that the batches fit. Her loss soon looks far better
#     than ours, and her translations do not. Mend `encode_padded`. It must still return rows of
#     `max_length` tokens on both sides.
#
# ??? hint "Hint"
#     Print the labels of a short row. How many of them are text? The case that fails in most first
#     attempts: only padding may change, and only in the labels.

# %%
def encode_padded(sources, targets):
    """Encode pairs to a fixed length; the labels' padding takes no part in the loss."""
    fixed = {"truncation": True, "padding": "max_length", "max_length": max_length}
    return tokenizer(sources, text_target=targets, **fixed)


# %% tags=["solution"]
def encode_padded(sources, targets):
    """Encode pairs to a fixed length; the labels' padding takes no part in the loss."""
    fixed = {"truncation": True, "padding": "max_length", "max_length": max_length}
    encodings = tokenizer(sources, text_target=targets, **fixed)
    pad = tokenizer.pad_token_id
    encodings["labels"] = [[-100 if i == pad else i for i in row] for row in encodings["labels"]]
    return encodings


# %% tags=["check"]
got = encode_padded([pair["en"]], [pair["fr"]])
text = len(encoding["labels"])
assert [len(got[name][0]) for name in ("input_ids", "labels")] == [max_length] * 2, "fixed length"
assert got["labels"][0][:text] == encoding["labels"], "the text must stay as it is"
counted = sum(label != -100 for label in got["labels"][0])
assert counted == text, f"the loss counts {counted} tokens, and the text has {text}"
assert -100 not in got["input_ids"][0], "the encoder's input needs real ids"

# %% [markdown]
# !!! exercise "Exercise 2 · Shift it yourself"
#     Write `shift_right(labels, start, pad)`: what the decoder reads, for a batch of labels of the
#     shape [rows, tokens]. It begins with `start`, drops the last label, and has `pad` where the
#     labels have `-100`.
#
# ??? hint "Hint"
#     `labels.new_full(labels.shape, start)` makes the tensor, and slices fill all but its first
#     column. The case that fails: `-100` must not be left in the result, and `labels` itself must not
#     change.

# %%
def shift_right(labels, start, pad):
    """Return what the decoder reads while it learns to write `labels`."""
    ...


# %% tags=["solution"]
def shift_right(labels, start, pad):
    """Return what the decoder reads while it learns to write `labels`."""
    shifted = labels.new_full(labels.shape, start)
    shifted[:, 1:] = labels[:, :-1]
    return shifted.masked_fill(shifted == -100, pad)


# %% tags=["check"]
labels = batch["labels"].clone()
got = shift_right(labels, model.config.decoder_start_token_id, tokenizer.pad_token_id)
assert got is not None, "nothing is returned yet"
assert torch.equal(got, batch["decoder_input_ids"]), got
assert torch.equal(labels, batch["labels"]), "the labels have changed"

# %% [markdown]
# !!! exercise "Exercise 3 · Search wider"
#     `translate(trainer.model, sentences, num_beams=4)` keeps the four likeliest beginnings at every
#     step instead of one. Guess first: how much BLEU does it bring on the validation split, and how
#     much time does it cost? There is no check for this one.
#
# ## At full scale
#
# The same file runs with a real checkpoint on real manuals. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# The LLM Course adapts the same checkpoint to the same data and reports SacreBLEU 39.27 before and 52.94
# after three epochs; our settings stop earlier. Our pocket manuals come from a few dozen patterns, so
# what is learnt here in seconds shows that the method works. It says nothing about how a real manual
# would be translated.
#
# ## Recap
#
# - The encoder reads the source; the decoder reads the target shifted by one place and must write it.
# - `text_target` makes labels; without it the answer ends up in the question.
# - Padding is `-100` in the labels, and a real id again before decoding.
# - Evaluation generates; BLEU compares with one reference, so compare systems by it and read the texts.
# - A dictionary, a copy and the untouched model are scored first; the test split is used once.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Transformers documentation, *Translation*, and the reference of `Seq2SeqTrainer`
# - Hugging Face LLM Course, chapter 7, *Translation*
# - Papineni et al. (2002), *BLEU: a method for automatic evaluation of machine translation*
# - Post (2018), *A call for clarity in reporting BLEU scores*
