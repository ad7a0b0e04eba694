"""The image as it is built, and run as each platform runs it."""
