"""The evidence loader: what it reads, and everything it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from garland.errors import EvidenceError
from garland.evidence import Number, all_numbers, part, read_yaml, references
from garland.evidence.library import _Library as Library

REFERENCES = """
Seddon1943: {citation: "Seddon 1943", address: somewhere, seen: true}
Memory: {citation: a book remembered, seen: false}
Assumed: {citation: an assumption of this project, seen: false}
"""
SPEED = """
rate_mm_per_day:
  description: speed of regrowth
  unit: mm/day
  value: {distribution: normal, mean: 1.5, sd: 0.2}
  source: {key: Seddon1943, where: abstract table}
  standing: measured
  trusted: {low: 1.0, high: 3.0}
  open_question: is it slower distally?
"""
TAIL = "source: {key: Assumed, where: choice}, standing: assumed"

Shelf = Callable[..., Library]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    def put(text: str, sources: str = REFERENCES) -> Library:
        folder = tmp_path / "parameters" / "fibres"
        folder.mkdir(parents=True)
        (folder / "regrowth.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "references.yaml").write_text(sources, encoding="utf-8")
        return Library(tmp_path)

    return put


def entry(**changes: str | None) -> str:
    """Write the number `speed`, with some keys changed or (None) left out."""
    keys: dict[str, str | None] = {
        "description": "how fast",
        "unit": "mm/day",
        "value": "1.5",
        "source": "{key: Seddon1943, where: table}",
        "standing": "measured",
    }
    keys.update(changes)
    return "speed:\n" + "".join(f"  {key}: {value}\n" for key, value in keys.items() if value is not None)


def number_of(library: Library) -> Number:
    return library.part("fibres/regrowth").number("speed")


def test_a_number_is_reached_by_its_name(shelf: Shelf):
    assert shelf(SPEED).part("fibres/regrowth").rate_mm_per_day == 1.5


def test_a_number_carries_unit_source_standing_trust_and_open_question(shelf: Shelf):
    number = shelf(SPEED).part("fibres/regrowth").number("rate_mm_per_day")
    assert number.path == "fibres/regrowth.rate_mm_per_day"
    assert (number.unit, number.source, number.where) == ("mm/day", "Seddon1943", "abstract table")
    assert (number.standing, number.trusted) == ("measured", (1.0, 3.0))
    assert number.open_question == "is it slower distally?"


@pytest.mark.parametrize(
    ("written", "centre", "spread"),
    [
        ("{distribution: normal, mean: 2, sd: 0.5}", 2.0, 0.5),
        ("{distribution: lognormal, median: 3, sd_ln: 0.4}", 3.0, 0.4),
        ("{distribution: uniform, low: 1, high: 3}", 2.0, 2 / 12**0.5),
    ],
)
def test_each_distribution_has_a_centre_and_a_spread(
    shelf: Shelf, written: str, centre: float, spread: float
):
    regrowth = shelf(entry(value=written)).part("fibres/regrowth")
    assert regrowth.value("speed") == pytest.approx(centre)
    assert regrowth.spread("speed") == pytest.approx(spread)


def test_the_parameters_of_a_distribution_keep_their_names(shelf: Shelf):
    distribution = number_of(shelf(entry(value="{distribution: normal, mean: 2, sd: 0.5}"))).distribution
    assert distribution is not None
    assert dict(distribution.parameters) == {"mean": 2.0, "sd": 0.5}


def test_a_plain_value_has_a_spread_of_zero_and_no_distribution(shelf: Shelf):
    number = number_of(shelf(entry()))
    assert number.distribution is None
    assert number.spread == 0.0


def test_a_list_becomes_a_row(shelf: Shelf):
    regrowth = shelf(entry(value="[1, 2, 3]")).part("fibres/regrowth")
    assert regrowth.speed == (1.0, 2.0, 3.0)
    assert regrowth.row("speed") == (1.0, 2.0, 3.0)


def test_a_table_shares_one_unit_and_one_source(shelf: Shelf):
    regrowth = shelf(entry(value=None, values="{back-pain: 0.8, cough: 0.2}")).part("fibres/regrowth")
    assert regrowth.speed["back-pain"] == 0.8
    assert regrowth.table("speed") == {"back-pain": 0.8, "cough": 0.2}


def test_a_table_cannot_be_changed(shelf: Shelf):
    regrowth = shelf(entry(value=None, values="{a: 1, b: 2}")).part("fibres/regrowth")
    with pytest.raises(TypeError, match="does not support item assignment"):
        regrowth.speed["a"] = 3.0


def test_a_table_may_hold_distributions_and_rows(shelf: Shelf):
    text = entry(value=None, values="{a: {distribution: normal, mean: 1, sd: 0.1}, b: [1, 2]}")
    number = number_of(shelf(text))
    assert number.value == {"a": 1.0, "b": (1.0, 2.0)}
    assert number.spread == {"a": 0.1, "b": (0.0, 0.0)}


def test_a_key_without_the_marks_of_a_number_is_a_group(shelf: Shelf):
    text = f"sural:\n  amplitude_ln: {{description: ln of it, unit: '1', value: 2.8, {TAIL}}}\n"
    regrowth = shelf(text).part("fibres/regrowth")
    assert regrowth.group("sural").amplitude_ln == 2.8
    assert regrowth.sural.number("amplitude_ln").path == "fibres/regrowth.sural.amplitude_ln"
    assert regrowth.group_names == ("sural",)
    assert [number.name for number in regrowth.numbers] == ["amplitude_ln"]


def test_a_part_lists_and_shows_what_it_holds(shelf: Shelf):
    regrowth = shelf("about: speeds of growth\n" + SPEED).part("fibres/regrowth")
    assert list(regrowth) == ["rate_mm_per_day"]
    assert regrowth.names == ("rate_mm_per_day",)
    assert "rate_mm_per_day" in regrowth
    assert regrowth.path == "fibres/regrowth"
    assert repr(regrowth) == "Part('fibres/regrowth': 1 numbers, 0 groups)"


def test_a_file_is_read_once(shelf: Shelf):
    library = shelf(SPEED)
    assert library.part("fibres/regrowth") is library.part("fibres/regrowth")


def test_all_numbers_come_in_order_of_part(shelf: Shelf, tmp_path: Path):
    library = shelf(SPEED)
    (tmp_path / "parameters" / "alone.yaml").write_text(entry(), encoding="utf-8")
    paths = [number.path for number in library.all_numbers()]
    assert paths == ["alone.speed", "fibres/regrowth.rate_mm_per_day"]


@pytest.mark.parametrize("key", ["description", "unit", "source", "standing"])
def test_a_number_without_a_required_key_is_refused(shelf: Shelf, key: str):
    with pytest.raises(EvidenceError, match=rf"fibres/regrowth.speed: has no {key}; add it"):
        number_of(shelf(entry(**{key: None})))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": None}, "needs either value or values"),
        ({"values": "{a: 1}"}, "needs either value or values"),
        ({"standing": "guessed"}, "standing 'guessed' is unknown; use one of measured, derived"),
        ({"standing": "[measured]"}, r"standing \['measured'\] is unknown"),
        ({"source": "{key: Sedon1943, where: table}"}, "not in references.yaml; did you mean Seddon1943"),
        ({"source": "{key: Seddon1943}"}, "source needs just key and where"),
        ({"source": "Seddon1943"}, "is not a mapping of names"),
        ({"source": "{key: Memory, where: book}"}, "is measured but nobody has read Memory; write recalled"),
        ({"source": "{key: Assumed, where: x}", "standing": "derived"}, "nobody has read Assumed"),
        ({"value": "fast"}, "'fast' is not a number; write 1.0e-6 for 1e-6"),
        ({"value": "1e-6"}, "'1e-6' is not a number; write 1.0e-6 for 1e-6"),
        ({"value": "true"}, "True is not a number; write a finite number"),
        ({"value": ".nan"}, "nan is not a number"),
        ({"value": "null"}, "None is not a number"),
        ({"value": "[1, x]"}, r"speed\[1\]: 'x' is not a number"),
        ({"value": "[]"}, r"\[\] is not a number"),
        ({"value": None, "values": "7"}, "7 is not a mapping of names"),
        ({"value": None, "values": "{1: 2}"}, "key 1 is not text; put it in quotes"),
        ({"value": "{distribution: cauchy, mean: 1}"}, "distribution 'cauchy' is unknown"),
        ({"value": "{distribution: normal, mean: 1}"}, "normal needs mean and sd, nothing else"),
        ({"value": "{distribution: normal, mean: 1, sd: 0}"}, "spread 0 is not above zero"),
        ({"value": "{distribution: uniform, low: 2, high: 1}"}, "is not above zero"),
        ({"value": "{distribution: lognormal, median: -1, sd_ln: 1}"}, "median -1 of a lognormal is not"),
        ({"trusted": "{low: 2}"}, "value 1.5 lies outside trusted 2.0 to None"),
        ({"trusted": "{low: 0, high: 1}"}, "value 1.5 lies outside trusted 0.0 to 1.0"),
        ({"trusted": "{from: 0}"}, "trusted knows low and high only"),
        ({"trusted": "{low: a}"}, "trusted.low: 'a' is not a number"),
        ({"units": "mm"}, "unknown key 'units'; did you mean unit"),
        ({"unit": "1"}, "unit 1 is not a text"),
        ({"description": "''"}, "description '' is not a text"),
        ({"open_question": "3"}, "open_question 3 is not a text"),
    ],
)
def test_a_faulty_number_is_refused_with_file_and_key(
    shelf: Shelf, changes: dict[str, str | None], message: str
):
    with pytest.raises(EvidenceError, match=message) as caught:
        number_of(shelf(entry(**changes)))
    assert str(caught.value).startswith("fibres/regrowth.speed")


def test_both_ends_of_a_uniform_must_lie_within_trust(shelf: Shelf):
    text = entry(value="{distribution: uniform, low: 1, high: 9}", trusted="{low: 0, high: 6}")
    with pytest.raises(EvidenceError, match="value 9 lies outside trusted"):
        number_of(shelf(text))


def test_a_key_written_twice_is_refused(shelf: Shelf):
    with pytest.raises(EvidenceError, match="key unit is written twice; keep one"):
        number_of(shelf(entry() + "  unit: mm/day\n"))


def test_a_file_that_is_not_yaml_is_refused(shelf: Shelf):
    with pytest.raises(EvidenceError, match=r"regrowth.yaml: is not YAML .*; quote texts"):
        number_of(shelf("speed: [1, 2\n"))


def test_an_empty_file_is_refused(shelf: Shelf):
    with pytest.raises(EvidenceError, match="fibres/regrowth: None is not a mapping of names"):
        number_of(shelf(""))


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(EvidenceError, match=r"none.yaml: cannot be read \(No such file or directory\)"):
        read_yaml(tmp_path / "none.yaml")


def test_a_part_that_does_not_exist_is_refused_with_the_nearest_name(shelf: Shelf):
    with pytest.raises(EvidenceError, match=r"parameters/fibres/regroth.yaml: does not exist; did you mean"):
        shelf(SPEED).part("fibres/regroth")


def test_a_name_that_does_not_exist_is_refused_with_the_nearest_name(shelf: Shelf):
    regrowth = shelf(entry()).part("fibres/regrowth")
    for ask in (regrowth.number, regrowth.group, regrowth.__getitem__, regrowth.__getattr__):
        with pytest.raises(EvidenceError, match="fibres/regrowth: has no 'sped'"):
            ask("sped")


def test_a_dunder_that_does_not_exist_is_an_attribute_error(shelf: Shelf):
    with pytest.raises(AttributeError, match="__array__"):
        shelf(entry()).part("fibres/regrowth").__array__  # noqa: B018


def test_a_number_cannot_be_set(shelf: Shelf):
    regrowth = shelf(entry()).part("fibres/regrowth")
    with pytest.raises(AttributeError, match="speed is read-only; change the evidence file"):
        regrowth.speed = 2.0


def test_a_typed_reading_of_the_wrong_shape_is_refused(shelf: Shelf):
    regrowth = shelf(entry() + entry(value="[1, 2]").replace("speed", "row")).part("fibres/regrowth")
    with pytest.raises(EvidenceError, match="row: is a table, not one value"):
        regrowth.value("row")
    with pytest.raises(EvidenceError, match="speed: is not a table by name"):
        regrowth.table("speed")
    with pytest.raises(EvidenceError, match="speed: is not a row"):
        regrowth.row("speed")
    with pytest.raises(EvidenceError, match="speed: has no distribution"):
        regrowth.spread("speed")


def test_a_nested_table_is_not_read_as_a_flat_one(shelf: Shelf):
    regrowth = shelf(entry(value=None, values="{a: {b: 1}}")).part("fibres/regrowth")
    assert regrowth.speed["a"]["b"] == 1.0
    with pytest.raises(EvidenceError, match="speed: is a nested table"):
        regrowth.table("speed")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{citation: a, seen: false, year: 1}", "unknown key 'year'"),
        ("{citation: a}", "does not say seen"),
        ("{citation: a, seen: 1}", "does not say seen"),
        ("{citation: a, seen: true}", "is seen but has no address"),
        ("{seen: false}", "citation None is not a text"),
    ],
)
def test_a_faulty_source_is_refused(shelf: Shelf, source: str, message: str):
    with pytest.raises(EvidenceError, match=message):
        shelf(entry(), sources=f"A: {source}\n").references()


def test_the_shipped_library_is_shared_and_its_sources_load():
    assert part("person") is part("person")
    assert references()["Assumed"].seen is False
    assert references()["Ng2019"].address


def test_every_shipped_number_is_complete():
    numbers = all_numbers()
    assert len({number.path for number in numbers}) == len(numbers) > 0
