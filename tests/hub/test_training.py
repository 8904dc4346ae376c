"""What the recipes share."""

import torch

from course_utils.hub.recipes.training import batches_of_tokens, digest, train


def test_batches_hold_each_text_once_a_round() -> None:
    rows = [[2, 5, *[6] * (i % 7), 3] for i in range(300)]
    stream = batches_of_tokens(rows, 96, 0, torch.Generator().manual_seed(0))
    seen = 0
    while seen < len(rows):
        batch = next(stream)
        assert batch.numel() <= 96
        assert batch[:, 0].eq(2).all()
        seen += len(batch)
    assert seen == len(rows)


def test_a_text_longer_than_a_batch_is_a_batch_of_its_own() -> None:
    stream = batches_of_tokens([[1] * 9, [1] * 20], 10, 0, torch.Generator().manual_seed(0))
    assert sorted(tuple(next(stream).shape) for _ in range(2)) == [(1, 9), (1, 20)]


def test_other_rows_have_another_digest() -> None:
    rows = [{"text": "naïve", "label": 1}, {"image": {"bytes": b"\x00", "path": None}}]
    assert digest(rows) == digest([dict(row) for row in rows])
    assert digest(rows) != digest([{"text": "naïve", "label": 2}, rows[1]])
    assert digest(rows) != digest(rows[::-1])


def test_train_lowers_the_loss_and_leaves_no_batch_unused() -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    inputs = torch.randn(64, 3)
    target = inputs @ torch.tensor([[1.0], [-2.0], [0.5]])
    drawn = []

    def loss(batch: int) -> torch.Tensor:
        drawn.append(batch)
        return torch.nn.functional.mse_loss(model(inputs), target)

    before = loss(-1).item()
    train(model, iter(range(200)), loss, steps=200, learning_rate=0.1, warmup=10)
    assert drawn == [-1, *range(200)]
    assert loss(-1).item() < before / 20


def test_train_can_end_with_the_mean_of_the_weights() -> None:
    inputs, target = torch.randn(64, 3), torch.randn(64, 1)

    def trained(averaging: float) -> tuple[list[torch.Tensor], torch.Tensor]:
        torch.manual_seed(0)
        model = torch.nn.Linear(3, 1)
        visited = []

        def loss(batch: int) -> torch.Tensor:
            visited.append(model.weight.detach().clone())
            return torch.nn.functional.mse_loss(model(inputs), target)

        steps = iter(range(5))
        train(model, steps, loss, steps=5, learning_rate=0.1, warmup=2, averaging=averaging)
        return visited, model.weight.detach()

    visited, last = trained(0.0)
    again, mean = trained(0.75)
    torch.testing.assert_close(again, visited)  # the training itself is the same
    expected = visited[1]
    for weights in [*visited[2:], last]:
        expected = 0.75 * expected + 0.25 * weights
    torch.testing.assert_close(mean, expected)
