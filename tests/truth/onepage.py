"""The whole disease on one page: radiculoplexus neuropathy of one patient, told in plain loops.

`one_page` is the table of contents. Every chapter adds to the story what follows from the chapters before it.
The stations compute the same for many patients at once; the page shares only anatomy and evidence with them,
and a test holds the two equal.

Left out: other causes; drawing what is unknown of a person; all care; recordings (conduction, needle, late
responses); laboratory, imaging; autonomic symptoms, allodynia, wasting, weight, death, Rankin scale, chair.
This cause strikes small fibres like large ones, slows nothing and spares muscle: so does the page.

Reads    anatomy, evidence.   Feeds  nothing but understanding.   Numbers  evidence/parameters/**/*.yaml
Trusted  where the stations are. Axes: side (left, right), site or cohort, target.
"""

from __future__ import annotations

from math import exp, log, pi, prod, sqrt
from statistics import NormalDist
from types import SimpleNamespace as Story
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland.anatomy.tree import load
from garland.evidence import Part, part

Floats = NDArray[np.float64]
A, BOTH, ROOTS = load(), (0, 1), ("l1", "l2", "l3", "l4", "l5", "s1", "s2", "s3")
ROOTS_OF = {
    "upper-lumbar-plexus": "l1 l2", "lumbar-plexus-posterior": "l2 l3 l4", "lumbosacral-trunk": "l4 l5",
    "lumbar-plexus-anterior": "l2 l3 l4", "sacral-plexus-posterior": "l5 s1 s2", "saphenous": "l3 l4",
    "sacral-plexus-anterior": "l5 s1 s2", "femoral-pelvic": "l2 l3 l4", "femoral-inguinal": "l2 l3 l4",
    "medial-femoral-cutaneous": "l2 l3", "lateral-femoral-cutaneous": "l2 l3", "obturator": "l2 l3 l4",
    "superior-gluteal": "l4 l5 s1", "inferior-gluteal": "l5 s1 s2", "posterior-femoral-cutaneous": "s1 s2",
    "sciatic-fibular-division": "l5 s1", "sciatic-tibial-division": "l5 s1 s2", "common-fibular": "l5 s1",
    "superficial-fibular": "l5 s1", "deep-fibular": "l5 s1", "tibial-popliteal": "s1 s2", "sural": "s1 s2",
}  # fmt: skip
DISTAL = {"saphenous", "common-fibular", "superficial-fibular", "deep-fibular", "tibial-popliteal", "sural"}
CARRYING = ("knee-extension", "hip-flexion", "hip-extension", "hip-abduction", "ankle-dorsiflexion")
SCORED_TWICE = {"elbow-flexion", "elbow-extension", "finger-flexion"}
NOT_SCORED = {"hip-abduction", "hip-adduction", "ankle-inversion", "ankle-eversion", "tongue-protrusion"}
SCORED_REFLEXES = {"knee": 1.0, "ankle": 1.0, "biceps": 2.0, "triceps": 1.0}
BEYOND, CENTRAL = A.skin_incidence_postganglionic, A.skin_incidence_preganglionic
PATHS = {
    "motor": (A.motor_muscle, A.motor_share, A.motor_incidence, A.motor_distance_mm, A.motor_length_mm),
    "skin": (A.skin_nerve, A.skin_share, BEYOND, A.skin_distance_mm, A.skin_length_mm),
    "arc": (A.arc_reflex, A.arc_share, A.arc_incidence, A.arc_distance_mm, A.arc_length_mm),
}
CANAL = np.array([[[site.startswith(("dorsal-root", "ganglion"))] for site in A.sites]])
below = NormalDist().cdf
STRENGTHS_LN, FLOWS = np.linspace(log(0.05), log(12.0), 24), (0.75, 1.2)
OLD_DAY = 900.0
SURELY, LEAST_OPEN, LEAST_FLOW, LEAST_STRENGTH, LEAST_CUT = 0.999, 0.02, 0.08, 1e-6, 1e-3


