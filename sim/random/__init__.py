"""Random numbers: streams with addresses, words, normal and chi-squared numbers."""
