"""Everything the user asked for, read once and checked before anything is touched.

`parse.load` is the door; `settings.Config` is what comes out; `schema.OPTIONS` declares every option once.
"""
