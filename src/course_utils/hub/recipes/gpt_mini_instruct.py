"""pocket/gpt-mini-instruct: pocket/gpt-mini taught to copy and to answer, by copies and chats.

Reads from top to bottom: the chat template, the rows as numbers, the copies, the batches, the loss
on answers only, the answers to the test's requests, the baselines, the card.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel
from transformers import PreTrainedTokenizerFast as Tokenizer

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes.training import data_of, digest, draws, read_rows, train, write_card
from course_utils.world.instructions import examples
from course_utils.world.names import World

NAME = "gpt-mini-instruct"
BASE = "gpt-mini"
BATCH = 32  # chats
POOL = 16  # batches whose chats are sorted by length
STEPS = 6700
# Most answers repeat words of the request, which the base has hardly ever had to do. So the first
# steps, and later this share of them, are copies: a text or random tokens, and its end once more.
COPY_STEPS, COPY_SHARE = 1500, 0.2
COPIES, RANDOM_SHARE = 24, 0.4  # in a batch; of them random tokens
COPIED = (6, 24)  # tokens of what is copied: from, below
BEFORE, LEAST = 12, 4  # random tokens before it, below; of its tokens, copied at least
LEARNING_RATE, MATRIX_RATE = 1e-3, 3e-3
WARMUP = 100
DROPOUT = 0.1  # the base had none, but here each chat is read several times
MAX_ANSWER = 48  # tokens
SAMPLES = 10
SEED = 0
IGNORED = -100  # the label of tokens that the loss passes over

START, END = "<|im_start|>", "<|im_end|>"
# The marks of generation tell which tokens are the assistant's, and so which the loss counts.
TEMPLATE = (
    "{%- for message in messages %}"
    "{%- if message['role'] not in ('system', 'user', 'assistant') %}"
    "{{- raise_exception('no such role: ' + message['role']) }}"
    "{%- endif %}"
    "{{- '<|im_start|>' + message['role'] + '\\n' }}"
    "{%- if message['role'] == 'assistant' %}"
    "{%- generation %}{{- message['content'] + '<|im_end|>' }}{%- endgeneration %}"
    "{%- else %}"
    "{{- message['content'] + '<|im_end|>' }}"
    "{%- endif %}"
    "{{- '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)

# Tasks that have one right answer, by what the card calls them.
GROUPS = {
    "tense": ("past",),
    "plural": ("plural",),
    "opposite": ("opposite",),
    "classify": ("sentiment", "kind", "topic"),
    "extract": ("town", "person", "job", "animal", "day"),
    "rewrite": ("negative", "question", "polite", "number", "shorten"),
    "know": ("next", "does", "who", "nation", "define"),
    "read": ("reading", "summary"),
}

Row = tuple[list[int], list[int]]  # token ids, labels
Messages = list[dict[str, str]]


def load_base(folder: Path) -> tuple[PreTrainedModel, Tokenizer]:
    """Return gpt-mini with two more tokens and a chat template."""
    torch.manual_seed(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    padding = tokenizer.eos_token  # of the base: ends a text
    tokenizer.add_tokens([START, END], special_tokens=True)
    tokenizer.eos_token, tokenizer.pad_token = END, padding  # an answer ends with its message
    tokenizer.chat_template = TEMPLATE
    model = AutoModelForCausalLM.from_pretrained(folder, resid_pdrop=DROPOUT, embd_pdrop=DROPOUT)
    model.resize_token_embeddings(len(tokenizer))
    for config in (model.config, model.generation_config):
        config.eos_token_id = tokenizer.eos_token_id
        config.pad_token_id = tokenizer.pad_token_id
    return model, tokenizer


def encode(chats: list[Messages], tokenizer: Tokenizer) -> list[Row]:
    """Return the chats as numbers; only the assistant's tokens have a label."""
    found = []
    for messages in chats:
        batch = tokenizer.apply_chat_template(
            messages, return_dict=True, return_assistant_tokens_mask=True
        )
        ids, marks = batch["input_ids"], batch["assistant_masks"]
        labels = [i if mark else IGNORED for i, mark in zip(ids, marks, strict=True)]
        found.append((ids, labels))
    return found