def one_page(covariates: dict[str, float], latents: dict[str, Floats], day: float) -> dict[str, Any]:
    """Return the story of one patient up to a day [d], without care: quantities by name as in the stations.

    `covariates` has the fields of `Person`, everything known, and diabetes decides between the two forms of
    the disease; `latents` has every block of standard normals, as `latents.place_of` cuts them.
    """
    diabetic = covariates["diabetes"] > 0.5
    s = Story(**covariates, z=latents, day=day, cause=part("causes/dlrpn" if diabetic else "causes/lrpn"))
    glucose_wears_the_capillary_wall(s)
    an_immune_attack_shuts_capillaries(s, "seed_root_diabetic" if diabetic else "seed_root_other")
    fibres_go_short_of_oxygen(s)
    axons_are_cut_and_blocked(s)
    age_and_diabetes_took_long_fibres_before(s)
    muscles_are_reinnervated(s)
    muscles_pull(s)
    reflexes_answer(s)
    skin_feels(s)
    it_hurts(s)
    the_patient_walks(s)
    return vars(s)


def _lognormal(p: Part, name: str, z: float) -> float:
    """Return a lognormal quantity of the evidence for a standard normal."""
    return p.value(name) * exp(p.spread(name) * z)


def glucose_wears_the_capillary_wall(s: Story) -> None:
    """Wear in years at HbA1c 7 %: pericytes go, the membrane thickens, what is not cleared lies about."""
    p = part("vessels/glycaemia")
    sugar = exp(p.hazard_per_hba1c_percent * (s.hba1c_percent - p.reference_hba1c_percent))
    fats = (s.triglycerides_mg_dl / p.reference_triglycerides_mg_dl) ** p.triglyceride_exponent
    s.wear = sugar * fats if s.diabetes > 0.5 else 0.0
    s.worn_years = s.wear * (s.diabetes_years + max(s.day, 0.0) / 365.25)
    p, worn = part("vessels/wall"), s.wear * s.diabetes_years
    lost = 1.0 - exp(-p.pericyte_loss_per_year * worn)
    thicker = (p.membrane_limit - 1.0) * (1.0 - exp(-p.membrane_growth_per_year * worn))
    made = p.debris_made * s.wear * lost
    s.debris = made / (made + max(1.0 - lost, 1e-6))
    s.open_share = 1.0 - p.closing_per_pericyte * lost - p.closing_per_debris * s.debris
    s.lumen = 1.0 - p.narrowing_per_membrane * thicker
    s.uneven = p.unevenness_healthy + p.unevenness_per_pericyte * lost + p.unevenness_per_debris * s.debris


