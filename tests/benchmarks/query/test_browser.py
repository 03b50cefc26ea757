from benchmarks.query.browser import told


def test_a_click_is_held_against_the_bare_page_and_a_seek_by_its_slowest() -> None:
    found = {
        "clicks": [
            {"dashboard": 110, "bare": 100, "at_once": 210},
            {"dashboard": 130, "bare": 100, "at_once": 220},
            {"dashboard": 500, "bare": 90, "at_once": 600},
        ],
        "seeks": [100, 501, 300],
        "loaded": {"bytes": 200_001, "files": {"/": 1, "/assets/a.js": 200_000}},
    }
    click, at_once, seek, load = told(found)
    assert (click.value, click.peer_value, click.ratio, click.holds) == (130, 100, 1.3, False)
    assert (at_once.value, at_once.ratio, at_once.holds) == (220, 2.2, None)
    assert (seek.value, seek.holds) == (501, False)
    assert (load.value, load.unit, load.holds) == (200.001, "KB", False)