def collate(rows: list[Row]) -> dict[str, torch.Tensor]:
    """Return input_ids, attention_mask and labels, each [chats, width]."""
    width = max(len(ids) for ids, _ in rows)
    gaps = [width - len(ids) for ids, _ in rows]
    padded = [ids + [0] * gap for (ids, _), gap in zip(rows, gaps, strict=True)]
    labels = [found + [IGNORED] * gap for (_, found), gap in zip(rows, gaps, strict=True)]
    marks = [[1] * (width - gap) + [0] * gap for gap in gaps]
    return {
        "input_ids": torch.tensor(padded),
        "attention_mask": torch.tensor(marks),
        "labels": torch.tensor(labels),
    }


def copies(
    texts: list[list[int]], tokenizer: Tokenizer, generator: torch.Generator
) -> Iterator[dict[str, torch.Tensor]]:
    """Yield batches of a text (or random tokens), a line break and the text's end, for ever.

    Only what is repeated has labels, but for its first token, which nothing tells.
    """
    words = torch.tensor(sorted(set(range(len(tokenizer))) - set(tokenizer.all_special_ids)))
    line = tokenizer("\n")["input_ids"]

    def upto(limit: int) -> int:
        return int(torch.randint(max(1, limit), (), generator=generator))

    def noise(count: int) -> list[int]:
        chosen: list[int] = words[torch.randint(len(words), (count,), generator=generator)].tolist()
        return chosen

    while True:
        length, rows = int(torch.randint(*COPIED, (), generator=generator)), []
        for _ in range(COPIES):
            text = texts[upto(len(texts))][:length]
            if float(torch.rand((), generator=generator)) < RANDOM_SHARE:
                text = noise(len(text))
            again = text[upto(len(text) - LEAST) :]
            before = [*noise(upto(BEFORE)), *text, *line]
            rows.append((before + again, [IGNORED] * (len(before) + 1) + again[1:]))
        yield collate(rows)


def batches(rows: list[Row]) -> Iterator[dict[str, torch.Tensor]]:
    """Yield shuffled batches of chats that are about as long as each other, for ever."""
    generator = torch.Generator().manual_seed(SEED)
    while True:
        order = torch.randperm(len(rows), generator=generator).tolist()
        for start in range(0, len(order), BATCH * POOL):
            pool = sorted(order[start : start + BATCH * POOL], key=lambda i: len(rows[i][0]))
            parts = [pool[k : k + BATCH] for k in range(0, len(pool), BATCH)]
            for k in torch.randperm(len(parts), generator=generator).tolist():
                yield collate([rows[i] for i in parts[k]])


