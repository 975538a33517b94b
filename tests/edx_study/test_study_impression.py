"""The words beneath the tables follow from the tables."""

from __future__ import annotations

from dataclasses import replace

from garland.edx_study.impression import _impression, _summary
from garland.edx_study.readings import _Tables
from garland.edx_study.records import Cell, MotorRow, NeedleRow, SensoryRow

FINE, BLANK = Cell(10.0), Cell(word="–")
LOW, GONE = Cell(1.0, mark="low", weight=2), Cell(word="NR", mark="absent", weight=3)
TRACE = Cell(word="1+", mark="abnormal", weight=1)
TWO_PLUS = Cell(word="2+", mark="abnormal", weight=2)
FEW = Cell(word="reduced", mark="abnormal", weight=2)


def snap(label: str, amplitude: Cell = FINE, side: str = "left") -> SensoryRow:
    return SensoryRow(label, label, side, 140.0, FINE, FINE, amplitude, FINE, FINE)


def cmap(label: str, amplitude: Cell = FINE, velocity: Cell = FINE, side: str = "left") -> MotorRow:
    return MotorRow(label, label, side, "ankle", 80.0, FINE, amplitude, FINE, FINE, velocity, BLANK)


def muscle(label: str, nerve: str, roots: str, sick: bool = False, side: str = "left") -> NeedleRow:
    spontaneous = TWO_PLUS if sick else Cell(word="0")
    recruitment = FEW if sick else Cell(word="normal")
    return NeedleRow(label, label, side, roots, nerve, Cell(word="normal"), spontaneous, spontaneous,
                     Cell(word="none"), BLANK, FINE, FINE, FINE, recruitment)  # fmt: skip


THIGH = (
    muscle("vastus lateralis", "femoral", "L2 L3 L4", True),
    muscle("iliopsoas", "femoral", "L2 L3", True),
)
ADDUCTOR = muscle("adductor longus", "obturator", "L2 L3 L4", True)
BACK = muscle("L3 paraspinals", "dorsal-ramus", "L3")


def words(**tables: object) -> str:
    return " ".join(_impression(_Tables(**tables)))


def test_muscles_of_one_nerve_with_spared_paraspinals_point_to_that_nerve():
    # Two spared muscles: one beside is spared by chance in many a root or plexus.
    spared = (
        muscle("adductor longus", "obturator", "L2 L3 L4"),
        muscle("tibialis anterior", "deep-fibular", "L4 L5"),
    )
    said = words(needle=(*THIGH, *spared, BACK), sensory=(snap("saphenous", GONE),))
    assert "muscles of the same roots by other nerves are spared: a lesion of the femoral nerve" in said
    assert "not told apart" in words(needle=(*THIGH, spared[0], BACK), sensory=(snap("saphenous", GONE),))


def test_a_nerve_is_not_named_before_a_muscle_of_the_same_roots_is_known_to_be_spared():
    said = words(needle=(*THIGH, BACK), sensory=(snap("saphenous", GONE),))
    assert "roots, plexus and nerves are not told apart" in said


def test_two_nerves_with_sick_paraspinals_and_low_snaps_point_to_roots_with_plexus_or_nerves():
    sick = replace(BACK, fibrillations=TWO_PLUS, positive_waves=TWO_PLUS)
    said = words(needle=(*THIGH, ADDUCTOR, sick), sensory=(snap("saphenous", LOW),))
    assert "both involved: roots with plexus or nerves" in said
    assert "L2 to L4" in said


def test_two_nerves_with_sick_paraspinals_and_spared_snaps_point_to_roots_or_neurons():
    sick = replace(BACK, fibrillations=TWO_PLUS)
    said = words(needle=(*THIGH, ADDUCTOR, sick), sensory=(snap("saphenous"),))
    assert "roots, or motor neurons" in said


def test_two_nerves_with_low_snaps_and_spared_paraspinals_point_to_the_plexus():
    said = words(needle=(*THIGH, ADDUCTOR, BACK), sensory=(snap("saphenous", LOW),))
    assert "plexus, or several nerves" in said


def test_low_snaps_on_both_sides_alone_point_to_a_sensory_polyneuropathy():
    rows = (snap("sural", LOW), snap("sural", GONE, "right"))
    assert "muscles are spared: an axonal polyneuropathy" in words(sensory=rows, needle=(BACK,))


def test_very_slow_nerves_are_said_to_be_slower_than_loss_explains():
    slow = Cell(22.0, mark="low", weight=3)
    rows = (cmap("tibial", velocity=slow), cmap("fibular", velocity=slow))
    assert "slowed far beyond" in words(motor=rows)


def test_small_short_units_point_to_muscle():
    small = replace(
        muscle("vastus lateralis", "femoral", "L3"),
        duration_ms=Cell(5.0, mark="low", weight=2),
        recruitment=Cell(word="early", mark="abnormal", weight=2),
    )
    three = tuple(replace(small, label=f"muscle {number}") for number in range(3))
    assert "disease of muscle" in words(needle=three)
    assert "disease of muscle" not in words(needle=(small,))


