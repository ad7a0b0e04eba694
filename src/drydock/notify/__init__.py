"""Who hears of a run: one module per kind of reader. `interface.py` says what each of them promises."""
