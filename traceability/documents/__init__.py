"""What papers say: bytes in, a report with findings and declared facts out (nothing here knows a framework).

A report is evidence, not a verdict: each finding names its rule, the quoted characters, their place and the
cues that decided how the statement is meant. A document that could not be read is never free of findings.
"""
