# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Causal language modelling with the Trainer
#     path: walkthrough
#     objectives:
#       group-blocks: "Join lines into one stream, cut it into blocks, and test that no token changed"
#       perplexity: "Compute perplexity by hand and say what a value means beside a named baseline"
#       train-clm: "Fine-tune a causal language model with Trainer and keep its best checkpoint"
#       read-samples: "Judge generated text beside its reference, and say what perplexity does not see"
#     meets: [c71, "000#1", "000#8", "000#11"]
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
#         batch_size: 16
#       resources: {gpus: 1, memory_gb: 12, minutes: 10, timeout: 40}
# ---

# %% [markdown]
# # Causal language modelling with the Trainer
#
# A language model has read a great deal, but nothing that is laid out like your texts. On this page you show
# it a few thousand lines of an encyclopaedia, with headings and marks that it has never seen. You measure how
# surprised it is before and after, you hold the result against a model that only counts words, and you read
# what it writes.

# %% [markdown]
# **New here?** [Tokenisation](../../inference/tokenization.py) explains the pieces that the model predicts,
# and [Why pretraining pays](../../ecosystem/transfer_learning.py) shows why we start from a checkpoint.
# This walkthrough mirrors the page *Causal language modeling* of the Transformers documentation. It
# differs in four places: we test the cutting into blocks on a few lines, we score the untouched model
# and a trigram model before we train, we keep the best checkpoint rather than the last, and we look at
# the loss of single tokens.
#
# ## The task in one sentence
#
# A causal language model reads from left to right and predicts, after every token, the next one.
#
# | the model has read | it should predict |
# |---|---|
# | The | ferry |
# | The ferry | left |
# | The ferry left | at |
# | The ferry left at | noon |
#
# The text is its own label: the targets are the inputs, moved by one place. Nobody has to annotate
# anything, and every token of a text is an exercise for the model.

# %% [markdown]
# ## The settings
#
# Everything that depends on scale stands in one cell. These values run on a laptop; at full scale the
# same code trains DistilGPT-2 on WikiText-2.

# %% tags=["parameters"]
checkpoint, checkpoint_revision = "pocket/gpt-mini", "main"
dataset_id, dataset_revision = "pocket/pages", "main"
block_size = 128
max_steps, eval_steps = 160, 40
learning_rate, batch_size = 2e-3, 4
seed = 0

# %% [markdown]
# ## Look at the data before anything else
#
# The dataset holds encyclopaedia pages. `wikitext-2-raw-v1` names the configuration: one repository may
# hold several versions of its data.

# %%
from datasets import load_dataset

raw_datasets = load_dataset(dataset_id, "wikitext-2-raw-v1", revision=dataset_revision)
raw_datasets.num_rows

# %% [markdown]
# A row is not a page. We print the first seven with `repr`, which makes spaces and line breaks visible.

# %%
lines = raw_datasets["train"][:7]["text"]
for line in lines:
    print(repr(line))

# %% [markdown]
# A row is a *line*: a heading between `=` signs, a paragraph, or nothing at all. Punctuation stands apart
# and figures are broken by `@,@`. Whoever counts these rows as texts counts wrongly. The seven lines will
# travel with us.
#
# ## Lines are not blocks
#
# The model reads blocks of a fixed length. The obvious way to get them is the one we know from
# classification: tokenise each row, pad it to the length of a block.
#
# ??? predict "Predict first: if every row is padded to a block, which share of all positions is padding?"
#     Most lines are far shorter than a block, and more than a third of the rows hold no token at all.
#     Guess a percentage before you run the cell.

# %%
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(checkpoint, revision=checkpoint_revision)
lengths = [len(ids) for ids in tokenizer(raw_datasets["train"]["text"][:])["input_ids"]]
used = sum(min(length, block_size) for length in lengths)
print(f"{lengths.count(0):,} of {len(lengths):,} rows are empty")
print(f"{1 - used / (block_size * len(lengths)):.0%} of the positions would be padding")

