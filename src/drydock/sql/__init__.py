"""What a SQL script is, before it is run: its text, its statements, and what each means for a transaction."""
