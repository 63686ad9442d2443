"""Claims about the tools themselves: what must hold whatever the theory says."""
