"""After the tests, print how far Garland was from NEURON."""

from __future__ import annotations


def pytest_terminal_summary(terminalreporter):
    """Print the range of every recorded ratio, Garland over NEURON."""
    found: dict[str, list[float]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                found.setdefault(name, []).append(float(value))
    if found:
        terminalreporter.section("Garland over NEURON")
    for name, values in found.items():
        terminalreporter.line(f"{name}: {min(values):.3f} to {max(values):.3f} ({len(values)})")
