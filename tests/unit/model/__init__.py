"""Values, and what is computed of them alone."""