def test_few_units_without_denervation_are_no_loss_of_axons():
    few = replace(muscle("vastus lateralis", "femoral", "L3"), recruitment=FEW)
    two = (few, replace(few, muscle="rectus femoris", label="rectus femoris"))
    said = words(needle=(*two, BACK), sensory=(snap("saphenous"),))
    assert "axons are lost" not in said
    assert "early, block, or effort" in said
    # In one healthy muscle in a hundred recruitment is read as reduced: one alone says nothing.
    assert words(needle=(few, BACK), sensory=(snap("saphenous"),)).startswith("No abnormality")


def test_one_large_unit_dates_nothing():
    grown = replace(THIGH[0], amplitude_uv=Cell(9000.0, mark="high", weight=2))
    said = words(needle=(grown, ADDUCTOR, BACK), sensory=(snap("saphenous", LOW),))
    assert "surviving units have grown" not in said


def test_sides_are_not_pooled():
    right = muscle("vastus lateralis", "femoral", "L2 L3 L4", True, side="right")
    said = _impression(_Tables(needle=(*THIGH, ADDUCTOR, BACK, right), sensory=(snap("saphenous", LOW),)))
    assert len(said) == 2
    assert "plexus" in said[0]
    assert "plexus, or several nerves" not in said[1]


def test_a_clean_study_says_that_nothing_is_abnormal():
    said = words(needle=(BACK,), sensory=(snap("sural"),), motor=(cmap("tibial"),))
    assert said.startswith("No abnormality")


def test_the_mirrored_study_has_the_mirrored_words():
    mirrored = {"left": "right", "right": "left"}
    tables = _Tables(
        needle=(*THIGH, ADDUCTOR, BACK), sensory=(snap("saphenous", LOW),), motor=(cmap("tibial"),)
    )
    other = _Tables(
        **{
            name: tuple(replace(row, side=mirrored[row.side]) for row in rows)
            for name, rows in vars(tables).items()
        }
    )
    for stated in (_summary, _impression):
        left = " ".join(stated(tables))
        assert left != " ".join(stated(other))
        assert left.replace("left", "right") == " ".join(stated(other))


def test_a_summary_names_every_absent_response_and_every_fibrillating_muscle():
    said = " ".join(_summary(_Tables(needle=THIGH, sensory=(snap("saphenous", GONE), snap("sural")))))
    assert "absent: left saphenous" in said
    assert "left vastus lateralis (2+)" in said


def test_a_response_that_many_healthy_people_lack_says_nothing_alone_on_one_side_or_both():
    lacking = "lateral-femoral-cutaneous"
    both = (snap(lacking, GONE), snap(lacking, GONE, "right"))
    one = (snap(lacking, GONE), snap(lacking, FINE, "right"))
    assert words(sensory=both, needle=(BACK,)).startswith("No abnormality")
    # One healthy person in five lacks it, on either side by chance.
    assert words(sensory=one, needle=(BACK,)).startswith("No abnormality")
    more = (snap("saphenous", LOW), snap("saphenous", FINE, "right"))
    assert "a lesion at the ganglion or beyond" in words(sensory=(*one, *more), needle=(BACK,))


def test_one_odd_finding_among_many_says_nothing():
    trace = replace(muscle("vastus lateralis", "femoral", "L3"), fibrillations=TRACE)
    mild = snap("sural", Cell(5.0, mark="low", weight=1))
    said = words(needle=(trace, BACK), sensory=(mild, snap("sural", side="right"), snap("saphenous")))
    assert said.startswith("No abnormality")


def test_traces_in_neighbouring_muscles_count_together():
    rows = [replace(row, fibrillations=TRACE, positive_waves=Cell(word="0")) for row in (*THIGH, ADDUCTOR)]
    assert "axons are lost to muscles of L2 to L4" in words(needle=(*rows, BACK))


def test_muscles_of_no_common_root_that_fibrillate_with_usual_units_are_not_called_axon_loss():
    usual = Cell(word="normal")
    rows = [
        replace(muscle(name, nerve, roots, True), recruitment=usual)
        for name, nerve, roots in (
            ("iliopsoas", "femoral", "L2 L3"),
            ("tibialis-anterior", "deep-fibular", "L4 L5"),
            ("vastus-lateralis", "femoral", "L3 L4"),
        )
    ]
    said = words(needle=(*rows, BACK), sensory=(snap("saphenous"),))
    assert "axons lately lost, or disease of muscle" in said
    assert "axons are lost" not in said


def test_low_responses_of_feet_on_one_side_only_tested_do_not_tell_plexus_from_roots():
    said = words(needle=(*THIGH, ADDUCTOR, BACK), sensory=(snap("sural", LOW),))
    assert "roots, plexus and nerves are not told apart" in said


def test_nearly_absent_responses_that_are_slow_are_no_demyelination():
    slow, tiny = Cell(22.0, mark="low", weight=3), Cell(0.2, mark="low", weight=3)
    rows = (cmap("tibial", tiny, slow), cmap("fibular", tiny, slow))
    assert "slowed far beyond" not in words(motor=rows)
