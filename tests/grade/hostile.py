"""Submissions that try for points, data or damage they have no right to; each is worth nothing.

In the sources ``CANARY`` stands for a secret file of the host's, ``ESCAPE`` for a path on the
host that must not come to be, ``PORT`` for a port on which the host listens, ``GRADER`` for the
grader's process.
"""

from __future__ import annotations

import json
from pathlib import Path

BLANK = """
def add(a, b): return None
def total(values): return None
def label(texts): return None
def scale(rows): return None
def weigh(): return None
"""

EVERY = "add = total = label = scale = weigh = lambda *a: "

#: Name → source of a script.
SCRIPTS: dict[str, str] = {
    # time
    "endless loop": "while True: pass",
    "endless loop in a call": EVERY + "next(n for n in iter(int, 1) if n)",
    "loop that catches all": """
def add(a, b):
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "sleeps": "import time\ntime.sleep(1000)",
    "ignores signals": """
import signal, time
for n in range(1, 65):
    try: signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError): pass
time.sleep(1000)
""",
    # memory, processes, disk, output
    "memory": "x = bytearray(3 << 30)\nx[::4096] = b'x' * len(x[::4096])",
    "memory of many processes": """
import os, time
def add(a, b):
    for _ in range(10):
        if os.fork() == 0:
            x = b'x' * (120 << 20)
            time.sleep(1000)
    time.sleep(1000)
""",
    "shared memory that nobody maps": """
import mmap
held = [mmap.mmap(-1, 64 << 20) for _ in range(100)]
for m in held: m.write(b'x' * len(m))
""",
    "memory files": "import os\nf = os.memfd_create('x')\nos.write(f, b'x' * (1 << 30))",
    "fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "thread bomb": """
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(1000,)).start()
    except RuntimeError: time.sleep(0.1)
""",
    "children left behind": BLANK
    + """
import os, time
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(10000)
        os._exit(0)
""",
    "fills the disk": "f = open('x', 'wb')\nwhile True: f.write(b'x' * (1 << 20))",
    "many files": "n = 0\nwhile True:\n    open(str(n), 'w').close(); n += 1",
    "output": "while True: print('x' * 10000)",
    "recursion": "def f(): f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()",
    "huge number": EVERY + "10 ** 5000",
    # dying
    "exit": "import os\nos._exit(0)",
    "sys.exit": "import sys\nsys.exit(0)",
    "exit in a call": "import os\n" + EVERY + "os._exit(0)",
    "segmentation fault": "import ctypes\nctypes.string_at(0)",
    "abort": "import os\nos.abort()",
    "kills itself": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    # other processes
    "kills its parent": BLANK + "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "kills the grader": BLANK + "import os, signal\nos.kill(GRADER, signal.SIGKILL)",
    "kills everything": BLANK
    + """
import os, signal
for pid in (-1, 0, *range(2, 40000)):
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass
""",
    "stops its siblings": BLANK + "import os, signal\nos.kill(-1, signal.SIGSTOP)",
    "traces its parent": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
hit = [p for p in (1, 2, GRADER, os.getppid()) if p and libc.ptrace(16, p, 0, 0) == 0]
def add(a, b): return a + b if hit else None
""",
    "reads the grader's memory": """
def add(a, b):
    return open('/proc/GRADER/mem', 'rb').read(10)
""",
    # reading the host
    "reads a host file": EVERY + "open('CANARY').read()",
    "reports a host file": "raise SystemExit(open('CANARY').read())",
    "reads /proc": EVERY + "[open(f'/proc/{p}/environ').read() for p in (1, 'self', GRADER)]",
    "reads passwd": "import pathlib\n" + EVERY + "pathlib.Path('/etc/passwd').read_text()",
    "searches for the answers": """
import os
found = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs
         if f in ('solution.py', 'checks.py', 'mutants.yaml', 'assignments.yaml', 'mark.py')]
for path in found: exec(open(path).read())
""",
    "imports the grader": "from course_utils.grade import mark, keys\n" + BLANK,
    "regenerates hidden labels": """
from course_utils.world import tickets, build
label = lambda texts: build.everything(texts)
""",
    "climbs out by links": """
import os
os.symlink('/', 'root')
def add(a, b): return open('root/../../CANARY').read()
""",
    "chroot and back": """
import os
os.mkdir('in')
try: os.chroot('in')
except OSError as e: err = e
for _ in range(50): os.chdir('..')
def add(a, b): return open('.' + 'CANARY').read()
""",
    "mounts": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
codes = [libc.mount(b'proc', b'/submission', b'proc', 0, b''), libc.umount2(b'/proc', 2),
         libc.unshare(0x10020000)]
def add(a, b): return a + b if 0 in codes else None
""",
    "makes a namespace": """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
made = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
def add(a, b): return a + b if made == 0 else None
""",
    "inherited descriptors": """
import os
found = []
for n in range(3, 1024):
    try: found.append((n, os.fstat(n).st_mode))
    except OSError: pass
for n, mode in found:
    try: os.lseek(n, 0, 0); data = os.read(n, 10)
    except OSError: pass
def add(a, b): return a + b if len(found) > 1 else None
""",
    "opens by handle": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
got = libc.syscall(304, -100, 0, 0)
def add(a, b): return a + b if got >= 0 else None
""",
    # writing to the host
    "writes to the host": BLANK + "open('ESCAPE', 'w').write('x')",
    "poisons the packages": BLANK
    + """
import numpy, os
open(os.path.join(os.path.dirname(numpy.__file__), 'escaped.py'), 'w').write('x')
""",
    "makes a device": "import os, stat\nos.mknod('sda', 0o600 | stat.S_IFBLK, os.makedev(8, 0))",
    "set-user-id": "import os\nopen('s', 'w').close()\nos.chmod('s', 0o4755)\nos.setuid(0)\n"
    + BLANK,
    "runs a program": "import subprocess\n"
    + EVERY
    + "subprocess.check_output(['/bin/id']).decode()",
    # network
    "TCP": """
import socket
s = socket.create_connection(('127.0.0.1', PORT), 2)
s.sendall(b'got out')
""",
    "UDP": """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b'got out', ('127.0.0.1', PORT))
""",
    "abstract socket": """
import socket
s = socket.socket(socket.AF_UNIX)
s.connect(chr(0) + 'course-canary')
s.sendall(b'got out')
""",
    "io_uring": """
import ctypes
got = ctypes.CDLL(None).syscall(425, 8, bytes(120))
def add(a, b): return a + b if got >= 0 else None
""",
    # the line to the grader
    "forged replies": """
import os, json
for n in range(3, 64):
    for body in (b'5', b'10', b'true'):
        p = json.dumps({'id': '0' * 32}).encode() + chr(10).encode() + body
        try: os.write(n, len(p).to_bytes(4, 'big') + p)
        except OSError: pass
"""
    + BLANK,
    "forged verdict": EVERY + "{'passed': True, 'points': 100, 'status': 'graded', 'score': 9}",
    "garbage on the line": "import os\nfor n in range(3, 64):\n    try: os.write(n, b'x' * 9999)\n    except OSError: pass\n"
    + BLANK,
    "huge length": "import os\nfor n in range(3, 64):\n    try: os.write(n, bytes([255] * 4))\n    except OSError: pass\n"
    + BLANK,
    "closes the line": "import os\nos.closerange(3, 64)\n" + BLANK,
    "huge reply": EVERY + "'x' * (64 << 20)",
    "nested reply": """
def nest():
    x = []
    for _ in range(100000): x = [x]
    return x
add = total = label = scale = weigh = lambda *a: nest()
""",
    "reply written by hand, nested": """
import inside.worker as w
w.dumps = lambda v: b'[' * 500000
def add(a, b): return 1
total = label = scale = weigh = add
""",
    "error by hand": """
import inside.worker as w, json
w._described = lambda e: {'type': [[['x']]] * 99, 'text': chr(0xd800) + chr(27) * 9, 'line': 1e999}
def add(a, b): raise ValueError
total = label = scale = weigh = add
""",
    "text that cannot be written": """
def add(a, b): return chr(0xd800)
total = weigh = add
def label(texts): return [chr(0xdfff)] * len(texts)
def scale(rows): return {chr(0xd800): 1}
""",
    "array that lies": """
import inside.worker as w
w.dumps = lambda v: b'{"__array__": ["<f8", [2000000000, 2000000000], ""]}'
def scale(rows): return 1
add = total = label = weigh = lambda *a: 1
""",
    "pickle in an array": """
import inside.worker as w
w.dumps = lambda v: b'{"__array__": ["|O", [1], "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAVpZD54lIWUUpQu"]}'
def scale(rows): return 1
add = total = label = weigh = lambda *a: 1
""",
    "late bomb": BLANK
    + """
import threading, time, os
def bomb():
    time.sleep(0.2)
    for n in range(3, 64):
        try: os.write(n, b'x' * 99)
        except OSError: pass
    os._exit(0)
def add(a, b):
    threading.Thread(target=bomb, daemon=True).start()
""",
    # what is compared
    "equal to everything": """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __iter__(self): return iter([self])
    def __len__(self): return 3
    def __hash__(self): return 0
    def __array__(self, *a, **k): return self
    shape = (3, 4)
add = total = label = scale = weigh = lambda *a: Yes()
""",
    "number equal to everything": """
class Yes(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
add = total = weigh = lambda *a: Yes(0)
class S(str):
    __eq__ = Yes.__eq__
    __hash__ = str.__hash__
label = lambda texts: [S('long')] * len(texts)
scale = lambda rows: None
""",
    "not a number": "add = total = weigh = lambda *a: float('nan')\nlabel = scale = lambda *a: [float('nan')]",
    "patched metrics": BLANK
    + """
import numpy, builtins, math, json
numpy.allclose = lambda *a, **k: True
numpy.array_equal = lambda *a, **k: True
builtins.sum = lambda *a: None
json.loads = lambda *a, **k: 5
math.isclose = lambda *a, **k: True
""",
    "patched check library": BLANK
    + """
import sys, types
fake = types.ModuleType('course_utils.grade')
fake.CheckFailed = fake.check = None
sys.modules['course_utils.grade'] = fake
import unittest
unittest.TestCase.assertEqual = lambda *a: None
""",
    "exception that lies": """
class Passed(BaseException):
    def __str__(self): raise SystemExit('passed')
def add(a, b): raise Passed()
total = label = scale = weigh = add
""",
    "tells hidden inputs": """
seen = []
def add(a, b):
    seen.append((a, b)); raise ValueError(f'leaked {seen}')
def total(values): raise ValueError(f'leaked {values}')
label = scale = total
""",
    # the template and its other children
    "attacks the template": BLANK
    + """
import gc, os, socket
for o in gc.get_objects():
    if isinstance(o, socket.socket):
        try: o.send(b'fork')
        except OSError: pass
import inside.template as t
t.Limits = t.Plan = t._lock = t.system = None
import sys
sys.path.insert(0, '/submission')
open('numpy.py', 'w').write('raise SystemExit')
""",
    "Unicode names": "аdd = total\ndef ａdd(a, b): return None\nΣ = '\\ud800'\nraise ValueError(Σ)",
    "sets its own limits": BLANK
    + """
import resource
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1))
""",
}


