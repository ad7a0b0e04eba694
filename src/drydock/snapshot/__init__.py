"""What a scratch is filled with: dumps, the target's schema, the migrations themselves."""
