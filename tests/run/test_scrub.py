from nbformat.v4 import new_output

from course_utils.run.scrub import Scrubber

SCRUBBER = Scrubber("http://127.0.0.1:40123")


def test_texts_lose_what_differs_between_runs() -> None:
    assert SCRUBBER.text("GET http://127.0.0.1:40123/x") == "GET http://127.0.0.1:8080/x"
    assert SCRUBBER.text("<object object at 0x7f01ab23cd45>") == "<object object at 0x…>"
    assert SCRUBBER.text("\x1b[31mred\x1b[0m") == "red"
    assert SCRUBBER.text("/a/b/course-run-ab12/part-a/out") == "part-a/out"
    assert SCRUBBER.text("/a/b/ipykernel_12/345.py:3: Warning") == "<cell>:3: Warning"


def test_progress_bars_leave_no_trace() -> None:
    bar = new_output("stream", name="stderr", text="\rMap:  50%|█  | 1/2\rMap: 100%|██| 2/2\n")
    mixed = new_output("stream", name="stderr", text="10%|█ | 1/9 [00:01, 2.1it/s]\nkept\n")
    assert [output.text for output in SCRUBBER.outputs([bar, mixed])] == ["kept\n"]


def test_data_and_errors_are_scrubbed_too() -> None:
    shown = new_output(
        "display_data", data={"text/plain": "a at 0x7f01ab23cd45", "application/json": [1]}
    )
    (output,) = SCRUBBER.outputs([shown])
    assert output.data == {"text/plain": "a at 0x…", "application/json": [1]}


def test_the_trainers_table_stays_without_its_bar() -> None:
    bar = "\n <div>\n <progress value='9' max='9'></progress>\n [9/9 00:14, Epoch 1/1]\n </div>\n"
    table = new_output("display_data", data={"text/html": f"{bar}<table><td>0.5</td></table>"})
    alone = new_output("display_data", data={"text/html": bar, "text/plain": "<HTML object>"})
    (output,) = SCRUBBER.outputs([table, alone])
    assert output.data["text/html"].strip() == "<table><td>0.5</td></table>"
