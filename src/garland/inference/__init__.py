"""The way back: from a real patient's findings to causes, lesions and the next test. It calls the forward path only."""
