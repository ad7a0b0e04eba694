"""The real migration tools, installed from their own packages, as references for tests to agree with."""
