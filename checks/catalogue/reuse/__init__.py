"""Claims on reused batches (arXiv 2402.03220)."""
