"""Says as JSON which GPUs torch sees: model, bytes of memory, bytes free of each.

Run as a plain script in a process of its own, since asking takes memory on every GPU until it ends.
"""

import json
import sys

import torch


def main() -> None:
    """Write one line: a list with an entry for each GPU, in CUDA's order."""
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    found = []
    for index in range(count):
        free, total = torch.cuda.mem_get_info(index)
        found.append((torch.cuda.get_device_name(index), total, free))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
