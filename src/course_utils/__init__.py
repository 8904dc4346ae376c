"""The tools behind *Working with Hugging Face Transformers*, an executable course."""

__version__ = "0.1.0"
