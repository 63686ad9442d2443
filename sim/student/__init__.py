"""The student: before training, its forward pass, and its rows in coordinates."""
