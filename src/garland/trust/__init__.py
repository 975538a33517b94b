"""Whether inference deserves trust: virtual patients whose truth is known, and how often consults find it."""
