"""The rules of the source tree, as functions from modules to complaints; tests/test_architecture.py runs them."""
