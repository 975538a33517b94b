"""Case files that cannot be used, with the place and the words that the one error must name."""

from __future__ import annotations

from typing import NamedTuple

HEAD = "garland_case: 1\nid: x\n"
VISIT = HEAD + "visits:\n  - "
EXAM = VISIT + "examination: "
NERVES = VISIT + "nerve_conduction: {results: ["
NEEDLE = VISIT + "needle: {results: ["


class Malformed(NamedTuple):
    """One file: a name, its content, end of the error's path, part of its message, suffix."""

    name: str
    content: str | bytes
    path: str
    fragment: str
    suffix: str = ".yaml"

    @property
    def raw(self) -> bytes:
        """Bytes to write to the file."""
        return self.content if isinstance(self.content, bytes) else self.content.encode()


def person(line: str) -> str:
    """Case with one line under person."""
    return f"{HEAD}person: {{{line}}}\nvisits: [{{}}]\n"


def exam(name: str, text: str, path: str, fragment: str) -> Malformed:
    """Case with a part of the examination."""
    return Malformed(name, f"{EXAM}{{{text}}}\n", path, fragment)


def study(name: str, text: str, path: str, fragment: str) -> Malformed:
    """Case with rows of the conduction table."""
    return Malformed(name, f"{NERVES}{text}]}}\n", path, fragment)


def muscle(name: str, text: str, path: str, fragment: str) -> Malformed:
    """Case with rows of the needle table."""
    return Malformed(name, f"{NEEDLE}{text}]}}\n", path, fragment)


def visit(name: str, text: str, path: str, fragment: str) -> Malformed:
    """Case with a line of the first visit."""
    return Malformed(name, f"{VISIT}{text}\n", path, fragment)


def part(name: str, line: str) -> str:
    """Case with one line under a part of the background."""
    return f"{HEAD}{name}: {{{line}}}\nvisits: [{{}}]\n"


FILES = [
    Malformed("empty", "", ".yaml", "holds no case"),
    Malformed("comment_alone", "# nothing\n", ".yaml", "holds no case"),
    Malformed("empty_json", "", ".json", "holds no case", ".json"),
    Malformed("list", "- a\n- b\n", ".yaml", "is not a mapping"),
    Malformed("word", "hello", ".yaml", "is not a mapping"),
    Malformed("broken_yaml", "garland_case: 1\nid: [x\nvisits: }", "line 3", "is not valid YAML"),
    Malformed("tab_indent", "garland_case: 1\nperson:\n\tage_years: 3\n", "line 3", "is not valid YAML"),
    Malformed("broken_json", '{"garland_case": 1,,}', "line 1", "is not valid JSON", ".json"),
    Malformed("json_nan", '{"garland_case": NaN}', ".json", "is not a number JSON knows", ".json"),
    Malformed("json_key_twice", '{"id": "a", "id": "b"}', ".json", "is a key given twice", ".json"),
    Malformed("json_long_integer", '{"id": ' + "9" * 5000 + "}", ".json", "is not valid JSON", ".json"),
    Malformed("json_deep", "[" * 200_000, ".json", "is not valid JSON", ".json"),
    Malformed("yaml_deep", "[" * 5000, ".yaml", "is not valid YAML"),
    Malformed("yaml_key_twice", HEAD + "id: y\n", "line 3", "gives the key id twice"),
    Malformed("alias", HEAD + "person: &p {age_years: 3}\nlipids: *p\n", "line 4", "holds an alias"),
    Malformed("python_tag", HEAD + "visits: !!python/object:os.system x\n", "line 3", "is not valid YAML"),
    Malformed("impossible_date", HEAD + "title: 2020-99-99\n", ".yaml", "is not valid YAML"),
    Malformed("two_documents", HEAD + "---\n" + HEAD, "line 3", "is not valid YAML"),
    Malformed("control_character", "id: \x01\n", ".yaml", "is not valid YAML"),
    Malformed("not_utf8", b"garland_case: 1\nid: caf\xe9\n", ".yaml", "is not UTF-8 text"),
    Malformed("utf16", HEAD.encode("utf-16"), ".yaml", "is not UTF-8 text"),
    Malformed("huge", b"#" * 1_100_000, ".yaml", "is larger than a case can be"),
]