# %% [markdown]
# Nearly all of the work would go into padding. And it would be wrong as well as slow: the model would see
# each paragraph without its page, so a founder's name in the third section could never be known from
# the first.
#
# ## Join, then cut: on seven lines first
#
# The mend is to give up the rows. We put all tokens into one long stream and cut it into blocks of equal
# length. The rest that does not fill a block is dropped. `labels` is a copy of `input_ids`: the model
# moves them by one place itself, so we must not.

# %%
from itertools import chain


def group_texts(batch, size=block_size):
    """Join the token lists of a batch and cut them into blocks of `size` tokens."""
    stream = list(chain.from_iterable(batch["input_ids"]))
    end = len(stream) // size * size
    blocks = [stream[i : i + size] for i in range(0, end, size)]
    return {"input_ids": blocks, "labels": [list(block) for block in blocks]}


encoding = tokenizer(lines)
blocks = group_texts(encoding, size=16)["input_ids"]
for block in blocks:
    print(repr(tokenizer.decode(block)))

# %% [markdown]
# Read across the ends of the blocks: a block begins where the one before it stops, in the middle of a
# sentence if need be. We also let the computer check that the blocks together are the lines, token by
# token, but for the rest.

# %%
joined = [token for block in blocks for token in block]
stream = [token for ids in encoding["input_ids"] for token in ids]
assert joined == stream[: len(joined)]
print(len(stream), "tokens,", len(blocks), "blocks of 16,", len(stream) - len(joined), "tokens dropped")

# %% [markdown]
# It holds on seven lines, so we `map` it over all splits. Both steps get many rows at a time through
# `batched=True`; without it `group_texts` would see one line at a time and find no block in any. A batch
# of 1,000 rows loses its own rest, which is less than one block.

# %%
def tokenize(batch):
    return {"input_ids": tokenizer(batch["text"])["input_ids"]}


tokenized_datasets = raw_datasets.map(tokenize, batched=True, remove_columns=["text"])
tokenized_datasets = tokenized_datasets.map(group_texts, batched=True, batch_size=1000)
kept = len(tokenized_datasets["train"]) * block_size
print(tokenized_datasets.num_rows, f"{sum(lengths) - kept} of {sum(lengths):,} training tokens dropped")

# %% [markdown]
# ## A batch of two
#
# All blocks are equally long, so nothing has to be padded and `default_data_collator` will do: it stacks.
# We print the first eight places of a batch of two.

# %%
from transformers import default_data_collator as data_collator

batch = data_collator([tokenized_datasets["train"][i] for i in range(2)])
print({name: tuple(tensor.shape) for name, tensor in batch.items()})
print(batch["input_ids"][:, :8], batch["labels"][:, :8], sep="\n")

# %% [markdown]
# Inputs and labels are the same numbers at the same places. The shift by one happens inside the model.
#
# !!! trap "The collator that hides the end of the text"
#     Many pages set `tokenizer.pad_token = tokenizer.eos_token` and use
#     `DataCollatorForLanguageModeling(tokenizer, mlm=False)`. That collator replaces *every* padding token
#     in the labels by `-100`, so every real end of a text goes too, and the model never learns to stop.
#
# ## A metric you can compute by hand
#
# At each place the model gives the right token some probability. Its **loss** is the mean of the negative
# logarithms, and **perplexity** is the exponential of that mean. We try it on three tokens.
#
# ??? predict "Predict first: what is the perplexity of a model that gives every right token 1/4? And of one that is sure of two tokens and gives the third one chance in a million?"
#     The first hesitates between four, so its perplexity is 4. The second is right twice out of three
#     times and still far worse: one confident mistake costs more than many hesitations.

# %%
import math


def perplexity(probabilities):
    """Perplexity of a text, given the probability of each of its tokens."""
    return math.exp(-sum(math.log(p) for p in probabilities) / len(probabilities))


guess = 1 / len(tokenizer)
toys = {"sure and right": [1, 1, 1], "one in four": [0.25] * 3, "knows nothing": [guess] * 3}
toys["sure, once wrong"] = [1, 1, 1e-6]
toys["sure, twice wrong"] = [1, 1e-6, 1e-6]
for name, probabilities in toys.items():
    print(f"{name:18} perplexity {perplexity(probabilities):12,.1f}")

