"""Tables of known failures of this class of software: each row has the places where it is tested, or the reason why there
is nothing to test."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(row):
    """`row`: a reason, or `file::name of a Python test` and `file::part of a Swift test's name`."""
    assert row
    if isinstance(row, str):
        return
    for place in row:
        file, name = place.split("::")
        text = (ROOT / file).read_text()
        assert f"def {name}(" in text if file.endswith(".py") else name in text, place
