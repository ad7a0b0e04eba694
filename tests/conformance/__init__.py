"""Drydock beside the real migration tools: each must understand what the other did."""