# %% [markdown]
# Perplexity reads as "as unsure as between so many equally likely tokens". A model that knows nothing
# scores the size of the vocabulary. The last line is the one to remember: **there is no upper limit**. A
# model that is sure of the wrong thing does worse than one that knows nothing.
#
# ## The baseline to beat
#
# The strongest simple rival is a **trigram model**: it predicts a token from the two before it, by
# counting. Our version is smoothed in the way of Kneser and Ney, the best of its kind: where it has not
# seen three tokens together it falls back on two, and there it counts in how many different contexts a
# token occurs.

# %%
from collections import Counter


def count_grams(stream):
    """Per order, from one to three tokens: counts, and by context their sum and their kinds."""
    three = Counter(zip(stream, stream[1:], stream[2:]))
    two = Counter(gram[1:] for gram in three)
    one = Counter(gram[1:] for gram in two)
    orders = []
    for counts in (one, two, three):
        totals, kinds = Counter(), Counter()
        for gram, count in counts.items():
            totals[gram[:-1]] += count
            kinds[gram[:-1]] += 1
        orders.append((counts, totals, kinds))
    return orders


# %% [markdown]
# From the counts follows a probability: a fixed discount is taken off every count, and what is saved goes
# to the shorter context.

# %%
def trigram_probability(gram, orders, discount=0.75):
    """Probability of the last token of `gram` after the two before it."""
    probability = 1 / len(tokenizer)
    for order, (counts, totals, kinds) in enumerate(orders):
        part = gram[2 - order :]
        if total := totals[part[:-1]]:
            saved = discount * kinds[part[:-1]] * probability
            probability = (max(counts[part] - discount, 0) + saved) / total
    return probability


def stream_of(split):
    return [token for block in tokenized_datasets[split]["input_ids"] for token in block]


orders, test = count_grams(stream_of("train")), stream_of("test")
trigram = perplexity([trigram_probability(g, orders) for g in zip(test, test[1:], test[2:])])
print(f"trigram model on the test split: perplexity {trigram:.2f}")

# %% [markdown]
# That is the figure to beat, and it is a good one: the pages follow patterns, and whoever has counted the
# training lines knows how most sentences go on. What it cannot know is anything that stands more than two
# tokens back.
#
# ## The model, and a score before training
#
# `AutoModelForCausalLM` loads the checkpoint with its language-modelling head. Nothing is newly
# initialised this time: pretraining and fine-tuning have the same objective. The first evaluation prints a
# note that the loss type is not recognised and that the one for causal models is used; that is the one we
# want.

# %%
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

model = AutoModelForCausalLM.from_pretrained(checkpoint, revision=checkpoint_revision)
training_args = TrainingArguments(
    output_dir="page-writer",
    max_steps=max_steps,
    learning_rate=learning_rate,
    warmup_steps=0.1,
    per_device_train_batch_size=batch_size,
    per_device_eval_batch_size=16,
    eval_strategy="steps",
    eval_steps=eval_steps,
    save_strategy="steps",
    save_steps=eval_steps,
    save_total_limit=1,
    load_best_model_at_end=True,
    logging_steps=10,
    seed=seed,
)

# %% [markdown]
# `max_steps` bounds the training. `warmup_steps=0.1` lets the learning rate rise over the first tenth of
# them before it falls again; a number below one is read as a share. `load_best_model_at_end` brings back
# the checkpoint with the lowest validation loss: since perplexity is the exponential of the loss, we need
# no metric of our own to choose by.
#
# For the final figures we do write one. `Trainer` averages the losses of the *batches*, and counts a last
# batch of five blocks like one of sixteen. That is good enough to compare checkpoints, and not exact.

# %%
import torch


@torch.no_grad()
def block_perplexity(model, blocks):
    """Perplexity of equally long blocks, each counted once."""
    model.eval()
    total = 0.0
    for ids in torch.tensor(blocks["input_ids"][:]).to(model.device).split(16):
        total += model(input_ids=ids, labels=ids).loss.item() * len(ids)
    return math.exp(total / len(blocks))