def an_immune_attack_shuts_capillaries(s: Story, seed: str) -> None:
    """It begins at a few roots of one side and goes on to neighbours and, in some, to the other side."""
    p, q, place = part("vessels/inflammation"), part("causes/radiculoplexus"), s.z["place"]
    centre = p.value(seed) + p.spread(seed) * place[0]
    width, per_root = _lognormal(p, "width_roots", place[1]), _lognormal(p, "spread_day_per_root", place[2])
    severity = _lognormal(s.cause, "severity", s.z["severity"][0]) * (1.0 + q.debris_feeds_attack * s.debris)
    bilateral = below(-s.z["bilateral"][0]) < s.cause.bilateral_share
    other = bilateral * min(_lognormal(s.cause, "other_side_ratio", s.z["other_delay"][0]), 1.2)
    delay = _lognormal(s.cause, "other_delay_day", place[3])
    s.vessels_shut, s.symptom_day = np.zeros((2, len(A.sites))), np.zeros((2, len(A.sites)))
    for side, site in np.ndindex(s.vessels_shut.shape):
        first = (s.z["side"][0] > 0.0) == bool(side)
        hit, roots = _susceptible(A.sites[site], s.z["spread"])
        near = [exp(-0.5 * ((root - centre) / width) ** 2) for root in roots] or [0.0]
        away = [abs(root - centre) for root in roots] or [0.0]
        hit *= exp(p.patchiness_ln * s.z["site"][side * len(A.sites) + site] - 0.5 * p.patchiness_ln**2)
        hit *= severity * (1.0 if first else other) * sum(near) / len(near)
        s.vessels_shut[side, site] = 1.0 - exp(-hit)
        s.symptom_day[side, site] = per_root * sum(away) / len(away) + (0.0 if first else delay)
    s.span_day = max(_lognormal(p, "span_day", s.z["progression"][0]), 0.5)
    s.start_day = s.symptom_day - p.silent_spans * s.span_day
    affected = [bool(_susceptible(site, s.z["spread"])[1]) for site in A.sites]
    s.pain_start_day = s.symptom_day[:, affected].min(axis=1)
    s.again_day = q.relapse_first_day + (q.relapse_last_day - q.relapse_first_day) * below(s.z["relapse"][1])
    s.again_ratio = q.relapse_ratio if below(-s.z["relapse"][0]) < s.cause.relapse_share else 0.0


def _susceptible(site: str, spread: Floats) -> tuple[float, list[int]]:
    """Return how hard the attack strikes this kind of site [-], and the roots whose attack it shares."""
    p, (kind, _, root) = part("vessels/inflammation"), site.rpartition("-")
    if kind in p.root_part_weights and root in ROOTS:
        return p.root_part_weights[kind] * _lognormal(p, "root_weight", spread[0]), [ROOTS.index(root)]
    roots = [ROOTS.index(root) for root in ROOTS_OF.get(site, "").split()]
    if A.site_parts[A.site(site)] == "plexus":
        return _lognormal(p, "plexus_weight", spread[1]), roots
    ratio = p.distal_nerve_ratio if site in DISTAL else 1.0
    return ratio * _lognormal(p, "nerve_weight", spread[2]), roots


def _oxygen_mmhg(s: Story, kept_ln: float, flow_weight: float) -> float:
    """Return oxygen where exp(`kept_ln`) of capillaries are left: supply against use, less the longer way."""
    p, even = part("vessels/oxygen"), part("vessels/wall").unevenness_healthy
    opened = max(s.open_share * exp(kept_ln), LEAST_OPEN)
    f, t = log(max(opened * s.lumen**2 * flow_weight, LEAST_FLOW)), -log(s.lumen * flow_weight)
    more = s.uneven - even + p.unevenness_per_lesion * (1.0 - opened / s.open_share)
    u = float(np.clip(more, 0.0, p.unevenness_most - even))
    term = {"level": 1.0, "flow": f, "transit": t, "uneven": u}
    term |= {"flow2": f**2, "transit2": t**2, "uneven2": u**2, "flow3": f**3}
    z = sum(c * prod(term[word] for word in name.split("-")) for name, c in p.oxygen_fit.items())
    supplied = p.healthy_mmhg * (1.0 + exp(-p.oxygen_fit["level"])) / (1.0 + exp(-z))
    use_s = p.oxygen_use_ml_100g_min / 100.0 * 1.05 / 60.0
    slope = use_s / (4.0 * p.diffusion_cm2_s * p.solubility_ml_ml_mmhg)
    vessel = (p.capillary_radius_um * 1e-4) ** 2
    now, healthy = (0.01 / (pi * p.capillaries_per_mm2 * share) for share in (opened, 1.0))
    drop, usual = (slope * (r2 * log(r2 / vessel) - r2 + vessel) for r2 in (now, healthy))
    return float(supplied - (drop - usual))


