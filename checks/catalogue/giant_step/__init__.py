"""Claims of arXiv 2305.18270."""