# %% [markdown]
# `Trainer` brings model, arguments, data and collator together. Before we train, we score the untouched model.

# %%
trainer = Trainer(
    model=model,
    args=training_args,
    train_dataset=tokenized_datasets["train"],
    eval_dataset=tokenized_datasets["validation"],
    data_collator=data_collator,
    processing_class=tokenizer,
)
untouched = block_perplexity(model, tokenized_datasets["test"])
print(f"untouched: perplexity {untouched:,.0f}; knowing nothing: {len(tokenizer):,}")

# %% [markdown]
# It has read many pages of this kind, but as running text, and it does little better here than knowing
# nothing. Is it unsure everywhere, or sure of the wrong thing in a few places? The toy table says that both
# can give such a figure; we shall look at single tokens further down.
#
# ## Train
#
# One call. The table fills as evaluation follows evaluation.

# %%
_ = trainer.train()

# %% [markdown]
# The losses in the table are in nats; we draw the validation loss as perplexity, with the trigram model as
# a line.

# %% alt="Two panels over training steps: the training loss falls steeply and then slowly; the validation perplexity falls far below the dashed line of the trigram model."
import matplotlib.pyplot as plt

from course_utils.lesson import Result, show_results, use_plot_style

use_plot_style()
history = trainer.state.log_history
losses = [(entry["step"], entry["loss"]) for entry in history if "loss" in entry]
scores = [(e["step"], math.exp(e["eval_loss"])) for e in history if e.get("step") and "eval_loss" in e]
fig, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8))
left.plot(*zip(*losses))
left.set(title="Training loss", xlabel="step", ylabel="nats a token", ylim=(0, None))
right.plot(*zip(*scores), marker="o", color="C2")
right.axhline(trigram, linestyle="--", color="C5", label="trigram model, test")
right.set(title="Validation perplexity", xlabel="step", yscale="log")
right.legend()
plt.show()

# %% [markdown]
# The first steps do most of the work: the model learns the layout of the pages, the headings and the
# spaced punctuation. What follows is slower, since it has to learn what the pages say.
#
# ## The verdict
#
# The test split has not been used for any choice so far. We use it once for the trained model.

# %%
tuned = block_perplexity(trainer.model, tokenized_datasets["test"])
against = {"baseline": trigram, "baseline_name": "trigram model", "higher_is_better": False}
show_results(
    [
        Result("perplexity, fine-tuned", tuned, seed=seed, **against),
        Result("perplexity, untouched", untouched, **against),
        Result("fine-tuned / trigram", tuned / trigram, seed=seed, higher_is_better=False),
    ]
)

# %% [markdown]
# The gain over the untouched model is huge and easy, since that one had never seen such a layout. The trigram
# model is the one to be judged by: it has read the same training lines, and counted them all. The third row is
# the share of its perplexity that is left, less than half.
#
# The network saw about half of the training lines, and each of them once. Its lead cannot come from
# these lines alone: it brought along how such pages go on. It had read their patterns, and one test paragraph
# in eleven, short ones without a fact, word for word. [The comparison](comparison.py) trains the same
# network from nothing on the same lines, and asks whether it uses what stands further back.
#
# ## Where the surprise sits
#
# One figure for a whole split hides where a model fails. So we take one paragraph of the test split and
# look at the loss of every token, before and after.

# %%
from torch.nn.functional import cross_entropy


@torch.no_grad()
def token_losses(model, ids):
    """Loss in nats of every token of `ids` but the first; ids: [tokens]."""
    logits = model(input_ids=ids[None].to(model.device)).logits[0]
    return cross_entropy(logits[:-1].float(), ids[1:].to(model.device), reduction="none").cpu()


base = AutoModelForCausalLM.from_pretrained(checkpoint, revision=checkpoint_revision)
paragraph = next(t for t in raw_datasets["test"]["text"][:] if 120 < len(t) < 180)
ids = torch.tensor(tokenizer(paragraph)["input_ids"])
before, after = token_losses(base, ids), token_losses(trainer.model.eval(), ids)

