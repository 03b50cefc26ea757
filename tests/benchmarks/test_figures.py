import pytest

from benchmarks.figures import readme, replaced, table

ROW = {
    "measure": "m",
    "value": 12_345.6,
    "unit": "u",
    "peer": "p",
    "peer_value": 50.0,
    "ratio": 246.912,
    "goal": 3,
    "holds": False,
}


def test_a_row_says_whether_its_goal_holds() -> None:
    assert table([ROW]).splitlines()[2] == "| m | 12,346 u | p: 50 | 246.91 | 3 | **no** |"


def test_figures_replace_the_ones_before() -> None:
    text = "a\n<!-- figures -->\nold\n<!-- end of figures -->\nb\n"

    assert replaced(text, "new") == "a\n<!-- figures -->\nnew\n<!-- end of figures -->\nb\n"


def test_a_readme_without_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="figures"):
        replaced("a", "new")


@pytest.mark.parametrize("name", ["sessionizer", "collector"])
def test_a_readme_with_figures_has_its_marks(name: str) -> None:
    replaced(readme(name).read_text(), "new")
