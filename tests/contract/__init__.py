"""One suite per interface, over every implementation."""