def fibres_go_short_of_oxygen(s: Story) -> None:
    """Hazards of cutting and block by site; the attack is uneven, so that some fascicles bear the brunt."""
    p, q = part("vessels/oxygen"), part("vessels/ischaemia")
    s.oxygen_mmhg, s.axon_loss, s.block = (np.zeros_like(s.vessels_shut) for _ in range(3))
    bears = 1.0 - p.diabetic_vulnerability * np.clip((s.hba1c_percent - 6.0) / 4.0, 0.0, 1.0)
    cutting, blocking = _edges(s, q.cut_dose * bears), _edges(s, q.block_dose)
    for side, site in np.ndindex(s.block.shape):
        flow = p.watershed_site_weights.get(A.sites[site], p.watershed_part_weights[A.site_parts[site]])
        kept_ln = log(max(1.0 - s.vessels_shut[side, site], 1.0 - 0.9999))
        s.oxygen_mmhg[side, site] = max(_oxygen_mmhg(s, kept_ln, flow), 0.0)
        blow = log(max(min(-kept_ln, -log(1.0 - SURELY)), LEAST_STRENGTH))
        cut, hurt = (
            sum(n * below((blow - mid - slope * log(flow)) / wide) for n, mid, slope, wide in edges)
            for edges in (cutting, blocking)
        )
        s.axon_loss[side, site] = -log(1.0 - SURELY * cut)
        s.block[side, site] = log((1.0 - SURELY * cut) / (1.0 - SURELY * max(cut, hurt)))


def _edges(s: Story, dose: float) -> list[tuple[float, float, float, float]]:
    """Return by zone its share, log attack that gives half of it this dose, slope on log flow, and spread."""
    p, critical, edges = part("vessels/ischaemia"), part("vessels/oxygen").critical_mmhg, []
    curves = np.array([[_oxygen_mmhg(s, -exp(x), flow) for x in STRENGTHS_LN] for flow in FLOWS])
    for zone, share in p.zone_share.items():
        outside, at = p.outside_mmhg * exp(-p.zone_depth_um[zone] / p.outside_reach_um), []
        for by in (-1.0, 0.0, 1.0):
            want = sqrt(dose * exp(by * p.threshold_sd_ln) * p.injury_hours / p.repair_hours)
            at.append([np.interp(outside - critical * (1.0 - want), -c, STRENGTHS_LN) for c in curves])
        slope = (at[1][1] - at[1][0]) / log(FLOWS[1] / FLOWS[0])
        wide = sqrt(p.fascicle_spread_ln**2 + (0.5 * (np.mean(at[2]) - np.mean(at[0]))) ** 2)
        middle = at[1][0] - slope * log(FLOWS[0]) + 0.5 * p.fascicle_spread_ln**2
        edges.append((share, middle, slope, wide))
    return edges


def _damage(since_day: float, span_day: float) -> float:
    """Return the share of its damage that one wave has done; it begins at half of its height [0..1]."""
    p, begins = part("vessels/immunity_shapes"), part("vessels/immunity").damage_begins
    u = min(max(since_day / span_day, 0.0), 1.0)
    lesion = u**2 * (3.0 - 2.0 * u + (1.0 - u) ** 2 * (p.lesion_early + p.lesion_late * u))
    return float(max(0.0, (lesion - begins) / (1.0 - begins)) ** 2)


def axons_are_cut_and_blocked(s: Story) -> None:
    """What is cut when: cohorts by age, for each side; block clears, and comes again with a relapse."""
    ago, held = (np.array(rows) for rows in zip(*(_cohort_limits(s, side) for side in BOTH), strict=True))
    low, high = (np.clip(ends, held[:, :1], held[:, 1:]) for ends in (ago[:, :-1], ago[:, 1:]))
    s.ages_day = np.hstack([np.sqrt((low + 0.5) * high), np.maximum(ago[:, -1:], OLD_DAY)])
    s.cut, s.blocked = np.zeros((2, len(A.sites), ago.shape[1])), np.zeros_like(s.block)
    for side, site in np.ndindex(s.block.shape):
        for ratio, later in ((1.0, 0.0), (s.again_ratio, s.again_day)):
            since = s.day - s.start_day[side, site] - later
            done = ratio * np.array([_damage(since - age, s.span_day) for age in ago[side]])
            s.cut[side, site] += s.axon_loss[side, site] * done
            cleared = exp(-max(since - s.span_day, 0.0) / part("causes/baseline").block_recovery_day)
            s.blocked[side, site] += s.block[side, site] * done[0] * cleared


