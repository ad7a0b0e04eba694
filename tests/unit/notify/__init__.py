"""What is told, to whom, and that it fits: no network."""
