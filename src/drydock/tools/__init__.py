"""Migration tools: one module, one tool."""