def _cohort_limits(s: Story, side: int) -> tuple[list[float], tuple[float, float]]:
    """Return ages at which cohorts begin, by the Wallerian clock and then the time of cutting, and the ages
    of the youngest and the oldest axon cut.
    """
    p = part("fibres/degeneration")
    pace = exp(p.spread("motor_response_lost_day") * s.z["wallerian"][0])
    limits = [0.0, p.motor_response_lost_day * pace, p.nerve_response_lost_day * pace]
    starts = s.start_day[side][s.axon_loss[side] > LEAST_CUT].tolist() or [0.0]
    first, last, hurts = (s.day - at for at in (min(starts), max(starts) + s.span_day, max(min(starts), 0.0)))
    relapsed = s.again_ratio > 0.0 and hurts > s.again_day
    for later, count, begun in ((s.again_day, 4, hurts), (0.0, 3, first)) if relapsed else ((0.0, 7, first),):
        youngest = max(last - later, limits[-1])
        limits += np.geomspace(youngest, max(begun - later, youngest), count).tolist()
    oldest = max(first, 0.0)
    return limits, (min(max(last - (s.again_day if relapsed else 0.0), 0.0), oldest), oldest)


def age_and_diabetes_took_long_fibres_before(s: Story) -> None:
    """A hazard of the longest fibres, falling with a power of length."""
    p, later = part("fibres/injury"), max(s.day, 0.0) / 365.25
    years, worn = (x / p.background_half_year for x in (s.diabetes_years + later, s.worn_years))
    grown = p.background_start + (1.0 - p.background_start) * worn / (1.0 + 0.5 * years)
    diabetic = s.diabetes * _lognormal(p, "background_hazard", s.z["background"][0]) * grown
    by_age = _lognormal(p, "age_hazard_per_decade", s.z["background"][0])
    decades = max(s.age_years + later - 60.0, 0.0) / 10.0
    s.old = min(diabetic + by_age * decades**p.age_power, 5.0)
    s.old_power = _lognormal(p, "background_power", s.z["background_slope"][0])


def _paths_of(s: Story, kind: str, side: int) -> tuple[Floats, Floats]:
    """Return the share of each path, by type of plexus, and the hazard by which it was lost before, (P,)."""
    _, share, _, _, length_mm = PATHS[kind]
    early, late = (1.0 / (1.0 + exp((1.1 - x * s.z["plexus_type"][side]) / 0.15)) for x in (-1.0, 1.0))
    long = (length_mm / 1150.0 * s.height_cm / 170.0) ** s.old_power
    return np.array([early, 1.0 - early - late, late]) @ share, s.old * long


def _axons_left(s: Story, kind: str, hazard: Floats, before: bool = True) -> Floats:
    """Return axons left (2, K, targets) under hazards (2, S, K), which add up along every path [0..1]."""
    target, _, passed, _, _ = PATHS[kind]
    left = np.zeros((2, hazard.shape[2], max(target) + 1))
    for side in BOTH:
        share, old = _paths_of(s, kind, side)
        for path, t in enumerate(target):
            left[side, :, t] += share[path] * np.exp(-(passed[:, path] @ hazard[side]) - before * old[path])
    return left


