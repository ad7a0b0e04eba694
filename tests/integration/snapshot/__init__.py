"""Real dumps, restored onto a real server."""
