"""What runs inside the sandbox: it stands alone, so that nothing else of ours need be there.

The grader starts it as a top-level package from this folder; it imports no other part of ours.
"""