KEYS_AND_NUMBERS = [
    Malformed("no_version", "id: x\nvisits: [{}]\n", "garland_case", "is missing"),
    Malformed(
        "later_version", "garland_case: 2\nid: x\nvisits: [{}]\n", "garland_case", "write garland_case: 1"
    ),
    Malformed("no_visits", HEAD + "visits: []\n", "visits", "one visit at least"),
    Malformed("visits_not_a_list", HEAD + "visits: {day_since_onset: 1}\n", "visits", "is not a list"),
    Malformed("number_as_id", "garland_case: 1\nid: 3\nvisits: [{}]\n", "id", "put it in quotation marks"),
    Malformed("empty_id", "garland_case: 1\nid: ' '\nvisits: [{}]\n", "id", "is empty"),
    Malformed("long_title", HEAD + f"title: {'x' * 5000}\nvisits: [{{}}]\n", "title", "is longer than 4000"),
    Malformed("bell", HEAD + 'title: "\\a"\nvisits: [{}]\n', "title", "cannot be printed"),
    Malformed("unknown_key", person("age_yeers: 50"), "person.age_yeers", "did you mean age_years?"),
    Malformed("age_250", person("age_years: 250"), "person.age_years", "0 to 120 years"),
    Malformed(
        "age_not_a_number", person("age_years: .nan"), "person.age_years", "is outside what is possible"
    ),
    Malformed("age_in_words", person("age_years: old"), "person.age_years", "is not a number"),
    Malformed("age_true", person("age_years: true"), "person.age_years", "is not a number"),
    Malformed("person_is_a_list", HEAD + "person: [3]\nvisits: [{}]\n", "person", "is not a mapping"),
    Malformed("unknown_sex", person("sex: unknown"), "person.sex", "use one of"),
    Malformed("sex_as_number", person("sex: 1"), "person.sex", "use one of female, male"),
    Malformed(
        "bmi_disagrees",
        person("height_cm: 180, weight_kg: 80, bmi_kg_m2: 40"),
        "person.bmi_kg_m2",
        "height and weight, which give 24.7",
    ),
    Malformed(
        "hba1c_without_diabetes",
        part("diabetes", "type: none, hba1c_percent: 10"),
        "diabetes.hba1c_percent",
        "contradicts type: none",
    ),
    Malformed(
        "years_without_diabetes",
        part("diabetes", "type: none, duration_years: 3"),
        "diabetes.duration_years",
        "contradicts type: none",
    ),
    Malformed(
        "years_of_new_diabetes",
        part("diabetes", "type: newly-found, duration_years: 8"),
        "diabetes.duration_years",
        "contradicts type: newly-found",
    ),
    Malformed(
        "diastolic_above",
        part("blood_pressure", "systolic_mmhg: 80, diastolic_mmhg: 120"),
        "blood_pressure.diastolic_mmhg",
        "is not below the systolic",
    ),
    Malformed("yes_as_text", part("history", "cancer: 'perhaps'"), "history.cancer", "write true or false"),
    Malformed(
        "pain_denied_with_place",
        part("history", "pain: {present: false, regions: [knee], side: left}"),
        "history.pain.regions",
        "contradicts present: false",
    ),
    Malformed(
        "pain_denied_with_intensity",
        part("history", "pain: {present: false, intensity_nrs: 7}"),
        "history.pain.intensity_nrs",
        "contradicts present: false",
    ),
    Malformed(
        "pain_without_side",
        part("history", "pain: {present: true, regions: [groin]}"),
        "history.pain.regions",
        "needs a side",
    ),
    Malformed(
        "pain_first_and_denied",
        part("history", "first_symptom: pain, pain: {present: false}"),
        "history.first_symptom",
        "contradicts pain.present: false",
    ),
    Malformed(
        "delay_after_no_pain",
        part("history", "weakness_within_days_of_pain: 9, pain: {present: false}"),
        "history.weakness_within_days_of_pain",
        "contradicts pain.present",
    ),
    Malformed(
        "region_as_number",
        part("history", "pain: {side: left, regions: [7]}"),
        "history.pain.regions[0]",
        "is not the name of a region",
    ),
    Malformed(
        "diabetes_longer_than_life",
        HEAD + "person: {age_years: 20}\ndiabetes: {duration_years: 60}\nvisits: [{}]\n",
        "diabetes.duration_years",
        "is more than the age",
    ),
    Malformed(
        "cause_in_capitals",
        HEAD + "published: {diagnosis: a, source: {citation: b}, accepted_causes: [L4!]}\nvisits: [{}]\n",
        "published.accepted_causes[0]",
        "is not the name of a cause",
    ),
    Malformed(
        "two_values_of_hba1c",
        HEAD + "diabetes: {hba1c_percent: 7}\nvisits: [{laboratory: {hba1c_percent: 9}}]\n",
        "visits[0].laboratory.hba1c_percent",
        "contradicts diabetes.hba1c_percent: 7",
    ),
]

