"""The model run forwards: person, disease, latents, treatment and day give what every test would show."""