# %% [markdown]
# The paragraph is the first of the test split that is neither very short nor very long; it was not picked for
# its losses.

# %% alt="Bar chart of the loss of each token of one test paragraph, before and after fine-tuning: before, spaced punctuation and many other tokens cost more than ten nats; after, only names and figures stand out."
pieces = [tokenizer.decode([token]).replace("\n", "\\n") for token in ids[1:].tolist()]
places = range(len(pieces))
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.bar(places, before, color="C5", label="untouched")
ax.bar(places, after, color="C0", width=0.5, label="fine-tuned")
ax.axhline(math.log(len(tokenizer)), linestyle="--", color="C1", label="knows nothing")
ax.set_xticks(places, pieces, rotation=90, fontsize=8)
ax.set(title="What one test paragraph costs, token by token", ylabel="nats")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Bars above the dashed line are tokens for which it would have been better to know nothing. The
# untouched model has never met a space before a full stop, and is sure that none will come. After
# training the bars that remain are mostly the ones that nobody could foresee: names, figures and the choice between
# two ways to go on.
#
# ## Let it write
#
# We give the models the first half of that paragraph and let them continue. `do_sample=False` takes
# the likeliest token each time; sampling with `top_p=0.9` draws among the likeliest that together reach
# 90 %.

# %%
from transformers import set_seed


def continued(model, prompt, **how):
    """Continue a prompt by at most 30 tokens; return only what is new."""
    inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
    ids = model.generate(**inputs, max_new_tokens=30, pad_token_id=tokenizer.eos_token_id, **how)
    return tokenizer.decode(ids[0, inputs["input_ids"].shape[1] :])