def _stump_mm(s: Story, kind: str, ratio: float = 1.0) -> Floats:
    """Return the mean way from cut to target (2, targets) [mm]; old loss lies a quarter of the fibre away."""
    target, (_, share, _), passed, distance_mm, length_mm = PATHS[kind]
    stumps, mean_mm = [], np.bincount(target, share * length_mm)
    for side in BOTH:
        (_, old), cut = _paths_of(s, kind, side), ratio * s.cut[side, :, 0]
        way = share * (cut @ (passed * distance_mm) + 0.25 * mean_mm[target] * old)
        weight = np.bincount(target, share * (cut @ passed + old))
        stumps.append(np.bincount(target, way) / np.maximum(weight, 1e-6))
    return np.array(stumps)


def _grown_back(s: Story, ages_day: Floats, cut: Floats, stump: float) -> Floats:
    """Return which axons of each cohort have arrived, (K,); what went before the illness stays away."""
    p, luck = part("fibres/regrowth"), s.z["regrowth_success"][0]
    rate = p.rate_mm_per_day + p.spread("rate_mm_per_day") * np.clip(s.z["regrowth_rate"][0], -3.0, 3.0)
    needed = p.lag_day + stump / rate
    able = min(part("causes/radiculoplexus").regrowth_success * exp(p.success_sd_ln * luck), 0.98)
    able *= p.stump_floor + (1.0 - p.stump_floor) * exp(-needed / p.stump_time_constant_day)
    able *= exp(-needed / p.success_time_constant_day - (needed / p.end_plate_day) ** p.end_plate_power)
    arrived = [below(log(max(age, 0.1) / needed) / p.arrival_spread) for age in ages_day[:-1]]
    return np.asarray(cut * able * np.array([*arrived, 0.0]))


def muscles_are_reinnervated(s: Story) -> None:
    """Axons grow back, and survivors sprout into the muscle fibres that wait, as far as they can."""
    p, matures = part("fibres/sprouting"), part("fibres/regrowth").maturation_day
    s.motor_surviving, stump = _axons_left(s, "motor", s.cut), _stump_mm(s, "motor")
    s.conducting = _axons_left(s, "motor", s.cut[:, :, :1] + s.blocked[:, :, None])[:, 0]
    s.axons, s.adopted = np.zeros_like(s.conducting), np.zeros_like(s.conducting)
    ready = p.overlap * (1.0 - np.exp(-np.maximum(s.ages_day - p.lag_day, 0.0) / p.time_constant_day))
    most = max(_lognormal(p, "enlargement_limit", s.z["sprouting"][0]), 1.5) - 1.0
    for side, m in np.ndindex(s.axons.shape):
        left = s.motor_surviving[side, :, m]
        cut = np.diff(left, append=1.0)
        back = _grown_back(s, s.ages_day[side] - matures, cut, float(stump[side, m]))
        orphaned, room = cut - back, most * (left[0] + p.regrown_capacity * back.sum())
        s.axons[side, m] = left[0] + back.sum()
        s.conducting[side, m] += back.sum()
        s.adopted[side, m] = orphaned @ ready[side] * min(room / max(p.overlap * orphaned.sum(), 1e-6), 1.0)
    s.innervated = np.minimum(s.axons + s.adopted, 1.0)


def muscles_pull(s: Story) -> None:
    """Force is what is innervated, of that what conducts; grade 5 is lost long after the first fibres."""
    limits = part("bedside/strength").mrc_force_limits
    hand = part("bedside/strength").hand_power
    by_hand = [hand.get(name, 1.0) for name in A.muscles]
    s.force = (s.innervated * s.conducting / np.maximum(s.axons, 1e-6)) ** by_hand
    forces = [1e-4, *(limits[name] for name in ("1", "2", "3", "4-", "4", "4+", "5")), 1.0]
    grades = [0.0, 0.5, 1.5, 2.5, 3.5, 3.835, 4.165, 4.67, 5.4]
    s.movement_grade = np.interp(np.log(s.force @ A.movement_weights + 1e-12), np.log(forces), grades)


