"""What one patient's nerve or muscle is like in one recording session: what the signals are made from.

Shares are those of the mean-field model and are kept exactly: signals are made of individual fibres and
units, but no fibre comes from nowhere. Amplitude, latency and velocity are what this laboratory would have
measured in this person in health, in this session; signals are calibrated to them, then struck by disease.
"""

from __future__ import annotations

from typing import NamedTuple


class SensoryState(NamedTuple):
    """One sensory nerve on one side.

    Attributes
    ----------
    study : str
        Name of the sensory study.
    distance_mm : float
        From cathode to active electrode [mm].
    amplitude_uv, velocity_m_s : float
        In health: baseline to negative peak [uV]; distance over onset latency [m/s].
    intact, regrown : float
        Share of the fibres never cut, and regrown: thin, slow and small [0..1]; together at most one.
    passed : float
        Share of these that conduct [0..1].
    slowing : float
        Relative rise of conduction time by demyelination [-]; fibres differ in it.
    fast : float
        Velocity of the survivors of a nerve that lost axons, relative to health [0..1].
    temperature_c : float
        Skin temperature [Cel]; amplitude and velocity in health are those at 34.
    """

    study: str
    distance_mm: float
    amplitude_uv: float
    velocity_m_s: float
    intact: float = 1.0
    regrown: float = 0.0
    passed: float = 1.0
    slowing: float = 0.0
    fast: float = 1.0
    temperature_c: float = 34.0


class MotorState(NamedTuple):
    """One motor nerve and its muscle on one side; points run from distal to proximal, shape (P,).

    Attributes
    ----------
    study, muscle : str
        Name of the motor study and of the muscle.
    distances_mm : tuple of float
        From the muscle to the first point, and from each point to the next [mm].
    amplitude_mv, latency_ms : float
        In health, from the distal point: baseline to negative peak [mV], onset [ms].
    velocities_m_s : tuple of float
        In health, of each stretch; the first is the velocity of the nerve itself up to the muscle [m/s].
    intact, regrown, adopted : float
        Share of muscle fibres answering through axons never cut, regrown axons, and sprouts [0..1]; together
        at most one.
    diseased : float
        Share of muscle fibres out of work from disease of muscle itself [0..1].
    passed : float
        Share of axons that pass the terminals [0..1].
    through : tuple of float
        Share of the axons answering at the distal point that also answer from each point [0..1]; 1 first.
    slowing : tuple of float
        Relative rise of conduction time over each stretch by demyelination [-]; the first is that of the
        distal latency.
    fast : float
        Velocity of the survivors relative to health [0..1].
    temperature_c : float
        Skin temperature [Cel].
    """

    study: str
    muscle: str
    distances_mm: tuple[float, ...]
    amplitude_mv: float
    latency_ms: float
    velocities_m_s: tuple[float, ...]
    intact: float = 1.0
    regrown: float = 0.0
    adopted: float = 0.0
    diseased: float = 0.0
    passed: float = 1.0
    through: tuple[float, ...] = (1.0,)
    slowing: tuple[float, ...] = (0.0,)
    fast: float = 1.0
    temperature_c: float = 34.0


class LateState(NamedTuple):
    """The way up to the cord and back, for an F wave or an H reflex.

    Attributes
    ----------
    f_latency_ms, h_latency_ms : float or None
        Shortest F latency of 20 stimuli, onset of the H reflex [ms]; None where there is none to find.
    excitability : float
        How surely the response is obtained, as a normal score with the session's chance inside [-]: above 0
        it is; 1.9 is a healthy leg.
    conducting : float
        Share of motor units that conduct all the way [0..1].
    slowing : float
        Relative rise of conduction time over the whole way [-].
    """

    f_latency_ms: float | None = None
    h_latency_ms: float | None = None
    excitability: float = 1.9
    conducting: float = 1.0
    slowing: float = 0.0


class NeedleState(NamedTuple):
    """One muscle under the needle.

    Attributes
    ----------
    muscle : str
        Name of the muscle.
    age_years : float
        Age [a].
    fibrillation : float
        Grade on the 0-4 scale, continuous; below 0.5 is none [-].
    lesion_age_day : float
        Mean age of the denervation: old fibrillations are small [d].
    fasciculations, myokymia, complex_repetitive : bool
        Whether they are there to be found.
    amplitude_ln, duration_ln : float
        Log of mean MUAP amplitude and duration relative to a healthy muscle of this age [-].
    polyphasic : bool
        Whether polyphasic units are increased.
    early : bool
        Whether recruitment is early: many small units for little force.
    recruitment_log2 : float
        Binary logarithm of the share of motor units that can be called on; 0 in health [-].
    young : float
        Share of muscle fibres reinnervated in the last months: jitter, satellites [0..1].
    diseased : float
        Share of muscle fibres out of work from disease of muscle itself [0..1].
    central : float
        Share of effort that reaches the motor neurons: 1 unless pain or the brain holds it back [0..1].
    """

    muscle: str
    age_years: float = 50.0
    fibrillation: float = -0.8
    lesion_age_day: float = 60.0
    fasciculations: bool = False
    myokymia: bool = False
    complex_repetitive: bool = False
    amplitude_ln: float = 0.0
    duration_ln: float = 0.0
    polyphasic: bool = False
    early: bool = False
    recruitment_log2: float = 0.0
    young: float = 0.0
    diseased: float = 0.0
    central: float = 1.0