words = paragraph.split(" ")
prompt = " ".join(words[: len(words) // 2])
print("prompt       ", prompt)
print("reference    ", " ".join(words[len(words) // 2 :]))
print("untouched    ", repr(continued(base, prompt, do_sample=False)))
print("tuned, likely", repr(continued(trainer.model, prompt, do_sample=False)))
for number in range(3):
    set_seed(number)
    print("tuned, drawn ", repr(continued(trainer.model, prompt, do_sample=True, top_p=0.9)))

# %% [markdown]
# The untouched model goes on in good running text, with the wrong layout. The tuned one has the layout, and
# may lose the thread where a line ends. Read them for three things. Is the *layout* that of a page? Is the *sentence* English? And is what it
# *says* the same as the reference? A fluent continuation may still invent another year or another
# founder. Perplexity rewards a model for spreading its bets well; it does not ask whether one sample is
# true. Nothing on this page measures truth.
#
# ## Exercises
#
# !!! exercise "Exercise 1 · Give every token a past"
#     The first tokens of a block have hardly anything before them, so cutting makes a model look worse
#     than it is. Write `sliding_windows(stream, size, stride)`: windows of `size` tokens that start every
#     `stride` tokens, as dictionaries of `input_ids` and `labels`, where the labels of tokens that an
#     earlier window has already scored are -100. Leave out a last window that would be shorter than `size`.
#
# ??? hint "Hint"
#     All of the first window is new. Of every later one only the last `stride` tokens are. The case that
#     fails in most first attempts: `stride == size`, where nothing overlaps and no label is -100.

# %%
def sliding_windows(stream, size, stride):
    """Overlapping windows in which every token has a label once."""
    ...


# %% tags=["solution"]
def sliding_windows(stream, size, stride):
    """Overlapping windows in which every token has a label once."""
    windows = []
    for start in range(0, len(stream) - size + 1, stride):
        ids = stream[start : start + size]
        seen = size - stride if start else 0
        windows.append({"input_ids": ids, "labels": [-100] * seen + ids[seen:]})
    return windows


# %% tags=["check"]
got = sliding_windows(list(range(10)), size=4, stride=2)
assert [w["input_ids"][0] for w in got] == [0, 2, 4, 6], f"windows start at {got}"
labels = [label for w in got for label in w["labels"] if label != -100]
assert labels == list(range(10)), f"every token once, in order; got {labels}"
apart = sliding_windows(list(range(8)), size=4, stride=4)
assert all(-100 not in w["labels"] for w in apart), "nothing overlaps where stride equals size"

# %% [markdown]
# Does the past help? With the solution we can see it on the test split.

# %% tags=["check"]
overlapping = sliding_windows(test, block_size, block_size // 2)
overlapped = math.exp(trainer.evaluate(overlapping)["eval_loss"])
print(f"perplexity in separate blocks {tuned:.2f}, with at least half a block of past {overlapped:.2f}")

# %% [markdown]
# !!! exercise "Exercise 2 · The clinic: three planted bugs"
#     A colleague reports a perplexity for the test split. The function below runs without an error and is
#     wrong three times over: once in the pairing of predictions and targets, once in the order of mean and
#     exponential, once in what it leaves switched on. Mend `clinic_perplexity`.
#
# ??? hint "Hint"
#     A model given `labels` moves them by one place itself. The mean belongs inside the exponential. And
#     look at what `Trainer` sets a model to before it evaluates. Our pocket model has no dropout, so the
#     third bug changes no figure here; it would on almost any other model.

# %%
def clinic_perplexity(model, blocks):
    """Perplexity of equally long blocks, [blocks, tokens]. Three bugs."""
    scores = []
    model.train()
    with torch.no_grad():
        for block in blocks.split(8):
            loss = model(input_ids=block[:, :-1], labels=block[:, 1:]).loss
            scores.append(math.exp(loss) * len(block))
    return sum(scores) / len(blocks)


# %% tags=["solution"]
def clinic_perplexity(model, blocks):
    """Perplexity of equally long blocks, [blocks, tokens]."""
    losses = []
    model.eval()
    with torch.no_grad():
        for block in blocks.split(8):
            loss = model(input_ids=block, labels=block).loss
            losses.append(loss.item() * len(block))
    return math.exp(sum(losses) / len(blocks))


# %% tags=["check"]
sample = torch.tensor(tokenized_datasets["test"][:20]["input_ids"]).to(trainer.model.device)
trainer.model.train()
got = clinic_perplexity(trainer.model, sample)
assert not trainer.model.training, "dropout is still on: the model is in training mode"
with torch.no_grad():
    logits = trainer.model(input_ids=sample).logits[:, :-1].flatten(0, 1).float()
expected = math.exp(cross_entropy(logits, sample[:, 1:].flatten()))
assert abs(got - expected) < 0.01 * expected, f"{got:.2f}, should be {expected:.2f}"

# %% [markdown]
# ## At full scale
#
# The same file runs with a real checkpoint on real text. Only the values of the settings cell change.
#
# <!-- course:full-scale -->
#
# The Transformers documentation reports a perplexity of 49.61 for DistilGPT-2 on ELI5, after three
# epochs of its own settings. It is no target for this page: another text and another length of block
# give another perplexity, and perplexities of different tokenizers must not be compared at all. Our pages
# are written by a program from a few hundred patterns, which is why a pocket model comes out so low.
#
# ## Recap
#
# - A causal language model predicts each token from those before it; the text is its own label, and the
#   model moves the labels by one place itself.
# - Join the lines and cut blocks. Padding each line wastes most of the work and hides the context.
# - Perplexity is the exponential of the mean loss. It has no upper limit: being sure and wrong costs more
#   than knowing nothing.
# - A smoothed trigram model is the baseline that shows whether the network uses more than two tokens.
# - Low perplexity means well-spread bets, not true sentences.
#
# ## Quiz
#
# <!-- course:quiz -->
#
# ## Further reading
#
# - Transformers documentation, *Causal language modeling* and *Perplexity of fixed-length models*
# - Hugging Face LLM Course, chapter 7, *Training a causal language model from scratch*
# - Chen and Goodman (1999), *An empirical study of smoothing techniques for language modeling*
# - Merity et al. (2017), *Pointer sentinel mixture models*, which introduced WikiText