def reflexes_answer(s: Story) -> None:
    """A jerk needs both limbs of its loop; each halving takes off a step, and age the ankle jerk."""
    p, now = part("bedside/reflexes"), s.motor_surviving[:, 0]
    cut, block = s.cut[:, :, :1], s.blocked[:, :, None]
    whole = _axons_left(s, "arc", cut + block)[:, 0]
    may_return = _axons_left(s, "arc", cut * CANAL + block, before=False)[:, 0] - whole
    back = (s.axons - now) / np.maximum(1.0 - now, 1e-6)
    afferent = whole + may_return * (back @ A.arc_motor)
    efferent = np.minimum(s.conducting + s.adopted, 1.0) @ A.arc_motor
    s.reflex_grade = p.normal_grade + p.step_per_halving * np.log2(np.maximum(afferent * efferent, 1e-3))
    s.reflex_grade += p.personal_sd * s.z["reflex"][0]
    s.reflex_grade[:, A.reflex("ankle")] -= p.ankle_loss_per_decade * max(s.age_years - 50.0, 0.0) / 10.0
    s.reflex_grade = np.maximum(s.reflex_grade, -1.0)


def skin_feels(s: Story) -> None:
    """What was cut beyond the ganglion may grow back to the skin; what was cut before it is never felt."""
    ratio = _lognormal(s.cause, "sensory_share", s.z["sensory"][0])
    s.sensory_surviving, stump = _axons_left(s, "skin", ratio * s.cut), _stump_mm(s, "skin", ratio)
    s.sensory_conducting, by_nerve = np.zeros((2, len(A.skin_nerve))), np.zeros((2, len(A.skin_nerves)))
    for side in BOTH:
        cut, block, (share, old) = s.cut[side, :, 0], s.blocked[side], _paths_of(s, "skin", side)
        for path, nerve in enumerate(A.skin_nerve):
            left, beyond, central = s.sensory_surviving[side, :, nerve], BEYOND[:, path], CENTRAL[:, path]
            back = _grown_back(s, s.ages_day[side], np.diff(left, append=1.0), stump[side, nerve]).sum()
            whole = exp(-ratio * (beyond @ cut) - old[path])
            whole += (1.0 - whole) * back / max(1.0 - left[0], 1e-6)
            s.sensory_conducting[side, path] = whole * exp(
                -ratio * (central @ (cut + block) + beyond @ block)
            )
            by_nerve[side, nerve] += share[path] * s.sensory_conducting[side, path]
    s.nerve_feeling = -np.log(np.maximum(by_nerve, 0.02))


def _pain_drive(since_day: float, span_day: float) -> tuple[float, float]:
    """Return the drive of pain and how sensitive the cord is: it learns fast and forgets slowly [0..1]."""
    p, fade = part("bedside/pain"), part("causes/radiculoplexus").pain_fade_day
    steps = int(max(since_day, 0.0) / 0.05) + 1
    step, cord = max(since_day, 0.0) / steps, 0.0
    days = np.append((np.arange(steps) + 0.5) * step, steps * step)
    drive = 1.0 - np.exp(-np.minimum(days, span_day) / p.drive_rise_day)
    drive *= np.exp(-np.maximum(days - span_day, 0.0) / fade)
    for now in drive[:-1]:
        cord = now + (cord - now) * exp(-step / (p.central_rise_day if now > cord else p.central_decay_day))
    return float(drive[-1]), cord


