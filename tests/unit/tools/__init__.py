"""The adapters, their rows and their orders, on folders and histories of the test's own."""