def loss_of(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the mean cross-entropy of the labelled tokens in nats, as the model's own loss is.

    Only where a token has a label are the logits computed: all of them take a third more time.
    """
    labels = batch["labels"][:, 1:]
    asked = labels.ne(IGNORED)
    hidden = model.transformer(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
    ).last_hidden_state
    return cross_entropy(model.lm_head(hidden[:, :-1][asked]), labels[asked])


@torch.no_grad()
def answer_loss(model: PreTrainedModel, rows: list[Row]) -> float:
    """Return the mean loss of the answers' tokens in nats."""
    model.eval()
    total, count = 0.0, 0
    for start in range(0, len(rows), BATCH):
        batch = collate(rows[start : start + BATCH])
        tokens = int(batch["labels"][:, 1:].ne(IGNORED).sum())
        total += loss_of(model, batch).item() * tokens
        count += tokens
    return total / count


@torch.no_grad()
def answers(model: PreTrainedModel, tokenizer: Tokenizer, chats: list[Messages]) -> list[str]:
    """Return the model's likeliest answer to each chat, which ends with a request."""
    model.eval()
    tokenizer.padding_side = "left"
    found: list[str] = []
    for start in range(0, len(chats), BATCH):
        batch = tokenizer.apply_chat_template(
            chats[start : start + BATCH],
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        )
        output = model.generate(**batch, do_sample=False, max_new_tokens=MAX_ANSWER)
        new = output[:, batch["input_ids"].shape[1] :]
        found += [text.strip() for text in tokenizer.batch_decode(new, skip_special_tokens=True)]
    tokenizer.padding_side = "right"
    return found


def teach(model: PreTrainedModel, tokenizer: Tokenizer, chats: list[Row]) -> None:
    """Train the model in place, first on copies, then on chats and copies."""
    generator = torch.Generator().manual_seed(SEED)
    corpus = [row["text"] for row in read_rows("corpus", "train")]
    texts = tokenizer(corpus, truncation=True, max_length=COPIED[1])["input_ids"]
    repeated = copies([ids for ids in texts if len(ids) > LEAST], tokenizer, generator)
    asked = batches(chats)

    def loss(draw: float) -> torch.Tensor:
        return loss_of(model, next(repeated if draw < COPY_SHARE else asked))

    train(
        model,
        chain(repeat(0.0, COPY_STEPS), draws(generator)),
        loss,
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
        matrix_rate=MATRIX_RATE,
    )


def commonest(seen: list[tuple[str, str]], tasks: list[str]) -> list[str]:
    """Return for each task its most frequent answer among the (task, answer) pairs seen."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for task, answer in seen:
        counts[task][answer] += 1
    return [counts[task].most_common(1)[0][0] for task in tasks]


def last_words(requests: list[str]) -> list[str]:
    """Return each request's last word, with a capital."""
    found = [re.findall(r"[\w'-]+", request)[-1] for request in requests]
    return [word[0].upper() + word[1:] for word in found]


def nearest(seen: list[Messages], requests: list[str]) -> list[str]:
    """Return for each request the answer to the most similar request seen, by TF-IDF."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    known = words.fit_transform([chat[-2]["content"] for chat in seen])
    best = (words.transform(requests) @ known.T).toarray().argmax(1)
    return [seen[i][-1]["content"] for i in best]


def exact_match(tasks: list[str], truth: list[str], said: list[str]) -> dict[str, float]:
    """Return the share of answers that are right to the letter, by group of tasks and overall."""
    found = {}
    for group, members in GROUPS.items():
        right = [a == b for t, a, b in zip(tasks, truth, said, strict=True) if t in members]
        found[group] = sum(right) / len(right)
    closed = {task for members in GROUPS.values() for task in members}
    right = [a == b for t, a, b in zip(tasks, truth, said, strict=True) if t in closed]
    return {"exact_match": sum(right) / len(right), **found}


def samples(requests: list[str], said: list[str], truth: list[str]) -> str:
    """Return the first rows of the test as a table: no choice is made."""
    lines = ["| request | pocket/gpt-mini-instruct | the dataset |", "|---|---|---|"]
    for row in list(zip(requests, said, truth, strict=True))[:SAMPLES]:
        cells = [re.sub(r"[|\s]+", " ", text) for text in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def build(output: Path) -> dict[str, Any]:
    """Fine-tune, write checkpoint and card to `output`, return the metrics on the test split."""
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    seen, test = (read_rows("instructions", split) for split in ("train", "test"))
    world = World()
    task_of = {
        e.row["prompt_id"]: e.task for split in ("train", "test") for e in examples(world, split)
    }
    model, tokenizer = load_base(checkpoint_folder(BASE))
    encoded = encode([row["messages"] for row in seen], tokenizer)
    held_back = encode([row["messages"] for row in test], tokenizer)
    before = answer_loss(model, held_back)
    teach(model, tokenizer, encoded)
    seconds = round(time.process_time() - started)
    chats = [row["messages"][:-1] for row in test]
    truth = [row["messages"][-1]["content"] for row in test]
    requests = [chat[-1]["content"] for chat in chats]
    tasks = [task_of[row["prompt_id"]] for row in test]
    known = [(task_of[row["prompt_id"]], row["messages"][-1]["content"]) for row in seen]
    said = answers(model, tokenizer, chats)
    metrics = {"loss_before": before, "loss": answer_loss(model, held_back)}
    for prefix, texts in (
        ("", said),
        ("commonest_", commonest(known, tasks)),
        ("last_word_", last_words(requests)),
        ("nearest_", nearest([row["messages"] for row in seen], requests)),
    ):
        metrics |= {f"{prefix}{k}": v for k, v in exact_match(tasks, truth, texts).items()}
    metrics = {name: round(value, 4) for name, value in metrics.items()}
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    facts = {
        "base": BASE,
        "steps": STEPS,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "matrix_rate": MATRIX_RATE,
        "warmup": WARMUP,
        "copy_steps": COPY_STEPS,
        "copy_share": COPY_SHARE,
        "copies": COPIES,
        "random_share": RANDOM_SHARE,
        "dropout": DROPOUT,
        "parameters": model.num_parameters(),
        "positions": model.config.n_positions,
        "chats": len(seen),
        "test_chats": len(test),
        "data": data_of(checkpoint_folder(BASE)) | {"pocket/instructions": digest(seen)},
        **metrics,
        "samples": samples(requests, said, truth),
        "cpu_seconds": seconds,
    }
    write_card(output, "gpt_mini_instruct", facts)
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
