"""The way back: from findings to causes, lesions and the next test; it calls the forward path only."""