# fmt: off
FINDINGS = [
    Malformed("visits_out_of_order",
         "garland_case: 1\nid: x\nvisits: [{day_since_onset: 9},"
         " {day_since_onset: 2}]\n",
         "visits[1].day_since_onset", "is before the visit above it"),
    visit("day_in_words", "day_since_onset: yesterday", "day_since_onset", "is not a number of days"),
    visit("day_before_onset", "day_since_onset: -3", "day_since_onset", "0 to 36500 days"),
    exam("mrc_6", "strength: {left: {knee-extension: 6}}",
         "strength.left.knee-extension", "is not an MRC grade"),
    exam("mrc_5_plus", "strength: {left: {knee-extension: 5+}}",
         "strength.left.knee-extension", "is not an MRC grade"),
    exam("mrc_half", "strength: {left: {knee-extension: 4.5}}",
         "strength.left.knee-extension", "is not an MRC grade"),
    exam("mrc_list", "strength: {left: {knee-extension: [4]}}",
         "strength.left.knee-extension", "is not an MRC grade"),
    exam("mrc_backwards", "strength: {left: {knee-extension: 4 to 2}}",
         "strength.left.knee-extension", "write '2 to 4'"),
    exam("mrc_word", "strength: {left: {knee-extension: mild weekness}}",
         "strength.left.knee-extension", "did you mean mild-weakness?"),
    exam("strength_without_side", "strength: {knee-extension: 4}",
         "strength.knee-extension", "is not a key used here"),
    exam("strength_as_word", "strength: {left: weak}", "strength.left", "is not a mapping from a movement"),
    exam("side_misspelt", "strength: {lft: {knee-extension: 4}}", "strength.lft", "did you mean left?"),
    exam("side_twice", "reflexes: {L: {knee: 2}, left: {knee: 1}}", "reflexes.left", "left twice"),
    exam("movement_misspelt", "strength: {left: {knee-extenson: 4}}",
         "strength.left.knee-extenson", "did you mean knee-extension?"),
    exam("two_spellings", "strength: {left: {vastus lateralis: 4, VL: 2}}",
         "strength.left.VL", "contradicts 4"),
    exam("both_and_left", "strength: {both: {hip-flexion: 5}, left: {hip-flexion: 2}}",
         "strength.left.hip-flexion", "given for both sides"),
    exam("sign_on_both_and_left", "straight_leg_raise: {both: negative, left: positive}",
         "straight_leg_raise.left", "given for both sides"),
    exam("reflex_5", "reflexes: {left: {knee: 5}}", "reflexes.left.knee", "use 0 to 4"),
    exam("sensation_without_place", "sensation: {results: [{side: left, result: reduced}]}",
         "sensation.results[0]", "does not name one place"),
    exam("sensation_without_side", "sensation: {results: [{dermatome: l3, result: reduced}]}",
         "sensation.results[0].side", "write left, right or both"),
    exam("sensation_twice",
         "sensation: {results: [{side: left, dermatome: l3, result: normal},"
         " {side: both, dermatome: L3, result: reduced}]}",
         "sensation.results[1].result", "contradicts 'normal'"),
    visit("conduction_as_a_list", "nerve_conduction: [{study: sural}]",
         "nerve_conduction", "is not a mapping"),
    study("velocity_400", "{study: fibular-edb, side: left, velocity_m_s: 400}",
         "results[0].velocity_m_s", "1 to 100 m/s"),
    study("negative_amplitude", "{study: fibular-edb, side: left, amplitude_mv: -1}",
         "results[0].amplitude_mv", "0 to 60 mV"),
    study("amplitude_misspelt", "{study: sural, side: left, amplitude_uv: abscent}",
         "results[0].amplitude_uv", "did you mean absent?"),
    study("snap_in_mv", "{study: sural, side: left, amplitude_mv: 8}",
         "results[0].amplitude_mv", "write amplitude_uv"),
    study("h_reflex_of_a_motor_study", "{study: tibial-ah, side: left, h_latency_ms: 33}",
         "results[0].h_latency_ms", "is not a measure of tibial-abductor-hallucis"),
    study("absent_with_latency", "{study: tibial-ah, side: left, amplitude_mv: absent, latency_ms: 5}",
         "results[0].latency_ms", "leaves nothing to measure"),
    study("study_misspelt", "{study: surral, side: left, result: normal}",
         "results[0].study", "did you mean sural?"),
    study("study_and_nerve", "{study: sural, nerve: sural, side: left, result: normal}",
         "results[0].study", "give one of study and nerve"),
    study("study_without_side", "{study: sural, amplitude_uv: 5}", "results[0].side", "write left"),
    study("nerve_without_kind", "{nerve: median, side: left, result: normal}",
         "results[0].kind", "write kind: motor or kind: sensory"),
    study("kind_does_not_fit", "{study: sural, kind: motor, side: left, result: normal}",
         "results[0].kind", "does not fit sural"),
    study("wrong_point", "{study: fibular-ta, side: left, stimulate: wrist, amplitude_mv: 4}",
         "results[0].stimulate", "use one of fibular-head, popliteal"),
    study("same_study_twice",
         "{study: sural, side: left, amplitude_uv: 5},"
         " {study: sural, side: both, amplitude_uv: 9}",
         "results[1].amplitude_uv", "contradicts 5"),
    visit("limits_of_no_study", "nerve_conduction: {laboratory_limits: {sorel: {amplitude_uv_min: 3}}}",
         "laboratory_limits.sorel", "is not a known conduction study"),
    muscle("muscle_misspelt", "{muscle: vastus latralis, side: left, fibrillations: 2}",
         "results[0].muscle", "did you mean vastus-lateralis?"),
    muscle("muscle_and_group", "{muscle: soleus, group: quadriceps, side: left}",
         "results[0].muscle", "give one of muscle and group"),
    muscle("muscle_without_side", "{muscle: soleus, fibrillations: 2}",
         "results[0].side", "write left, right or both"),
    muscle("short_head_on_a_wrong_side", "{muscle: BFsh, side: medial, fibrillations: 2}",
         "results[0].side", "is not a known side"),
    muscle("fibrillations_7", "{muscle: soleus, side: left, fibrillations: 7}",
         "results[0].fibrillations", "use 0 to 4"),
    muscle("fibrillations_often", "{muscle: soleus, side: left, fibrillations: oodles}",
         "results[0].fibrillations", "is neither a grade 0 to 4 nor a word"),
    muscle("no_units_but_polyphasic",
         "{muscle: soleus, side: left, recruitment: none, polyphasia: increased"
         "}",
         "results[0].polyphasia", "leaves no unit to describe"),
    muscle("no_units_but_normal", "{muscle: soleus, side: left, recruitment: none, impression: normal}",
         "results[0].impression", "contradicts recruitment: none"),
    muscle("muscle_twice",
         "{muscle: soleus, side: left, fibrillations: 2},"
         " {muscle: soleus, side: left, fibrillations: none}",
         "results[1].fibrillations", "contradicts 2"),
    visit("imaging_normal_and_not", "imaging: [{modality: mri, findings: [normal, mass]}]",
         "imaging[0].findings", "leave normal out"),
    visit("imaging_without_finding", "imaging: [{modality: ct, findings: []}]",
         "imaging[0].findings", "name a finding"),
    visit("imaging_seen_and_not_seen", "imaging: [{modality: ct, findings: [mass], not_seen: [mass]}]",
         "imaging[0].not_seen", "leave it out of one of the two"),
    Malformed("region_affected_and_spared",
              part("history", "pain: {present: true, side: left, regions: [groin], spared: [groin]}"),
              "history.pain.spared", "leave it out of one of the two"),
    visit("others_reduced", "needle: {others: reduced}", "needle.others", "is not one of the words"),
]
# fmt: on

MALFORMED = [*FILES, *KEYS_AND_NUMBERS, *FINDINGS]
