"""The signals themselves, fibre by fibre: what an amplifier would record from nerve and muscle."""
