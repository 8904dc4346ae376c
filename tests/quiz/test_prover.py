from course_utils.quiz.prover import faults


def test_proofs_share_no_names_and_do_not_print() -> None:
    first = {"id": "a", "code": "kept = 1; print('x'); assert answer", "answer": 1, "wrong": 0}
    second = {"id": "b", "code": "assert answer and 'kept' not in dir()", "answer": 1, "wrong": 0}
    assert list(faults([first, second])) == []


def test_an_error_is_one_line() -> None:
    proof = {"id": "a", "code": "raise ValueError('one\\ntwo')", "answer": 1, "wrong": 0}
    ((name, fault),) = faults([proof])
    assert name == "a"
    assert fault == "its code fails with the key: ValueError in line 1 of it: one two"


def test_what_is_printed_is_compared_without_regard_to_spaces() -> None:
    shown = {"id": "a", "code": "print([1,\n 2])\nprint('B')", "prints": ["[1, 2] b"]}
    assert list(faults([shown])) == []
