"""Cells of a table: none is a formula, and each gives its text back."""

from hypothesis import given
from hypothesis import strategies as st

from newsbot.export.cells import guarded, settled, unguarded

CELL = st.text(alphabet=st.sampled_from("'=+-@\t\r\n＝＠ab\u202e\u2067\u2069\u202c\u202bאع\" ,;"), max_size=12)  # fmt: skip


@given(CELL)
def test_no_cell_is_a_formula_and_its_text_comes_back(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert unguarded(cell) == text


@given(CELL)
def test_a_settled_text_leaves_no_direction_open(text: str) -> None:
    done = settled(text)
    assert settled(done) == done
    for line in done.split("\n"):
        assert sum(map(line.count, "\u202a\u202b\u202d\u202e")) == line.count("\u202c")
        assert sum(map(line.count, "\u2066\u2067\u2068")) == line.count("\u2069")
    bare = {ord(each): None for each in "\u2069\u202c"}
    assert done.translate(bare) == text.translate(bare)
