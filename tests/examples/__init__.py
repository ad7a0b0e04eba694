"""The examples, the release workflow and the Dockerfile, each under its own platform's rules."""
