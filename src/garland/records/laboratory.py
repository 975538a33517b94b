"""Laboratory, imaging and tests without a model, as reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import create_model, model_validator

from garland.evidence.findings import declared_findings
from garland.records.fields import RecordPart, Side, Words, _Name, number, refuse, word

_LEVEL_WORDS = ("normal", "raised", "low", "not-done")
FINDINGS = (
    "disc-herniation", "root-compression", "root-enhancement", "plexus-enhancement", "nerve-enhancement",
    "psoas-enhancement", "mass", "haematoma", "stenosis", "muscle-oedema", "muscle-infarction", "normal",
)  # fmt: skip
IMAGING_REGIONS = (
    "brain", "cervical-spine", "thoracic-spine", "lumbar-spine", "pelvis", "lumbosacral-plexus", "hip",
    "thigh", "knee", "leg", "arm", "nerve",
)  # fmt: skip
BIOPSIES = ("vasculitis", "denervation", "myopathic", "demyelination", "normal", "not-done")


if TYPE_CHECKING:

    class _Blood(RecordPart):
        def __getattr__(self, name: str) -> Any: ...
else:
    _Blood = create_model(
        "_Blood",
        __base__=RecordPart,
        **{
            key: (Annotated[float | str, number(*spec["number"], *_LEVEL_WORDS)] | None, None)
            for key, spec in declared_findings()["blood"].record.items()
        },
    )


class Laboratory(_Blood):
    """Values, or a word where the report gives a word. Biopsy is a word; `biopsy_of` says of what."""

    csf_protein_mg_dl: Annotated[float | str, number("mg/dL", 0, 5000, *_LEVEL_WORDS)] | None = None
    csf_cells_per_ul: Annotated[float | str, number("per uL", 0, 100000, *_LEVEL_WORDS)] | None = None
    esr_mm_h: Annotated[float | str, number("mm/h", 0, 200, *_LEVEL_WORDS)] | None = None
    crp_mg_l: Annotated[float | str, number("mg/L", 0, 1000, *_LEVEL_WORDS)] | None = None
    ck_u_l: Annotated[float | str, number("U/L", 0, 1000000, *_LEVEL_WORDS)] | None = None
    hba1c_percent: Annotated[float | str, number("%", 3, 25, *_LEVEL_WORDS)] | None = None
    inr: Annotated[float | str, number("ratio", 0.5, 50, *_LEVEL_WORDS)] | None = None
    ganglioside_antibodies: Annotated[str, word("positive", "negative", "not-done")] | None = None
    biopsy: Annotated[str, word(*BIOPSIES)] | None = None
    biopsy_of: Annotated[str, word("nerve", "muscle")] | None = None


class Imaging(RecordPart):
    """One imaging study with its findings, what was looked for and not seen, disc levels, roots and side."""

    modality: Annotated[str, word("mri", "ct", "ultrasound", "x-ray")]
    region: Annotated[str, word(*IMAGING_REGIONS)] | None = None
    findings: tuple[Annotated[str, word(*FINDINGS)], ...] = ()
    not_seen: tuple[Annotated[str, word(*FINDINGS)], ...] = ()
    levels: tuple[Annotated[str, _Name("level")], ...] = ()
    roots: tuple[Annotated[str, _Name("root")], ...] = ()
    side: Side | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Imaging:
        """Refuse a study without a finding, and one that is normal and abnormal."""
        if not self.findings and not self.not_seen:
            refuse("is empty", "name a finding, or write [normal]", list(self.findings), ("findings",))
        both = [finding for finding in self.not_seen if finding in self.findings]
        if both:
            refuse("is seen and not seen at once", "leave it out of one of the two", both, ("not_seen",))
        if "normal" in self.findings and len(set(self.findings)) > 1:
            rule = "contradicts itself: normal stands beside other findings"
            refuse(rule, "leave normal out", list(self.findings), ("findings",))
        return self


class OtherTest(RecordPart):
    """A test that the record keeps and the model does not use (an evoked potential, say)."""

    test: Words
    side: Side | None = None
    result: Words
