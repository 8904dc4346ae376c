"""Passages: short texts that tell facts of one or two subjects, and the questions about them."""