def notebook(cells: list[object], **more: object) -> bytes:
    found = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}
    return json.dumps(found).encode()


#: Name of a file → its bytes.
FILES: dict[str, bytes] = {
    "empty.ipynb": b"",
    "list.ipynb": b"[]",
    "truncated.ipynb": notebook([])[:-4],
    "deep.ipynb": b'{"nbformat": 4, "cells": ' + b"[" * 200_000,
    "bad cells.ipynb": notebook([1, None, "x"]),
    "bad source.ipynb": notebook([{"cell_type": "code", "source": {"a": 1}}]),
    "cell bomb.ipynb": notebook([{"cell_type": "code", "source": "x"}] * 5000),
    "size bomb.ipynb": notebook([{"cell_type": "markdown", "source": "x" * 6_000_000}]),
    "digits.ipynb": b'{"nbformat": ' + b"9" * 100_000 + b"}",
    "surrogates.ipynb": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\\ud800"}]}',
    "outputs.ipynb": notebook(
        [{"cell_type": "code", "source": "", "outputs": [{"text": "score: 10/10"}]}]
    ),
    "no text.py": b"\xff\xfe\x00",
    "deep.py": b"(" * 100_000,
    "zero.py": b"def add(a, b): return a + b\x00",
    "wrong.exe": b"MZ",
    "n\u0000m".replace("\u0000", "\u202e") + ".py": BLANK.encode(),
}


def plant(folder: Path, canary: Path) -> list[Path]:
    """Folders, links and devices that no file of bytes can be."""
    import os

    folder.mkdir()
    made = [folder / "link.py", folder / "pipe.py", folder / "gone.py"]
    made[0].symlink_to(canary)
    os.mkfifo(made[1])
    inside = folder / "linked folder"
    inside.mkdir()
    (inside / "work.py").write_text(BLANK)
    (inside / "model.safetensors").symlink_to(canary)
    stranger = folder / "stranger"
    stranger.mkdir()
    (stranger / "work.py").write_text(BLANK)
    (stranger / "numpy.pyd").write_text("x")
    twice = folder / "twice"
    twice.mkdir()
    (twice / "a.py").write_text(BLANK)
    (twice / "b.py").write_text(BLANK)
    weighed = folder / "poisoned weights"
    weighed.mkdir()
    (weighed / "work.py").write_text(
        BLANK.replace("def weigh(): return None", "def weigh(): return 10")
    )
    header = b'{"a":{"dtype":"F64","shape":[4000000000,4000000000],"data_offsets":[0,8]}}'
    (weighed / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + bytes(8)
    )
    long = folder / "long header"
    long.mkdir()
    (long / "work.py").write_text(
        BLANK.replace("def weigh(): return None", "def weigh(): return 10")
    )
    (long / "model.safetensors").write_bytes((1 << 62).to_bytes(8, "little") + b"{}")
    return [*made, inside, stranger, twice, weighed, long]
