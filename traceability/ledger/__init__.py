"""Who said it: keys, JOSE signatures, the Merkle log in C2SP formats, receipts and their offline verification.

The room is pure: bytes and values in, bytes and values out. Rows, files and requests belong to storage and services.
"""