def it_hurts(s: Story) -> None:
    """Fibres fire when freshly injured or driven; the cord remembers; the worst region sets the rating."""
    p, q = part("bedside/pain"), part("causes/radiculoplexus")
    gain = min(_lognormal(p, "central_gain", s.z["sensitisation"][0]), 1.0)
    fires = s.ages_day / p.ectopic_peak_day * np.exp(1.0 - s.ages_day / p.ectopic_peak_day)
    age = np.append(s.ages_day, np.linspace(0.0, 10.0 * p.central_decay_day, 4001))
    faster = (1.0 / p.ectopic_peak_day - 1.0 / p.central_decay_day) * age
    after = np.exp(-age / p.central_decay_day) * (1.0 - np.exp(-faster) * (1.0 + faster))
    felt = fires + gain * (after[: fires.size] / after.max()).reshape(fires.shape) * (1.0 - fires)
    livelier = p.ectopic_residue + (1.0 - p.ectopic_residue) * felt
    s.pain_level = np.zeros((2, len(A.regions)))
    for side, lively in enumerate(livelier):
        height, begin = q.pain_per_lesion * s.vessels_shut[side].max(), s.day - s.pain_start_day[side]
        first, again = (_pain_drive(day, s.span_day * q.pain_spans) for day in (begin, begin - s.again_day))
        drive, cord = np.minimum(np.array(first) + s.again_ratio * np.array(again), (1.5, 1.0))
        kept = 1.0 - p.drive_keeps**2 / ((height * drive) ** 2 + p.drive_keeps**2)
        left, block = s.motor_surviving[side].mean(axis=1), (s.axons - s.conducting)[side].mean()
        live = p.side_share * (np.diff(left, append=1.0) @ lively + block) + p.without_age
        lost = p.side_share * (1.0 - left[0] + block) + p.without_age
        skin = np.diff(s.sensory_surviving[side], axis=0, append=1.0)[:, A.skin_nerve] @ A.region_weights
        region = kept + (1.0 - kept) * np.clip((lively @ skin + live) / (skin.sum(axis=0) + lost), 0.0, 1.0)
        roots = kept + (1.0 - kept) * live / lost
        deep = 1.0 - np.exp(-(roots * s.cut[side, :, 0] + s.blocked[side]) @ A.region_site_weights)
        hurts = np.sqrt(np.maximum(region * (1.0 - s.sensory_conducting[side] @ A.region_weights), deep))
        s.pain_level[side] = p.per_injury * hurts + p.per_drive * height * (drive + gain * cord * (1 - drive))
    strong = (s.pain_level.max() * exp(p.rating_sd_ln * s.z["pain"][0]) / p.rating_half) ** p.rating_power
    s.pain_nrs = 10.0 * strong / (1.0 + strong)


def the_patient_walks(s: Story) -> None:
    """Points of the Neuropathy Impairment Score, and walking: what the worse leg lacks counts most."""
    p, q = part("bedside/scales"), part("bedside/walking")
    excused = float(s.age_years >= p.allowance_first_years) + float(s.age_years >= p.allowance_second_years)
    weak = np.interp(s.movement_grade, p.weakness_at, p.weakness_points)
    absent = np.interp(s.reflex_grade, p.reflex_at, p.reflex_points)
    absent[:, A.reflex("ankle")] = np.maximum(absent[:, A.reflex("ankle")] - excused, 0.0)
    legs, s.nis = [], 0.0
    for side in BOTH:
        for name, lack in zip(A.movements, weak[side], strict=True):
            s.nis += 0.0 if name in NOT_SCORED else 2.0 * lack if name in SCORED_TWICE else lack
        s.nis += sum(count * absent[side, A.reflex(name)] for name, count in SCORED_REFLEXES.items())
        for nerves in (("superficial-fibular", "medial-plantar"), ("median-digit-2",)):
            loss = np.mean([s.nerve_feeling[side, A.skin(name)] for name in nerves])
            s.nis += 4.0 * np.interp(loss, p.feeling_at, p.feeling_points)
        legs.append(np.mean([s.movement_grade[side, A.movement(name)] for name in CARRYING]))
    carried = q.worse_leg_share * min(legs) + (1.0 - q.worse_leg_share) * max(legs)
    s.walking_score = 2.0 + (carried - q.aid_below_grade) / q.grade_per_step
